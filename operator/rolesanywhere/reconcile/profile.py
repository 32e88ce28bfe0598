"""Profile: the profile in AWS, listing exactly the roles of admitted identities."""

from rolesanywhere.api import names
from rolesanywhere.api.conditions import ConditionType
from rolesanywhere.api.profile import ProfileEntry
from rolesanywhere.api.trust_anchor import DeletionPolicy
from rolesanywhere.domain.conditions import Finding, holds
from rolesanywhere.domain.trouble import Trouble
from rolesanywhere.reconcile import dependencies, remote_profile, resource
from rolesanywhere.reconcile.draft import ProfileDraft
from rolesanywhere.reconcile.outcome import Calm, Outcome, Step, climb, conclude
from rolesanywhere.reconcile.resource import Body, Profile
from rolesanywhere.reconcile.world import World


def reconcile(body: Body, world: World) -> Outcome:
    """Bring the profile in line with spec and identities. Raises ``Refusal`` as decoding does."""
    profile = resource.profile(body)
    draft = ProfileDraft.of(profile.status)
    climbed = climb((Step(ConditionType.SYNCED, lambda: _sync(profile, draft, world)),))
    settings = world.settings
    return conclude(
        draft.status(),
        profile.status.conditions,
        climbed,
        generation=profile.generation,
        now=world.clock.now(),
        calm=Calm(settings.resync_seconds, settings.refused_seconds),
    )


def delete(body: Body, world: World) -> None:
    """Remove the profile as ``deletionPolicy`` says. Raises ``Trouble`` to wait for identities."""
    profile = resource.profile(body)
    referring = (
        f"WorkloadIdentity {each.namespace}/{each.name}"
        for each in world.objects.identities_of(profile.name)
    )
    dependencies.require_unreferenced(names.PROFILE, profile.name, referring)
    if profile.spec.deletion_policy is DeletionPolicy.RETAIN:
        return
    region: str | None
    try:
        region = dependencies.anchorage_of(profile, world).region
    except Trouble:
        region = _region_of(profile)
    if region is not None:
        remote_profile.delete(profile, region, world)


def _region_of(profile: Profile) -> str | None:
    """Give the region from the profile's own ARN: the TrustAnchor may be gone by force."""
    entries = profile.status.profiles
    return entries[0].arn.split(":")[3] if entries else None


def _sync(profile: Profile, draft: ProfileDraft, world: World) -> Finding:
    anchorage = dependencies.anchorage_of(profile, world)
    record = remote_profile.ensure(profile, anchorage.region, world)
    roles = len(record.settings.role_arns)
    draft.profiles = (ProfileEntry(arn=record.arn, roles=roles),)
    what = "1 role" if roles == 1 else f"{roles} roles"
    return holds(ConditionType.SYNCED, f"profile {record.arn} is enabled and lists {what}")
