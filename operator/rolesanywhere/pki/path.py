"""Certificate paths, judged as Roles Anywhere judges them.

https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html (Signature validation)
and RFC 5280, section 6, for what that page leaves open. A trust anchor may be an intermediate CA.
Revocation and trust policies are not asked here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from rolesanywhere.domain.certificate import CertificateFacts
from rolesanywhere.pki.certificates import (
    UnreadableCertificate,
    is_issued_by,
    is_self_issued,
    parse_der,
    parse_pem,
)
from rolesanywhere.pki.inspection import facts_of_certificate

MAX_INTERMEDIATES: Final = 5
_X509_V3: Final = 3
STRONG_HASHES: Final = frozenset(
    {"sha256", "sha384", "sha512", "sha3-256", "sha3-384", "sha3-512", None}  # None: ML-DSA's own
)
_UNDERSTOOD: Final = frozenset(  # critical extensions; any other must be refused (RFC 5280, 4.2)
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.CERTIFICATE_POLICIES,
    }
)


class Distrust(StrEnum):
    """Which of Roles Anywhere's two answers a path deserves."""

    UNTRUSTED_SIGNING_CERTIFICATE = "untrusted_signing_certificate"
    INSUFFICIENT_CERTIFICATE = "insufficient_certificate"


class Untrusted(Exception):  # noqa: N818 - the state of a certificate, not of a program
    """A certificate that leads to no session. The message is for operators, not for callers."""

    def __init__(self, kind: Distrust, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


@dataclass(frozen=True, slots=True)
class _Link:
    """A certificate as object and in words."""

    certificate: x509.Certificate
    facts: CertificateFacts

    @property
    def name(self) -> str:
        """Name it for people."""
        return self.facts.subject.text or f"serial {self.facts.serial:x}"


def validate(
    leaf_der: bytes, chain_der: Sequence[bytes], anchors_pem: str, *, now: datetime
) -> None:
    """Find a good path from the leaf over the chain to one of the anchors.

    ``chain_der`` may be in any order and may hold the leaf and the root; 5 others at most.
    Raises ``Untrusted``: untrusted_signing_certificate when there is no good path,
    insufficient_certificate when the leaf itself does not meet the rules.
    """
    leaf = _read(leaf_der)
    others = tuple(_read(der) for der in dict.fromkeys(chain_der) if der != leaf_der)
    if len(others) > MAX_INTERMEDIATES:
        message = f"{len(others)} certificates in the chain; {MAX_INTERMEDIATES} at most"
        raise _untrusted(message)
    anchors = _read_anchors(anchors_pem)
    if (fault := _out_of_time(leaf, now)) is not None:
        raise _untrusted(fault)
    faults: list[str] = []
    if not _reaches_anchor(leaf, others, anchors, now, (), faults):
        raise _untrusted(faults[0] if faults else "no certificate in sight")
    if (fault := _leaf_fault(leaf)) is not None:
        raise Untrusted(Distrust.INSUFFICIENT_CERTIFICATE, fault)


def _untrusted(message: str) -> Untrusted:
    return Untrusted(Distrust.UNTRUSTED_SIGNING_CERTIFICATE, message)


def _link(certificate: x509.Certificate) -> _Link:
    return _Link(certificate, facts_of_certificate(certificate))


def _read(der: bytes) -> _Link:
    try:
        return _link(parse_der(der))
    except UnreadableCertificate as error:
        raise _untrusted(str(error)) from error


def _read_anchors(bundle: str) -> tuple[_Link, ...]:
    try:
        return tuple(map(_link, parse_pem(bundle.encode())))
    except UnreadableCertificate as error:
        message = f"the trust anchor: {error}"
        raise _untrusted(message) from error


def _reaches_anchor(
    below: _Link,
    unused: tuple[_Link, ...],
    anchors: tuple[_Link, ...],
    now: datetime,
    between: tuple[_Link, ...],
    faults: list[str],
) -> bool:
    """Search depth first for an issuer; ``between`` are the CAs already on the path.

    Notes in ``faults`` why each candidate that did sign ``below`` will not do.
    """
    for anchor in _issuers(below, anchors):
        fault = _authority_fault(anchor, between, now)
        if fault is None:
            return True
        faults.append(fault)
    for candidate in _issuers(below, unused):
        fault = _authority_fault(candidate, between, now)
        if fault is not None:
            faults.append(fault)
            continue
        rest = tuple(each for each in unused if each is not candidate)
        if _reaches_anchor(candidate, rest, anchors, now, (*between, candidate), faults):
            return True
    faults.append(f"{below.name}: its issuer, {below.facts.issuer.text}, is not at hand")
    return False


def _issuers(below: _Link, candidates: tuple[_Link, ...]) -> Iterator[_Link]:
    return (each for each in candidates if is_issued_by(below.certificate, each.certificate))


def _authority_fault(authority: _Link, between: tuple[_Link, ...], now: datetime) -> str | None:
    """Tell why a certificate may not sign the one below it, or None."""
    facts = authority.facts
    if facts.version != _X509_V3:
        return f"{authority.name}: X.509 version {facts.version}, must be 3"
    if not facts.is_ca:
        return f"{authority.name}: basicConstraints do not say CA:true"
    if "keyCertSign" not in (facts.key_usage or frozenset()):
        return f"{authority.name}: keyUsage lacks keyCertSign"
    return (
        _path_length_fault(authority, between)
        or _weak_hash(authority)
        or _out_of_time(authority, now)
        or _unknown_critical(authority)
    )


def _path_length_fault(authority: _Link, between: tuple[_Link, ...]) -> str | None:
    """Compare pathLen with the CAs below; self-issued ones are free (RFC 5280, 4.2.1.9)."""
    extension = authority.certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    allowed = extension.value.path_length
    below = sum(not is_self_issued(each.certificate) for each in between)
    if allowed is not None and below > allowed:
        return f"{authority.name}: pathLen {allowed}, but {below} CAs follow"
    return None


def _weak_hash(link: _Link) -> str | None:
    if link.facts.signature_hash in STRONG_HASHES:
        return None
    return f"{link.name}: signed with {link.facts.signature_hash}, must be SHA-256 or stronger"


def _out_of_time(link: _Link, now: datetime) -> str | None:
    if now < link.facts.not_before:
        return f"{link.name}: not valid before {link.facts.not_before.isoformat()}"
    if now > link.facts.not_after:
        return f"{link.name}: expired at {link.facts.not_after.isoformat()}"
    return None


def _unknown_critical(link: _Link) -> str | None:
    for extension in link.certificate.extensions:
        if extension.critical and extension.oid not in _UNDERSTOOD:
            return (
                f"{link.name}: critical extension {extension.oid.dotted_string} is not understood"
            )
    return None


def _leaf_fault(leaf: _Link) -> str | None:
    """Tell which rule for end entities the leaf breaks, or None."""
    facts = leaf.facts
    if facts.version != _X509_V3:
        return f"{leaf.name}: X.509 version {facts.version}, must be 3"
    if facts.is_ca:
        return f"{leaf.name}: a CA certificate cannot be used by a workload"
    if facts.key_usage is None:
        return f"{leaf.name}: no keyUsage; it must include digitalSignature"
    if "digitalSignature" not in facts.key_usage:
        return f"{leaf.name}: keyUsage lacks digitalSignature"
    if not facts.subject.attributes:
        return f"{leaf.name}: an empty subject is not supported"
    return _weak_hash(leaf) or _unknown_critical(leaf)
