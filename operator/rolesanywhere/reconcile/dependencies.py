"""What an object refers to, and who refers to it: found, or a ``Trouble`` that names them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rolesanywhere.api import names
from rolesanywhere.api.conditions import Reason
from rolesanywhere.api.trust_anchor import CertificateAuthorityStatus
from rolesanywhere.domain.certificate import CertificateFacts
from rolesanywhere.domain.trouble import Trouble
from rolesanywhere.reconcile import resource
from rolesanywhere.reconcile.resource import Profile, TrustAnchor
from rolesanywhere.reconcile.world import World

_NAMES_SHOWN: Final = 5  # of those that still refer to an object


@dataclass(frozen=True, slots=True)
class Anchorage:
    """A trust anchor that is there: what profiles and certificates are built on."""

    anchor: TrustAnchor
    arn: str
    authority: CertificateAuthorityStatus
    certificate: str  # the CA's own, PEM
    facts: CertificateFacts  # of the CA's own certificate

    @property
    def region(self) -> str:
        """Give the region of anchor, profile and sessions."""
        return self.anchor.spec.region


def profile_named(name: str, world: World) -> Profile:
    """Give a Profile. Raises ``Trouble`` when there is none."""
    found = world.objects.profile(name)
    if found is None:
        raise Trouble(
            Reason.PROFILE_NOT_FOUND,
            f"there is no Profile {name}: create it, or name another in spec.profileRef.name",
        )
    return resource.profile(found.body)


def anchorage_of(profile: Profile, world: World) -> Anchorage:
    """Give a Profile's trust anchor once it exists in AWS. Raises ``Trouble`` until then."""
    name = profile.spec.trust_anchor_ref.name
    found = world.objects.trust_anchor(name)
    if found is None:
        raise Trouble(
            Reason.TRUST_ANCHOR_NOT_FOUND,
            f"there is no TrustAnchor {name}: create it, or name another in "
            f"spec.trustAnchorRef.name of Profile {profile.name}",
        )
    anchor = resource.trust_anchor(found.body)
    authority = anchor.status.certificate_authority
    if anchor.status.arn is None or authority is None or authority.certificate is None:
        raise Trouble(
            Reason.TRUST_ANCHOR_NOT_READY,
            f"TrustAnchor {name} is not ready yet: kubectl describe trustanchor {name} says why",
        )
    facts = world.pki.inspect(authority.certificate.encode())[0]
    return Anchorage(anchor, anchor.status.arn, authority, authority.certificate, facts)


def require_staying(found: Profile | TrustAnchor) -> None:
    """Refuse to build on what is being deleted. Raises ``Trouble``."""
    if found.is_deleting:
        raise Trouble(
            Reason.PROFILE_NOT_READY
            if found.kind == names.PROFILE
            else Reason.TRUST_ANCHOR_NOT_READY,
            f"{found.kind} {found.name} is being deleted: name another, or wait for it to be made "
            "again",
        )


def require_unreferenced(kind: str, name: str, referring: Iterable[str]) -> None:
    """Refuse to delete what others refer to. Raises ``Trouble`` (STILL_REFERENCED) naming them."""
    others = sorted(referring)
    if not others:
        return
    shown = ", ".join(others[:_NAMES_SHOWN])
    more = f" and {len(others) - _NAMES_SHOWN} more" if len(others) > _NAMES_SHOWN else ""
    raise Trouble(
        Reason.STILL_REFERENCED,
        f"{kind} {name} is deleted when nothing refers to it any more; now {shown}{more} "
        f"{'do' if len(others) > 1 else 'does'}",
    )
