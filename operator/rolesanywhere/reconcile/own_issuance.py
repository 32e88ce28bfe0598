"""Issuing from an own CA: one signature, made here."""

from datetime import datetime

from rolesanywhere.domain import moments
from rolesanywhere.domain.certificate import KeyPair
from rolesanywhere.reconcile.identity import Case
from rolesanywhere.reconcile.identity_secret import Issued
from rolesanywhere.reconcile.own_authority import BACKDATED_SECONDS
from rolesanywhere.reconcile.world import World


def issue(case: Case, world: World) -> Issued:
    """Make a key and sign its certificate. A crash before it is written loses what nobody saw."""
    authority = world.authorities.get(case.anchorage.authority.secret_name or "")
    now = moments.whole_seconds(world.clock.now())
    pair = request(case, world)
    certificate = authority.issue(
        pair.document,
        not_before=max(moments.after(now, -BACKDATED_SECONDS), authority.facts.not_before),
        not_after=end_of(case, now),
    )
    return Issued(
        private_key=pair.private_key,
        certificates=certificate,
        root=authority.certificate.encode(),
        issued_at=now,
    )


def request(case: Case, world: World) -> KeyPair:
    """Make a new key and the request for its certificate: the operator alone writes subjects."""
    wanted = case.terms.certificate
    return world.pki.request(
        case.terms.algorithm,
        common_name=wanted.common_name,
        organizational_unit=wanted.organizational_unit,
        organization=wanted.organization,
        uri=wanted.uri,
    )


def end_of(case: Case, now: datetime) -> datetime:
    """Give a new certificate's end: as asked, but not after its CA's."""
    asked = moments.after(now, case.terms.certificate.duration_seconds)
    return min(asked, case.anchorage.facts.not_after)
