"""Which identities a Profile admits now, and which roles it therefore lists."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from rolesanywhere.domain import admission
from rolesanywhere.domain.trouble import Trouble
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
    """Give the roles of admitted identities, those still joining included."""
    horizon = world.clock.now() - JOINING
    joining = world.joining.since(profile.uid, horizon)
    return joining | frozenset(_admitted_roles(profile, world))


def _admitted_roles(profile: Profile, world: World) -> Iterator[str]:
    for each in world.objects.identities_of(profile.name):
        try:
            identity = resource.workload_identity(each.body)
            if identity.is_deleting or identity.status.role_arn is None:
                continue
            require_admitted(profile, identity, world)
        except Trouble:  # its own condition says which
            continue
        yield identity.status.role_arn
