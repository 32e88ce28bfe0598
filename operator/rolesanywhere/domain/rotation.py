"""When a certificate must be issued again: a chain of checks, each naming its reason.

After cert-manager's policy chain: the order is the documentation, the clock is an argument.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from rolesanywhere.domain import moments
from rolesanywhere.domain.certificate import CertificateFacts
from rolesanywhere.domain.naming import fingerprint

JITTER: Final = 0.05  # of the lifetime, taken off: identities made together renew apart
LIFETIME_TOLERANCE_SECONDS: Final = 300  # whole seconds and clocks differ a little


class IssueReason(StrEnum):
    """Why a certificate is issued."""

    MISSING = "Missing"
    UNREADABLE = "Unreadable"
    KEY_DIFFERS = "KeyDiffers"
    SUBJECT_DIFFERS = "SubjectDiffers"
    KEY_ALGORITHM_DIFFERS = "KeyAlgorithmDiffers"
    AUTHORITY_DIFFERS = "AuthorityDiffers"
    FROM_THE_FUTURE = "FromTheFuture"
    LIFETIME_DIFFERS = "LifetimeDiffers"
    RENEWING = "Renewing"


@dataclass(frozen=True, slots=True)
class Violation:
    """Why the certificate in the Secret will not do."""

    reason: IssueReason
    message: str


@dataclass(frozen=True, slots=True)
class WantedCertificate:
    """What the spec asks for. ``renew_at`` is a share of life since issue."""

    common_name: str
    organizational_unit: str | None
    organization: str | None
    uri: str
    key_algorithm: str
    duration_seconds: int
    renew_at: float
    identity_uid: str


@dataclass(frozen=True, slots=True)
class HeldCertificate:
    """What the Secret holds. ``leaf`` is None when unreadable; ``root`` is ca.crt's fingerprint."""

    leaf: CertificateFacts | None
    key_matches: bool
    issued_at: datetime
    root_fingerprint: str


@dataclass(frozen=True, slots=True)
class RotationInput:
    """All a check may look at. ``authority`` is the CA's certificate, ``held`` None: no Secret."""

    wanted: WantedCertificate
    held: HeldCertificate | None
    authority: CertificateFacts
    root_fingerprint: str
    now: datetime


Check = Callable[
    [WantedCertificate, HeldCertificate, CertificateFacts, RotationInput], Violation | None
]


def first_violation(given: RotationInput) -> Violation | None:
    """Give the first reason to issue, in the order of ``CHAIN``; None when all is well."""
    held = given.held
    if held is None:
        return Violation(IssueReason.MISSING, "there is no certificate yet")
    leaf = held.leaf
    if leaf is None:
        return Violation(IssueReason.UNREADABLE, "tls.crt in the Secret is not a certificate")
    found = (check(given.wanted, held, leaf, given) for check in CHAIN)
    return next((violation for violation in found if violation), None)


def renewal_time(
    issued_at: datetime, not_after: datetime, *, renew_at: float, identity_uid: str
) -> datetime:
    """Give when to renew: ``renew_at`` of life since issue, earlier by the identity's own jitter.

    Counted from our issue time: Private CA sets NotBefore an hour back, and a short certificate
    would renew again at once. The jitter never takes more than half of the way.
    """
    life = (not_after - issued_at).total_seconds()
    chance = int(fingerprint("renewal", identity_uid), 16) / 0xFFFFFFFF
    jitter = min(JITTER, renew_at / 2) * chance
    return moments.whole_seconds(moments.after(issued_at, life * (renew_at - jitter)))


def key_and_certificate_differ(
    _wanted: WantedCertificate, held: HeldCertificate, _leaf: CertificateFacts, _g: RotationInput
) -> Violation | None:
    """Notice that someone edited the Secret."""
    if held.key_matches:
        return None
    return Violation(IssueReason.KEY_DIFFERS, "tls.key does not belong to tls.crt in the Secret")


def subject_differs_from_spec(
    wanted: WantedCertificate, _h: HeldCertificate, leaf: CertificateFacts, _g: RotationInput
) -> Violation | None:
    """Notice that the spec, the Profile's subject or the ServiceAccount changed."""
    asked = (wanted.common_name, wanted.organizational_unit, wanted.organization, (wanted.uri,))
    subject = leaf.subject
    held = (subject.first("CN"), subject.first("OU"), subject.first("O"), leaf.san_uri)
    if asked == held:
        return None
    return Violation(
        IssueReason.SUBJECT_DIFFERS, f"the certificate says {subject.text}, the spec asks otherwise"
    )


def key_algorithm_differs_from_spec(
    wanted: WantedCertificate, _h: HeldCertificate, leaf: CertificateFacts, _g: RotationInput
) -> Violation | None:
    """Notice that the spec asks for another kind of key."""
    if leaf.key_algorithm == wanted.key_algorithm:
        return None
    return Violation(
        IssueReason.KEY_ALGORITHM_DIFFERS,
        f"the key is {leaf.key_algorithm}, the spec asks for {wanted.key_algorithm}",
    )


def authority_differs(
    _w: WantedCertificate, held: HeldCertificate, leaf: CertificateFacts, given: RotationInput
) -> Violation | None:
    """Notice that it comes from another CA than the trust anchor's."""
    same_root = held.root_fingerprint == given.root_fingerprint
    if same_root and leaf.issuer.text == given.authority.subject.text:
        return None
    return Violation(
        IssueReason.AUTHORITY_DIFFERS, f"the certificate was issued by another {leaf.issuer.text}"
    )


def begins_in_the_future(
    _w: WantedCertificate, held: HeldCertificate, leaf: CertificateFacts, given: RotationInput
) -> Violation | None:
    """Notice that the clock was ahead when it was issued: AWS refuses it until then."""
    begins = max(held.issued_at, leaf.not_before)
    if (begins - given.now).total_seconds() <= LIFETIME_TOLERANCE_SECONDS:
        return None
    return Violation(
        IssueReason.FROM_THE_FUTURE, f"it begins at {moments.show(begins)}: the clock was ahead"
    )


def lifetime_differs_from_spec(
    wanted: WantedCertificate, held: HeldCertificate, leaf: CertificateFacts, given: RotationInput
) -> Violation | None:
    """Notice a changed duration; the CA's own end may make a certificate shorter."""
    asked = min(moments.after(held.issued_at, wanted.duration_seconds), given.authority.not_after)
    if abs((leaf.not_after - asked).total_seconds()) <= LIFETIME_TOLERANCE_SECONDS:
        return None
    return Violation(
        IssueReason.LIFETIME_DIFFERS,
        f"it ends at {moments.show(leaf.not_after)}, the spec asks for {moments.show(asked)}",
    )


def renewal_time_has_come(
    wanted: WantedCertificate, held: HeldCertificate, leaf: CertificateFacts, given: RotationInput
) -> Violation | None:
    """Notice that enough of its life is over, if a new one would live any longer.

    Near its CA's end it would not: then renewals would come faster and faster, for nothing.
    """
    left_to_gain = (given.authority.not_after - leaf.not_after).total_seconds()
    if given.now < leaf.not_after and left_to_gain <= LIFETIME_TOLERANCE_SECONDS:
        return None
    due = renewal_time(
        held.issued_at,
        leaf.not_after,
        renew_at=wanted.renew_at,
        identity_uid=wanted.identity_uid,
    )
    if given.now < due:
        return None
    return Violation(IssueReason.RENEWING, f"renewal was due at {moments.show(due)}")


CHAIN: Final[tuple[Check, ...]] = (
    key_and_certificate_differ,
    subject_differs_from_spec,
    key_algorithm_differs_from_spec,
    authority_differs,
    begins_in_the_future,
    lifetime_differs_from_spec,
    renewal_time_has_come,
)
