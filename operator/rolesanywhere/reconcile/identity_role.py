"""An identity's role: created within bounds, or an existing one whose trust policy is kept right.

A trust policy somebody changed is first said (one pass), then repaired (the next): people see what
happened and why their workload was refused in between.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from rolesanywhere.api.conditions import ConditionStatus, ConditionType, Reason
from rolesanywhere.api.names import ROLES_ANYWHERE_PRINCIPAL
from rolesanywhere.api.profile import ExistingRole
from rolesanywhere.api.trust_anchor import DeletionPolicy
from rolesanywhere.domain import admission, conditions, identity_terms, role_plan, trust_policy
from rolesanywhere.domain.conditions import Finding, fails, holds
from rolesanywhere.domain.observed import PolicyDocument, RoleRecord, RoleSettings
from rolesanywhere.domain.role_plan import RoleAction
from rolesanywhere.domain.trouble import AlreadyExists, Refusal, Trouble
from rolesanywhere.domain.trust_explanation import explain
from rolesanywhere.reconcile import identity as identities
from rolesanywhere.reconcile import remote_profile
from rolesanywhere.reconcile.identity import Case
from rolesanywhere.reconcile.ports import Iam
from rolesanywhere.reconcile.resource import WorkloadIdentity
from rolesanywhere.reconcile.world import World

NOBODY: Final[Mapping[str, Any]] = {  # IAM keeps no empty policy; this one admits no one
    "Sid": "RolesAnywhereNobody",
    "Effect": "Deny",
    "Principal": {"Service": ROLES_ANYWHERE_PRINCIPAL},
    "Action": list(trust_policy.ACTIONS),
}


def ensure(case: Case, world: World) -> Finding:
    """Have the role, its trust policy and its place on the profile's list."""
    wanted = case.identity.spec.role.managed
    if wanted is not None:
        bounds = admission.check_managed_role(case.profile.name, case.profile.spec, wanted)
        settings = identity_terms.managed_role(
            identities.who(case.identity, world),
            wanted,
            bounds,
            case.terms.trust,
            case.identity.tags(world.settings.cluster_id),
        )
        role_arn, changed = _managed(case, settings, world)
    else:
        role_arn, changed = _existing(case, case.identity.spec.role.arn or "", world)
    previous = case.identity.status.role_arn
    if previous is not None and previous != role_arn:
        _let_go(_name_of(previous), case.identity, world)
    case.draft.role_arn = role_arn
    record = remote_profile.require_role(case.profile, case.anchorage.region, role_arn, world)
    case.draft.profile_arn = record.arn
    return changed or holds(
        ConditionType.ROLE_READY, f"role {role_arn} admits this identity", _reason_when_well(case)
    )


def delete(identity: WorkloadIdentity, world: World) -> None:
    """Delete a managed role, or take the identity's statement out of an existing one."""
    if identity.spec.deletion_policy is DeletionPolicy.RETAIN:
        return
    choice = identity.spec.role
    names = {choice.arn, identity.status.role_arn} - {None}
    if choice.managed is not None:  # by its derived name: a status may never have been written
        names.add(identity_terms.role_name(identities.who(identity, world), choice.managed))
    for name in sorted(_name_of(each or "") for each in names):
        _let_go(name, identity, world)


def withdraw(identity: WorkloadIdentity, world: World) -> None:
    """Shut an identity out that is not admitted any more: its statement leaves the role it had.

    A managed role stays, of no use to anyone: the Profile does not list it.
    """
    role_arn = identity.status.role_arn
    if role_arn is not None:
        _remove_statement(_name_of(role_arn), identity, world)


def _managed(case: Case, desired: RoleSettings, world: World) -> tuple[str, Finding | None]:
    iam = world.aws.iam()
    identity_terms.check_session_duration(
        desired.name,
        desired.max_session_duration_seconds,
        case.profile.name,
        case.profile.spec.session_duration,
    )
    observed = iam.role(desired.name) or _create(desired, iam)
    role_plan.check_ownership(desired, observed)
    actions = role_plan.plan(desired, observed)
    edited = [each for each in actions if isinstance(each, role_plan.SetTrustPolicy)]
    if edited and _is_news(case, observed.arn):
        return observed.arn, _changed_by_someone(case, observed)
    for action in actions:
        perform(action, desired.name, iam)
    return observed.arn, None


def _create(desired: RoleSettings, iam: Iam) -> RoleRecord:
    try:
        return iam.create_role(desired)
    except AlreadyExists:
        found = iam.role(desired.name)
        if found is None:  # IAM's answers lag behind its changes
            raise
        return found


def perform(action: RoleAction, role: str, iam: Iam) -> None:
    """Do one thing to a role."""
    match action:
        case role_plan.SetTrustPolicy(policy):
            iam.set_trust_policy(role, policy)
        case role_plan.SetMaxSession(seconds):
            iam.update_role(role, max_session_duration_seconds=seconds)
        case role_plan.SetBoundary(policy_arn):
            iam.set_boundary(role, policy_arn)
        case role_plan.AttachPolicy(policy_arn):
            iam.attach_policy(role, policy_arn)
        case role_plan.DetachPolicy(policy_arn):
            iam.detach_policy(role, policy_arn)
        case role_plan.PutInlinePolicy(name, document):
            iam.put_inline_policy(role, name, document)
        case role_plan.DeleteInlinePolicy(name):
            iam.delete_inline_policy(role, name)


def _existing(case: Case, role_arn: str, world: World) -> tuple[str, Finding | None]:
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


def _require_role(role_arn: str, iam: Iam) -> RoleRecord:
    name = _name_of(role_arn)
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
    return observed


def _keep_statement(
    case: Case, rule: ExistingRole, observed: RoleRecord, iam: Iam, world: World
) -> Finding | None:
    """Keep this identity's statement in a role that other statements may be in as well."""
    if not rule.manage_trust_policy:
        return None
    sid = identities.who(case.identity, world).sid
    statement = trust_policy.statement(sid, case.terms.trust)

    def wanted(policy: PolicyDocument) -> PolicyDocument:
        return trust_policy.with_statement(_open(policy), statement)

    if trust_policy.same(wanted(observed.trust_policy), observed.trust_policy):
        return None
    if _is_news(case, observed.arn):
        return _changed_by_someone(case, observed)
    _rewrite_trust(observed.name, wanted, iam, world)
    return None


def _open(policy: PolicyDocument) -> PolicyDocument:
    """Give a policy without the statement that was left where nobody was to get in."""
    return trust_policy.without_statement(policy, NOBODY["Sid"]) or trust_policy.document([])


def _rewrite_trust(
    name: str,
    wanted: Callable[[PolicyDocument], PolicyDocument],
    iam: Iam,
    world: World,
) -> None:
    """Read, change and write a shared trust policy, one identity at a time."""
    with world.locks.holding(f"role {name}"):
        fresh = iam.role(name)
        if fresh is None:
            return
        policy = wanted(fresh.trust_policy)
        if not trust_policy.same(policy, fresh.trust_policy):
            iam.set_trust_policy(name, policy)


def _let_go(name: str, identity: WorkloadIdentity, world: World) -> None:
    """Delete a role that is this identity's own; leave any other without its statement."""
    iam = world.aws.iam()
    observed = iam.role_trust(name)
    if observed is not None and role_plan.is_ours(
        observed, identity.tags(world.settings.cluster_id)
    ):
        iam.delete_role(name)
    else:
        _remove_statement(name, identity, world)


def _remove_statement(name: str, identity: WorkloadIdentity, world: World) -> None:
    """Take the identity's statement out of a role that is not its own."""
    iam = world.aws.iam()
    sid = identities.who(identity, world).sid
    observed = iam.role_trust(name)
    if observed is None or role_plan.is_ours(observed, identity.tags(world.settings.cluster_id)):
        return

    def without(policy: PolicyDocument) -> PolicyDocument:
        if not trust_policy.has_statement(policy, sid):
            return policy
        return trust_policy.without_statement(policy, sid) or trust_policy.document([NOBODY])

    if trust_policy.has_statement(observed.trust_policy, sid):
        _rewrite_trust(name, without, iam, world)


def _name_of(role_arn: str) -> str:
    return role_arn.rpartition("/")[2]


def _is_news(case: Case, role_arn: str) -> bool:
    """Tell whether the last pass left this very role right: then somebody changed it since."""
    status = case.identity.status
    last = conditions.find(status.conditions, ConditionType.ROLE_READY)
    return (
        last is not None
        and last.status is ConditionStatus.TRUE
        and last.observed_generation == case.identity.generation
        and status.role_arn == role_arn
    )


def _changed_by_someone(case: Case, observed: RoleRecord) -> Finding:
    return fails(
        ConditionType.ROLE_READY,
        Reason.TRUST_POLICY_CHANGED,
        f"the trust policy of role {observed.name} is not what {case.path} needs: "
        f"{explain(observed.trust_policy, case.terms.trust)}; it is being repaired",
    )


def _reason_when_well(case: Case) -> Reason:
    last = conditions.find(case.identity.status.conditions, ConditionType.ROLE_READY)
    repaired = last is not None and last.reason is Reason.TRUST_POLICY_CHANGED
    return Reason.TRUST_POLICY_REPAIRED if repaired else Reason.READY
