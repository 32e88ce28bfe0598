"""What to do so that a managed role is what it should be: desired against observed, as actions."""

from dataclasses import dataclass

from rolesanywhere.api import names
from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain import trust_policy
from rolesanywhere.domain.observed import PolicyDocument, RoleRecord, RoleSettings
from rolesanywhere.domain.trouble import Refusal


@dataclass(frozen=True, slots=True)
class SetTrustPolicy:
    """Replace the trust policy."""

    policy: PolicyDocument


@dataclass(frozen=True, slots=True)
class SetMaxSession:
    """Change the longest session."""

    seconds: int


@dataclass(frozen=True, slots=True)
class SetBoundary:
    """Put or take away (None) the permissions boundary."""

    policy_arn: str | None


@dataclass(frozen=True, slots=True)
class AttachPolicy:
    """Attach a managed policy."""

    policy_arn: str


@dataclass(frozen=True, slots=True)
class DetachPolicy:
    """Detach a managed policy."""

    policy_arn: str


@dataclass(frozen=True, slots=True)
class PutInlinePolicy:
    """Write an inline policy."""

    name: str
    document: PolicyDocument


@dataclass(frozen=True, slots=True)
class DeleteInlinePolicy:
    """Delete an inline policy."""

    name: str


RoleAction = (
    SetTrustPolicy
    | SetMaxSession
    | SetBoundary
    | AttachPolicy
    | DetachPolicy
    | PutInlinePolicy
    | DeleteInlinePolicy
)


def is_ours(role: RoleRecord, tags: dict[str, str]) -> bool:
    """Tell whether a role carries this cluster's and this owner's tags."""
    proof = (names.TAG_CLUSTER, names.TAG_OWNER_UID)
    return all(role.tags.get(key) == tags[key] for key in proof)


def check_ownership(desired: RoleSettings, observed: RoleRecord) -> None:
    """Refuse to touch a role that is not this identity's, or that lies at another path."""
    if not is_ours(observed, dict(desired.tags)):
        owner = observed.tags.get(names.TAG_OWNER)
        raise Refusal(
            Reason.ROLE_NAME_TAKEN,
            f"role {desired.name} exists and belongs to {owner or 'someone else'}: choose another "
            "spec.role.managed.name, or name the role in spec.role.arn",
        )
    if observed.path != desired.path:
        raise Refusal(
            Reason.INVALID_SPEC,
            f"role {desired.name} is at path {observed.path} and IAM cannot move it to "
            f"{desired.path}: choose another spec.role.managed.name",
        )


def plan(desired: RoleSettings, observed: RoleRecord) -> tuple[RoleAction, ...]:
    """Give the actions that turn the observed role into the desired one; none when it is.

    Rights are narrowed before they are widened: boundary, removals, then additions; the trust
    policy comes last, so nobody gets in before the role is what it should be.
    """
    return (*_bounds(desired, observed), *_policies(desired, observed), *_trust(desired, observed))


def _bounds(desired: RoleSettings, observed: RoleRecord) -> tuple[RoleAction, ...]:
    actions: list[RoleAction] = []
    if desired.permissions_boundary_arn != observed.permissions_boundary_arn:
        actions.append(SetBoundary(desired.permissions_boundary_arn))
    if desired.max_session_duration_seconds != observed.max_session_duration_seconds:
        actions.append(SetMaxSession(desired.max_session_duration_seconds))
    return tuple(actions)


def _policies(desired: RoleSettings, observed: RoleRecord) -> tuple[RoleAction, ...]:
    return (
        *(DetachPolicy(arn) for arn in sorted(observed.policy_arns - desired.policy_arns)),
        *(
            DeleteInlinePolicy(name)
            for name in sorted(observed.inline_policies.keys() - desired.inline_policies.keys())
        ),
        *(AttachPolicy(arn) for arn in sorted(desired.policy_arns - observed.policy_arns)),
        *(
            PutInlinePolicy(name, document)
            for name, document in sorted(desired.inline_policies.items())
            if observed.inline_policies.get(name) != document
        ),
    )


def _trust(desired: RoleSettings, observed: RoleRecord) -> tuple[RoleAction, ...]:
    if trust_policy.same(desired.trust_policy, observed.trust_policy):
        return ()
    return (SetTrustPolicy(desired.trust_policy),)
