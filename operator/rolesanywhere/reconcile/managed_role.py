"""A managed role: created within the Profile's bounds, and kept exactly so."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from rolesanywhere.api.conditions import ConditionType
from rolesanywhere.api.workload_identity import ManagedRole
from rolesanywhere.domain import admission, conditions, identity_terms, role_plan
from rolesanywhere.domain.conditions import Finding
from rolesanywhere.domain.observed import RoleRecord, RoleSettings
from rolesanywhere.domain.role_plan import RoleAction
from rolesanywhere.domain.trouble import AlreadyExists
from rolesanywhere.reconcile import trust_news
from rolesanywhere.reconcile.aws_ports import Iam
from rolesanywhere.reconcile.identity import Case
from rolesanywhere.reconcile.world import World

READS: Final = "role"
_LOOKS_PER_READ: Final = 6  # a role is read with its policies at each sixth look: IAM is shared


def ensure(case: Case, wanted: ManagedRole, world: World) -> tuple[str, Finding | None]:
    """Have the role as it should be; give its ARN, and what somebody changed."""
    bounds = admission.check_managed_role(case.profile.name, case.profile.spec, wanted)
    desired = identity_terms.managed_role(
        world.settings.who(case.identity),
        wanted,
        bounds,
        case.terms.trust,
        case.identity.tags(world.settings.cluster_id),
    )
    identity_terms.check_session_duration(
        desired.name,
        desired.max_session_duration_seconds,
        case.profile.name,
        case.profile.spec.session_duration,
    )
    return _bring_in_line(case, desired, world)


def _bring_in_line(case: Case, desired: RoleSettings, world: World) -> tuple[str, Finding | None]:
    iam = world.aws.iam()
    observed = _observe(case, desired, world) or _create(desired, iam)
    role_plan.check_ownership(desired, observed)
    if not role_plan.is_ours(observed, dict(desired.tags)):  # of an object of this name before
        iam.tag_role(desired.name, desired.tags)
    actions = role_plan.plan(desired, observed)
    if any(isinstance(each, role_plan.SetTrustPolicy) for each in actions):
        changed = trust_news.changed_by_someone(case, observed)
        if changed is not None:
            return observed.arn, changed
    for action in actions:
        _perform(action, observed, iam)
    return observed.arn, None


def _observe(case: Case, desired: RoleSettings, world: World) -> RoleRecord | None:
    """Read the role: with all that hangs on it, or, of a role that was well lately, less.

    What is not read is taken to be as it should be. GetRole alone gives trust policy, boundary,
    longest session and tags in one call instead of three or more.
    """
    now, uid = world.clock.now(), case.identity.uid
    read_at = world.reads.get(READS, uid)
    every = timedelta(seconds=world.settings.resync_seconds * _LOOKS_PER_READ)
    if read_at is not None and now - read_at < every and _was_well(case):
        bare = world.aws.iam().role_trust(desired.name)
        if bare is not None:
            return replace(
                bare, policy_arns=desired.policy_arns, inline_policies=desired.inline_policies
            )
    world.reads.note(READS, uid, now)
    return world.aws.iam().role(desired.name)


def _was_well(case: Case) -> bool:
    last = conditions.find(case.identity.status.conditions, ConditionType.ROLE_READY)
    return (
        last is not None
        and last.observed_generation == case.identity.generation
        and conditions.is_true((last,), ConditionType.ROLE_READY)
    )


def _create(desired: RoleSettings, iam: Iam) -> RoleRecord:
    try:
        return iam.create_role(desired)
    except AlreadyExists:
        found = iam.role(desired.name)
        if found is None:  # IAM's answers lag behind its changes
            raise
        return found


def _perform(action: RoleAction, observed: RoleRecord, iam: Iam) -> None:
    """Do one thing to a role."""
    role = observed.name
    match action:
        case role_plan.SetTrustPolicy(policy):
            iam.set_trust_policy(role, policy, replacing=observed.trust_policy)
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
        case removal:  # the one kind left, as the types say
            iam.delete_inline_policy(role, removal.name)
