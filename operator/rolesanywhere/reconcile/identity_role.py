"""An identity's role: the one its spec chooses, and no other that it had before."""

from rolesanywhere.api.conditions import ConditionType
from rolesanywhere.api.trust_anchor import DeletionPolicy
from rolesanywhere.domain import identity_terms, role_plan
from rolesanywhere.domain.conditions import Finding, holds
from rolesanywhere.reconcile import existing_role, managed_role, remote_profile, trust_news
from rolesanywhere.reconcile.draft import IdentityDraft
from rolesanywhere.reconcile.existing_role import name_of
from rolesanywhere.reconcile.identity import Case
from rolesanywhere.reconcile.resource import WorkloadIdentity
from rolesanywhere.reconcile.world import World


def ensure(case: Case, world: World) -> Finding:
    """Have the role, its trust policy and its place on the profile's list."""
    wanted = case.identity.spec.role.managed
    if wanted is not None:
        role_arn, changed = managed_role.ensure(case, wanted, world)
    else:
        role_arn, changed = existing_role.ensure(case, case.identity.spec.role.arn or "", world)
    case.draft.role_arn = role_arn
    record = remote_profile.require_role(case.profile, case.anchorage.region, role_arn, world)
    case.draft.profile_arn = record.arn
    return changed or holds(
        ConditionType.ROLE_READY,
        f"role {role_arn} admits this identity",
        trust_news.reason_when_well(case),
    )


def leave_previous(identity: WorkloadIdentity, draft: IdentityDraft, world: World) -> None:
    """Let go of a role the spec does not choose any more, whatever becomes of the new one."""
    role_arn = identity.status.role_arn
    who = world.settings.who(identity)
    if role_arn is None or identity_terms.is_role_of(who, identity.spec.role, role_arn):
        return
    _let_go(name_of(role_arn), identity, world)
    draft.role_arn = None


def withdraw(identity: WorkloadIdentity, world: World) -> None:
    """Shut an identity out that is not admitted any more: its statement leaves the role it had.

    A managed role stays, of no use to anyone: the Profile does not list it.
    """
    if identity.status.role_arn is not None:
        existing_role.remove_statement(name_of(identity.status.role_arn), identity, world)


def delete(identity: WorkloadIdentity, world: World) -> None:
    """Delete a managed role unless it is to be retained; leave any other without its statement."""
    choice = identity.spec.role
    names = {name_of(each) for each in (choice.arn, identity.status.role_arn) if each is not None}
    if choice.managed is not None:  # by its derived name: a status may never have been written
        names.add(identity_terms.role_name(world.settings.who(identity), choice.managed))
    for name in sorted(names):
        if identity.spec.deletion_policy is DeletionPolicy.RETAIN:
            existing_role.remove_statement(name, identity, world)
        else:
            _let_go(name, identity, world)


def _let_go(name: str, identity: WorkloadIdentity, world: World) -> None:
    """Delete a role that is this identity's own; leave any other without its statement."""
    iam = world.aws.iam()
    observed = iam.role_trust(name)
    mine = identity.tags(world.settings.cluster_id)
    if observed is not None and role_plan.is_ours(observed, mine):
        iam.delete_role(name)
    else:
        existing_role.remove_statement(name, identity, world)
