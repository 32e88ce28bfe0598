"""The profile in AWS: found by its tags, created once, its roles those of admitted identities."""

from typing import Final

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain import naming, ownership, profile_settings
from rolesanywhere.domain.observed import ProfileRecord, ProfileSettings
from rolesanywhere.domain.trouble import Refusal, Trouble
from rolesanywhere.reconcile import members
from rolesanywhere.reconcile.aws_ports import RolesAnywhere
from rolesanywhere.reconcile.resource import Profile
from rolesanywhere.reconcile.world import World

_NOT_YET: Final = 2.0  # seconds until a Profile that is being made is looked for again


def ensure(profile: Profile, region: str, world: World) -> ProfileRecord:
    """Have one profile with today's settings and roles."""
    remote = world.aws.roles_anywhere(region)
    with world.locks.holding(f"profile {profile.uid}"):
        found = _owned(profile, remote, world)
        listed = found[0].settings.role_arns if found else ()
        roles = profile_settings.fitting(members.role_arns(profile, world), listed)
        wanted = profile_settings.settings(profile.name, profile.spec, roles)
        return _bring_in_line(profile, found, wanted, remote, world)


def require_role(profile: Profile, region: str, role_arn: str, world: World) -> ProfileRecord:
    """Have the role on the profile's list. Many identities that join at once cost one update.

    Raises ``Trouble`` while the profile does not exist or list the role, and ``Refusal`` when its
    list is full.
    """
    remote = world.aws.roles_anywhere(region)
    record = _listing(profile, role_arn, remote)
    if record is None:
        world.joining.note(profile.uid, role_arn, world.clock.now())
        with world.locks.holding(f"joining {profile.uid}"):
            record = _listing(profile, role_arn, remote) or ensure(profile, region, world)
    if role_arn in record.settings.role_arns:
        return record
    if len(record.settings.role_arns) < profile_settings.MOST_ROLES:  # another with it is leaving
        raise Trouble(
            Reason.PROFILE_NOT_READY,
            f"Profile {profile.name} does not list {role_arn} yet",
            retry_after=_NOT_YET,
        )
    raise Refusal(
        Reason.ROLE_NOT_ALLOWED,
        f"Profile {profile.name} lists {profile_settings.MOST_ROLES} roles, the most AWS allows "
        f"in one profile, and {role_arn} is not among them: use another Profile",
    )


def delete(profile: Profile, region: str, world: World) -> None:
    """Delete every profile in AWS that carries this object's tags."""
    remote = world.aws.roles_anywhere(region)
    for record in _owned(profile, remote, world):
        remote.delete_profile(record.profile_id)


def _listing(profile: Profile, role_arn: str, remote: RolesAnywhere) -> ProfileRecord | None:
    """Give the profile if it lists the role already. Raises ``Trouble`` if there is none yet."""
    entries = profile.status.profiles
    if not entries:
        raise Trouble(
            Reason.PROFILE_NOT_READY,
            f"Profile {profile.name} is not ready yet: kubectl describe raprofile {profile.name} "
            "says why",
            retry_after=_NOT_YET,
        )
    found = next((each for each in remote.profiles() if each.arn == entries[0].arn), None)
    return found if found is not None and role_arn in found.settings.role_arns else None


def _owned(profile: Profile, remote: RolesAnywhere, world: World) -> tuple[ProfileRecord, ...]:
    entries, name = profile.status.profiles, naming.roles_anywhere_name(profile.name)
    return ownership.owned(
        remote.profiles(),
        held_arn=entries[0].arn if entries else None,
        could_be=lambda record: record.settings.name == name,
        tags_of=remote.tags,
        mine=profile.tags(world.settings.cluster_id),
    )


def _bring_in_line(
    profile: Profile,
    found: tuple[ProfileRecord, ...],
    wanted: ProfileSettings,
    remote: RolesAnywhere,
    world: World,
) -> ProfileRecord:
    """Create, update or replace; of several, those whose create was sent twice go."""
    usable = [
        each for each in found if not profile_settings.must_be_replaced(wanted, each.settings)
    ]
    if usable:
        kept = usable[0]
        _update(kept, wanted, remote)
    else:
        kept = remote.create_profile(wanted, tags=profile.tags(world.settings.cluster_id))
    for other in found:
        if other.profile_id != kept.profile_id:
            remote.delete_profile(other.profile_id)
    return ProfileRecord(kept.profile_id, kept.arn, enabled=True, settings=wanted)


def _update(record: ProfileRecord, wanted: ProfileSettings, remote: RolesAnywhere) -> None:
    if not profile_settings.same(wanted, record.settings):
        remote.update_profile(record.profile_id, wanted)
    if not record.enabled:
        remote.enable_profile(record.profile_id)
