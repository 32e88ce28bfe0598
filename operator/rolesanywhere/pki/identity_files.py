"""Key, certificate and intermediates in the many forms people keep them in, made into one.

PEM (PKCS#8, PKCS#1, SEC 1; encrypted or not; several blocks in one file) and PKCS#12. What comes
out is what ``signature.sign`` takes. Bytes only: files are read by the programs.
"""

from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PKCS12KeyAndCertificates,
    load_pkcs12,
)

from rolesanywhere.pki.certificates import PARSE_ERRORS, UnreadableCertificate, parse_pem, to_pem
from rolesanywhere.pki.keys import UnusableKey
from rolesanywhere.pki.keys import to_pem as key_to_pem
from rolesanywhere.pki.pairs import is_pair

_PEM_MARK: Final = b"-----BEGIN "
_ENCRYPTED_MARKS: Final = (  # of PKCS#8, and of PKCS#1 and SEC 1: the bare word may be a comment's
    b"-----BEGIN ENCRYPTED PRIVATE KEY-----",
    b"Proc-Type: 4,ENCRYPTED",
)
_TPM_MARK: Final = b"-----BEGIN TSS2 PRIVATE KEY-----"
_NOT_OPENED: Final = "Incorrect password"  # in the library's words, for some encryptions


class WrongPassword(UnusableKey):
    """The password is another key's, as far as that can be told."""


class MismatchedPair(ValueError):  # noqa: N818 - it says what the two are
    """A key that is not the certificate's: mostly one of the two is about to be replaced."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What CreateSession is signed with. Its repr hides the key."""

    private_key: bytes  # PKCS#8 PEM, not encrypted
    certificates: bytes  # PEM: leaf, then intermediates
    not_after: float  # the leaf's end, epoch seconds

    def __repr__(self) -> str:
        """Say nothing of the key."""
        return f"Identity(not_after={self.not_after})"


def assemble(
    certificate: bytes,
    private_key: bytes | None = None,
    intermediates: bytes | None = None,
    *,
    password: bytes | None = None,
) -> Identity:
    """Make an identity of what files hold.

    ``certificate`` is PEM, its first block the leaf, the others intermediates; or PKCS#12, which
    has everything in it. ``private_key`` None: the key is in ``certificate``. Raises
    ``UnreadableCertificate``, ``UnusableKey`` or ``MismatchedPair``; none quotes what it read.
    """
    if _PEM_MARK not in certificate:
        key, leaf, *more = _from_pkcs12(certificate, password)
    else:
        leaf, *more = parse_pem(certificate)
        key = _load_key(certificate if private_key is None else private_key, password)
    if intermediates is not None and intermediates.strip():
        more.extend(parse_pem(intermediates))
    _require_pair(key, leaf)
    return Identity(
        private_key=key_to_pem(key),
        # each once: the same chain in two files would be longer than AWS takes
        certificates=b"".join(map(to_pem, dict.fromkeys((leaf, *more)))),
        not_after=leaf.not_valid_after_utc.timestamp(),
    )


def is_encrypted(pem: bytes) -> bool:
    """Tell whether a PEM key needs a password."""
    return any(mark in pem for mark in _ENCRYPTED_MARKS)


def is_opened(pem: bytes, password: bytes) -> bool:
    """Tell whether this is an encrypted PEM key's password, as far as that can be told."""
    try:
        _load_key(pem, password)
    except WrongPassword:
        return False
    except UnusableKey:  # whatever is wrong with it, another password would not help
        return True
    return True


def _require_pair(key: PrivateKeyTypes, leaf: x509.Certificate) -> None:
    """Raise ``MismatchedPair``, or ``UnreadableCertificate`` for a public key nobody can read."""
    try:
        same = is_pair(key, leaf)
    except UnsupportedAlgorithm:
        message = "the certificate's key is of a kind that AWS does not take"
        raise UnreadableCertificate(message) from None
    except PARSE_ERRORS as error:
        message = f"the certificate's key cannot be read: {error}"
        raise UnreadableCertificate(message) from None
    if not same:
        message = "the private key is not the certificate's"
        raise MismatchedPair(message)


def _from_pkcs12(
    data: bytes, password: bytes | None
) -> tuple[PrivateKeyTypes, x509.Certificate, *tuple[x509.Certificate, ...]]:
    store = _opened(data, password or b"") or _opened(data, b"")  # it may need none
    if store is None:
        message = "neither PEM nor a PKCS#12 file that this password opens"
        raise UnreadableCertificate(message)
    if store.key is None or store.cert is None:
        message = "the PKCS#12 file lacks a private key or its certificate"
        raise UnreadableCertificate(message)
    more = (each.certificate for each in store.additional_certs)
    return store.key, store.cert.certificate, *more


def _opened(data: bytes, password: bytes) -> PKCS12KeyAndCertificates | None:
    try:
        return load_pkcs12(data, password)
    except (*PARSE_ERRORS, UnsupportedAlgorithm):
        return None


def _load_key(pem: bytes, password: bytes | None) -> PrivateKeyTypes:
    encrypted = is_encrypted(pem)
    if encrypted and password is None:
        message = "the private key is encrypted: give its password"
        raise UnusableKey(message)
    try:
        return load_pem_private_key(pem, password if encrypted else None)
    except (TypeError, ValueError, UnsupportedAlgorithm) as error:
        from rolesanywhere.pki.mldsa_files import load_with_expanded_key  # noqa: PLC0415 - rare, and takes 2 ms

        if (key := load_with_expanded_key(pem)) is not None:
            return key
        if encrypted and _NOT_OPENED in str(error):
            message = "the private key cannot be decrypted: the password is another key's"
            raise WrongPassword(message) from None
        raise UnusableKey(_why_unreadable(pem, encrypted=encrypted)) from None


def _why_unreadable(pem: bytes, *, encrypted: bool) -> str:
    if _TPM_MARK in pem:
        return "the private key is in a TPM: keys in hardware are not supported, give a file"
    if not encrypted:
        return "the private key is not readable PEM (PKCS#8, PKCS#1 or SEC 1)"
    return (
        "the private key cannot be decrypted: another password's, or of an unknown kind. An "
        "encrypted ML-DSA key must hold its seed alone (openssl pkey -provparam "
        "ml-dsa.output_formats=seed-only)"
    )
