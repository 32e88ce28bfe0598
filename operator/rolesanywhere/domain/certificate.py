"""What matters about a certificate, free of any library: the currency between ``pki`` and rules."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Name:
    """A distinguished name: ``attributes`` are (short name, value) pairs in certificate order.

    Short names as Roles Anywhere spells them in tags: CN, OU, O, C, L, ST, …; a dotted OID
    where there is none. ``text`` is RFC 4514, for people.
    """

    attributes: tuple[tuple[str, str], ...]
    text: str

    def first(self, short_name: str) -> str | None:
        """Give the first value under ``short_name``, or None."""
        return next((value for key, value in self.attributes if key == short_name), None)


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """One parsed X.509 certificate. Times are UTC-aware; ``serial`` is the positive integer."""

    serial: int
    subject: Name
    issuer: Name
    not_before: datetime
    not_after: datetime
    version: int  # 3 for X.509v3
    key_algorithm: (
        str  # as `api.authority.KeyAlgorithm` spells it; "ML_DSA_65" and such, or "other"
    )
    signature_hash: str | None  # "sha256", …; None for ML-DSA
    is_ca: bool | None  # None: no basicConstraints extension
    key_usage: frozenset[str] | None  # RFC 5280 names ("digitalSignature", …); None: no extension
    san_dns: tuple[str, ...]
    san_uri: tuple[str, ...]
    san_directory_names: tuple[Name, ...]
    public_key_sha256: str  # hex digest of the SubjectPublicKeyInfo


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key (PKCS#8 PEM) and a certificate or request (PEM). Its repr hides the key."""

    private_key: bytes
    document: bytes

    def __repr__(self) -> str:
        """Show that there is one."""
        return "KeyPair(…)"


def serial_hex(serial: int) -> str:
    """Give a serial as Roles Anywhere writes it: lower-case hex, left-padded to an even length."""
    digits = f"{serial:x}"
    return digits.zfill(len(digits) + len(digits) % 2)
