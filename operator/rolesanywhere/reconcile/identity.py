"""What one pass over a WorkloadIdentity knows: itself, its Profile, its anchor, its terms."""

from dataclasses import dataclass

from rolesanywhere.domain import identity_terms
from rolesanywhere.domain.identity_terms import Terms
from rolesanywhere.reconcile import dependencies, members
from rolesanywhere.reconcile.dependencies import Anchorage
from rolesanywhere.reconcile.draft import IdentityDraft
from rolesanywhere.reconcile.resource import Profile, WorkloadIdentity
from rolesanywhere.reconcile.world import World


@dataclass(frozen=True, slots=True)
class Case:
    """An admitted identity and all it builds on. ``draft`` is the status in the making."""

    identity: WorkloadIdentity
    profile: Profile
    anchorage: Anchorage
    terms: Terms
    draft: IdentityDraft

    @property
    def namespace(self) -> str:
        """Give the identity's namespace."""
        return self.identity.namespace or ""

    @property
    def path(self) -> str:
        """Name the identity as people do: namespace/name."""
        return f"{self.namespace}/{self.identity.name}"


def admit(identity: WorkloadIdentity, draft: IdentityDraft, world: World) -> Case:
    """Gather a case. Raises ``Trouble``: something is missing, or not allowed."""
    profile = dependencies.profile_named(identity.spec.profile_ref.name, world)
    dependencies.require_staying(profile)
    members.require_admitted(profile, identity, world)
    anchorage = dependencies.anchorage_of(profile, world)
    dependencies.require_staying(anchorage.anchor)
    terms = identity_terms.terms(
        world.settings.who(identity),
        identity.spec,
        profile.spec,
        anchor_arn=anchorage.arn,
        authority=anchorage.facts,
        usage_mode=anchorage.authority.usage_mode,
    )
    draft.trust_anchor_arn = anchorage.arn
    return Case(identity, profile, anchorage, terms, draft)
