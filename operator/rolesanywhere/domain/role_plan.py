"""What to do so that a managed role is what it should be: desired against observed, as actions."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rolesanywhere.api import names
from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain import policy_documents
from rolesanywhere.domain.observed import PolicyDocument, RoleRecord, RoleSettings
from rolesanywhere.domain.trouble import Refusal

# The console's "Revoke active sessions": an emergency brake that nobody but its user lets go.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
REVOCATION: Final = "AWSRevokeOlderSessions"


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


def may_be_adopted(role: RoleRecord, tags: dict[str, str]) -> bool:
    """Tell whether a role was made for an object of the same kind, namespace and name before.

    Of these there is one at a time in a cluster: the other one is gone, its role was retained.
    """
    proof = (names.TAG_MANAGED_BY, names.TAG_CLUSTER, names.TAG_OWNER)
    return all(role.tags.get(key) == tags[key] for key in proof)


def check_ownership(desired: RoleSettings, observed: RoleRecord) -> None:
    """Refuse to touch a role that is neither this identity's nor its predecessor's.

    Its path may be another than the Profile asks for now: IAM cannot move a role.
    """
    tags = dict(desired.tags)
    if is_ours(observed, tags) or may_be_adopted(observed, tags):
        return
    owner = observed.tags.get(names.TAG_OWNER)
    raise Refusal(
        Reason.ROLE_NAME_TAKEN,
        f"role {desired.name} exists and belongs to {owner or 'someone else'}: choose another "
        "spec.role.managed.name, or name the role in spec.role.arn",
    )


def plan(desired: RoleSettings, observed: RoleRecord) -> tuple[RoleAction, ...]:
    """Give the actions that turn the observed role into the desired one; none when it is.

    Rights are narrowed before they are widened: a new boundary, removals, additions, a boundary
    taken away. The trust policy comes last, so nobody new gets in before the role is what it
    should be.
    """
    boundary = _boundary(desired, observed)
    narrows = desired.permissions_boundary_arn is not None
    return (
        *(boundary if narrows else ()),
        *_max_session(desired, observed),
        *_removals(desired, observed),
        *_additions(desired, observed),
        *(() if narrows else boundary),
        *_trust(desired, observed),
    )


def _boundary(desired: RoleSettings, observed: RoleRecord) -> tuple[RoleAction, ...]:
    wanted, held = desired.permissions_boundary_arn, observed.permissions_boundary_arn
    return () if _folded(wanted or "") == _folded(held or "") else (SetBoundary(wanted),)


def _max_session(desired: RoleSettings, observed: RoleRecord) -> tuple[RoleAction, ...]:
    wanted = desired.max_session_duration_seconds
    return () if wanted == observed.max_session_duration_seconds else (SetMaxSession(wanted),)


def _removals(desired: RoleSettings, observed: RoleRecord) -> tuple[RoleAction, ...]:
    names_gone = observed.inline_policies.keys() - desired.inline_policies.keys() - {REVOCATION}
    return (
        *map(DetachPolicy, _beyond(observed.policy_arns, desired.policy_arns)),
        *map(DeleteInlinePolicy, sorted(names_gone)),
    )


def _additions(desired: RoleSettings, observed: RoleRecord) -> tuple[RoleAction, ...]:
    return (
        *map(AttachPolicy, _beyond(desired.policy_arns, observed.policy_arns)),
        *(
            PutInlinePolicy(name, document)
            for name, document in sorted(desired.inline_policies.items())
            if not policy_documents.same(observed.inline_policies.get(name, {}), document)
        ),
    )


def _trust(desired: RoleSettings, observed: RoleRecord) -> tuple[RoleAction, ...]:
    if policy_documents.same(desired.trust_policy, observed.trust_policy):
        return ()
    return (SetTrustPolicy(desired.trust_policy),)


def _beyond(these: Iterable[str], those: Iterable[str]) -> list[str]:
    """Give the policies that are not among those.

    Names of policies "are not distinguished by case", so a policy attached under another spelling
    is attached: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    held = {_folded(arn) for arn in those}
    return sorted(arn for arn in these if _folded(arn) not in held)


def _folded(arn: str) -> str:
    return arn.lower()
