"""Which identities a Profile admits now, and which roles it therefore lists."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Final

from rolesanywhere.domain import admission
from rolesanywhere.domain.identity_terms import is_role_of
from rolesanywhere.domain.trouble import NotFound, Refusal
from rolesanywhere.reconcile import resource
from rolesanywhere.reconcile.resource import Profile, WorkloadIdentity
from rolesanywhere.reconcile.world import World

# How long a role counts that an identity has, and whose status the watch has not shown yet.
JOINING: Final = timedelta(seconds=60)


def require_admitted(profile: Profile, identity: WorkloadIdentity, world: World) -> None:
    """Refuse what the Profile does not allow: the namespace, or the role."""
    namespace = identity.namespace or ""
    allowed = profile.spec.allowed_namespaces
    by_label = allowed.selector is not None and namespace not in allowed.names
    labels = world.namespaces.labels(namespace) if by_label else {}
    admission.check_namespace(profile.name, profile.spec, namespace, labels)
    role = identity.spec.role
    if role.arn is not None:
        admission.existing_role_rule(profile.name, profile.spec, role.arn)
    if role.managed is not None:
        admission.check_managed_role(profile.name, profile.spec, role.managed)


def role_arns(profile: Profile, world: World) -> frozenset[str]:
    """Give the roles of admitted identities, those still joining included.

    A role that a status shows has joined: from then on it counts while its identity is admitted.
    Raises ``Trouble`` when that cannot be told now: a list must not shrink because of it.
    """
    admitted = set[str]()
    for identity in _identities(profile, world):
        role_arn = identity.status.role_arn
        if role_arn is not None:
            world.joining.forget(profile.uid, role_arn)
            # The role it has, not one it had before: its spec is what was admitted.
            is_chosen = is_role_of(world.settings.who(identity), identity.spec.role, role_arn)
            if is_chosen and _is_admitted(profile, identity, world):
                admitted.add(role_arn)
    return world.joining.since(profile.uid, world.clock.now() - JOINING) | admitted


def _identities(profile: Profile, world: World) -> Iterator[WorkloadIdentity]:
    for each in world.objects.identities_of(profile.name):
        with suppress(Refusal):  # unreadable: its own condition says why
            yield resource.workload_identity(each.body)


def _is_admitted(profile: Profile, identity: WorkloadIdentity, world: World) -> bool:
    if identity.is_deleting:
        return False
    try:
        require_admitted(profile, identity, world)
    except (Refusal, NotFound):  # not allowed, or a namespace that is gone
        return False
    return True
