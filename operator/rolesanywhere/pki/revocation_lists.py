"""Revocation lists read and judged: whose they are, and which serials they name.

RFC 5280, section 5. ``crl`` writes them; what a listed serial means is decided by who asks.
"""

from dataclasses import dataclass
from typing import Final

from cryptography import x509

from rolesanywhere.pki.certificates import PARSE_ERRORS, parse_pem

_MARKER: Final = b"-----BEGIN X509 CRL-----"


class UnusableList(ValueError):  # noqa: N818 - it says what is wrong, not that it is
    """These bytes are no revocation list, or not one of the authorities asked about."""


@dataclass(frozen=True, slots=True)
class ReadList:
    """A list that one of the authorities signed. ``issuer`` is RFC 4514."""

    issuer: str
    serials: frozenset[int]


def read_list(data: bytes, authorities: str) -> ReadList:
    """Read a list (PEM) and find its signer among ``authorities`` (PEM certificates).

    Raises ``UnusableList``, which says what is wrong.
    """
    try:
        found = _parse(data)
        signers = [each for each in parse_pem(authorities.encode()) if _signed_by(found, each)]
        serials = frozenset(entry.serial_number for entry in found)
        issuer = found.issuer.rfc4514_string()
    except PARSE_ERRORS as error:
        message = f"the list cannot be read: {error}"
        raise UnusableList(message) from error
    if not signers:
        message = f"the list of {issuer} is not signed by any of the authorities"
        raise UnusableList(message)
    return ReadList(issuer, serials)


def _parse(data: bytes) -> x509.CertificateRevocationList:
    """Parse exactly one PEM block. Raises ``ValueError`` and its kin."""
    if data.count(_MARKER) != 1:
        message = "it is not one PEM block of type X509 CRL"
        raise ValueError(message)
    return x509.load_pem_x509_crl(data)


def _signed_by(found: x509.CertificateRevocationList, authority: x509.Certificate) -> bool:
    """Tell whether name and key are the authority's, and it may sign lists."""
    key = authority.public_key()
    usage = _key_usage(authority)
    may_sign = usage is None or usage.crl_sign
    return (
        found.issuer == authority.subject and may_sign and found.is_signature_valid(key)  # type: ignore[arg-type]  # its stub leaves ML-DSA out
    )


def _key_usage(authority: x509.Certificate) -> x509.KeyUsage | None:
    try:
        return authority.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None
