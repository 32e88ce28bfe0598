"""An existing role: others' as well, so only this identity's statement in it is ours to keep."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from rolesanywhere.api import names
from rolesanywhere.api.conditions import Reason
from rolesanywhere.api.profile import ExistingRole
from rolesanywhere.domain import admission, identity_terms, role_plan, trust_policy
from rolesanywhere.domain.conditions import Finding
from rolesanywhere.domain.observed import PolicyDocument, RoleRecord
from rolesanywhere.domain.trouble import Refusal, Trouble
from rolesanywhere.reconcile import trust_news
from rolesanywhere.reconcile.aws_ports import Iam
from rolesanywhere.reconcile.identity import Case
from rolesanywhere.reconcile.resource import WorkloadIdentity
from rolesanywhere.reconcile.world import World

NOBODY: Final[Mapping[str, Any]] = {  # IAM keeps no empty policy; no request meets this one
    "Sid": "RolesAnywhereNobody",
    "Effect": "Allow",
    "Principal": {"Service": names.ROLES_ANYWHERE_PRINCIPAL},
    "Action": list(trust_policy.ACTIONS),
    "Condition": {"StringEquals": {"aws:SourceArn": "nobody"}},
}
_TOO_LONG: Final = "LimitExceeded"  # IAM's code for a trust policy beyond its quota


def ensure(case: Case, role_arn: str, world: World) -> tuple[str, Finding | None]:
    """Keep the identity's statement, where the Profile says so; give the role, and what changed."""
    rule = admission.existing_role_rule(case.profile.name, case.profile.spec, role_arn)
    iam = world.aws.iam()
    observed = _require_role(role_arn, iam)
    identity_terms.check_session_duration(
        observed.name,
        observed.max_session_duration_seconds,
        case.profile.name,
        case.profile.spec.session_duration,
    )
    return role_arn, _keep_statement(case, rule, observed, iam, world)


def remove_statement(name: str, identity: WorkloadIdentity, world: World) -> None:
    """Take the identity's statement out of a role that is not its own."""
    iam = world.aws.iam()
    sid = world.settings.who(identity).sid
    observed = iam.role_trust(name)
    if observed is None or role_plan.is_ours(observed, identity.tags(world.settings.cluster_id)):
        return

    def without(policy: PolicyDocument) -> PolicyDocument:
        if not trust_policy.has_statement(policy, sid):
            return policy
        return trust_policy.without_statement(policy, sid) or trust_policy.document([NOBODY])

    if trust_policy.has_statement(observed.trust_policy, sid):
        _rewrite(name, without, iam, world)


def name_of(role_arn: str) -> str:
    """Give a role's name out of its ARN, whose path it leaves behind."""
    return role_arn.rpartition("/")[2]


def _require_role(role_arn: str, iam: Iam) -> RoleRecord:
    name = name_of(role_arn)
    observed = iam.role_trust(name)
    if observed is None:
        raise Trouble(
            Reason.ROLE_NOT_FOUND,
            f"there is no role {role_arn}: create it, or name another in spec.role.arn",
        )
    if observed.arn != role_arn:
        raise Refusal(
            Reason.ROLE_NOT_FOUND,
            f"role {name} is {observed.arn}, not {role_arn}: correct spec.role.arn",
        )
    if observed.tags.get(names.TAG_MANAGED_BY) == names.MANAGER:
        raise Refusal(
            Reason.ROLE_NOT_ALLOWED,
            f"role {name} is managed for {observed.tags.get(names.TAG_OWNER, 'another object')}, "
            f"which alone decides its trust policy: name another, or take the tag "
            f"{names.TAG_MANAGED_BY} off a role that was retained",
        )
    return observed


def _keep_statement(
    case: Case, rule: ExistingRole, observed: RoleRecord, iam: Iam, world: World
) -> Finding | None:
    """Keep this identity's statement in a role that other statements may be in as well."""
    if not rule.manage_trust_policy:
        return None
    statement = trust_policy.statement(world.settings.who(case.identity).sid, case.terms.trust)

    def wanted(policy: PolicyDocument) -> PolicyDocument:
        return trust_policy.with_statement(_open(policy), statement)

    if trust_policy.same(wanted(observed.trust_policy), observed.trust_policy):
        return None
    changed = trust_news.changed_by_someone(case, observed)
    if changed is None:
        _rewrite(observed.name, wanted, iam, world)
    return changed


def _open(policy: PolicyDocument) -> PolicyDocument:
    """Give a policy without the statement that was left where nobody was to get in."""
    return trust_policy.without_statement(policy, NOBODY["Sid"]) or trust_policy.document([])


def _rewrite(
    name: str,
    wanted: Callable[[PolicyDocument], PolicyDocument],
    iam: Iam,
    world: World,
) -> None:
    """Read, change and write a shared trust policy, one identity at a time."""
    with world.locks.holding(f"role {name}"):
        fresh = iam.fresh_trust(name)
        if fresh is None:
            return
        policy = wanted(fresh.trust_policy)
        if trust_policy.same(policy, fresh.trust_policy):
            return
        try:
            iam.set_trust_policy(name, policy, replacing=fresh.trust_policy)
        except Trouble as trouble:
            raise _with_advice(trouble, name) from trouble


def _with_advice(trouble: Trouble, name: str) -> Trouble:
    if _TOO_LONG not in trouble.message:
        return trouble
    return Trouble(
        trouble.reason,
        f"{trouble.message}. Each identity adds a statement to the trust policy of role {name}, "
        "and it is full: give identities managed roles, spread them over several roles, or have "
        "IAM's quota for the length of trust policies raised",
    )
