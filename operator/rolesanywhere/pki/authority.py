"""The own CA: a key and a certificate in a Secret that sign workloads' certificates.

Signs what it is given; which names and how long is decided above. The CA key lives in the loaded
object only and never shows.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

from rolesanywhere.api.authority import CASubject, KeyAlgorithm
from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.certificate import CertificateFacts, KeyPair
from rolesanywhere.domain.trouble import Refusal
from rolesanywhere.pki.certificates import (
    UnreadableCertificate,
    key_identifier,
    parse_pem,
    to_pem,
)
from rolesanywhere.pki.extensions import END_ENTITY_CLIENT_AUTH, OWN_ROOT
from rolesanywhere.pki.inspection import facts_of_certificate
from rolesanywhere.pki.keys import AuthorityKey, UnusableKey, generate, load_private_key
from rolesanywhere.pki.keys import to_pem as key_to_pem
from rolesanywhere.pki.pairs import is_pair
from rolesanywhere.pki.path import STRONG_HASHES
from rolesanywhere.pki.templates import (
    Hash,
    Issuer,
    MalformedCsr,
    authority_name,
)

_X509_V3: Final = 3
_SMALLEST_RSA_BITS: Final = 2048
_EC_HASHES: Final[Mapping[str, Hash]] = MappingProxyType(
    {"secp256r1": SHA256(), "secp384r1": SHA384(), "secp521r1": SHA512()}
)

# What Roles Anywhere asks of a trust anchor's certificate, and what to do about each.
_FAULTS: Final[tuple[tuple[Callable[[CertificateFacts], bool], str], ...]] = (
    (
        lambda facts: facts.version != _X509_V3,
        "tls.crt is not X.509 version 3; make the CA certificate anew with extensions",
    ),
    (
        lambda facts: not facts.is_ca,
        "tls.crt is not a CA certificate; make it anew with basicConstraints CA:true",
    ),
    (
        lambda facts: "keyCertSign" not in (facts.key_usage or ()),
        "tls.crt may not sign certificates; make it anew with keyUsage keyCertSign",
    ),
    (
        lambda facts: facts.signature_hash not in STRONG_HASHES,
        "tls.crt is signed with a hash weaker than SHA-256; sign it anew with SHA-256 or stronger",
    ),
)


class LoadedAuthority:
    """A CA that can sign; made by ``load``. Parsed once, so that a leaf costs one signature."""

    def __init__(self, key: AuthorityKey, certificate: x509.Certificate) -> None:
        self._issuer = Issuer(key, certificate.subject, key_identifier(certificate))
        self._hash = _hash_for(key)
        self._facts = facts_of_certificate(certificate)
        self._certificate = to_pem(certificate).decode("ascii")

    @property
    def facts(self) -> CertificateFacts:
        """The CA certificate."""
        return self._facts

    @property
    def certificate(self) -> str:
        """The CA certificate, PEM."""
        return self._certificate

    def issue(self, csr: bytes, *, not_before: datetime, not_after: datetime) -> bytes:
        """Sign a request as acm-pca's EndEntityClientAuthCertificate/V1 would; gives PEM.

        Raises ``Refusal`` for a request that cannot be read or is not signed by its key.
        """
        try:
            return self._issuer.certify(
                csr,
                END_ENTITY_CLIENT_AUTH,
                self._hash,
                not_before=not_before,
                not_after=not_after,
            )
        except MalformedCsr as error:
            message = f"no certificate was signed: {error}"
            raise Refusal(Reason.INTERNAL_ERROR, message) from error


def create(
    algorithm: KeyAlgorithm, subject: CASubject, *, not_before: datetime, not_after: datetime
) -> KeyPair:
    """Make a new self-signed CA: CA:true, pathLen 0, keyCertSign and cRLSign.

    Dates go as far as 9999-12-31. Raises ``Refusal`` for a name X.509 cannot carry.
    """
    try:
        name = authority_name(subject)
    except ValueError as error:
        message = f"no certificate can carry the CA's subject: {error}"
        raise Refusal(Reason.INVALID_SPEC, message) from error
    key = generate(algorithm)
    issuer = Issuer(key, name)
    certificate = issuer.certify(
        issuer.request(), OWN_ROOT, _hash_for(key), not_before=not_before, not_after=not_after
    )
    return KeyPair(key_to_pem(key), certificate)


def load(private_key: bytes, certificate: bytes) -> LoadedAuthority:
    """Load a CA from PEM; of several certificates the first is the CA's.

    Raises ``Refusal`` (CA_SECRET_INVALID) that says which part is wrong and what to do.
    """
    key, own = _load_key(private_key), _load_certificate(certificate)
    if not is_pair(key, own):
        message = "tls.key is not the key of tls.crt; store the two that were made together"
        raise _invalid(message)
    facts = facts_of_certificate(own)
    for is_faulty, advice in _FAULTS:
        if is_faulty(facts):
            raise _invalid(advice)
    return LoadedAuthority(key, own)


def _invalid(message: str) -> Refusal:
    return Refusal(Reason.CA_SECRET_INVALID, f"CA Secret: {message}.")


def _load_key(pem: bytes) -> AuthorityKey:
    try:
        key = load_private_key(pem, is_foreign=True)
    except UnusableKey as error:
        message = f"tls.key cannot be used: {error}"
        raise _invalid(message) from None
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _SMALLEST_RSA_BITS:
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _EC_HASHES:
        return key
    message = "tls.key must be RSA (2048 bits or more) or EC (P-256, P-384 or P-521)"
    raise _invalid(message)


def _load_certificate(pem: bytes) -> x509.Certificate:
    try:
        certificate = parse_pem(pem)[0]
        facts_of_certificate(certificate)
    except UnreadableCertificate as error:
        message = f"tls.crt cannot be used: {error}; store the CA certificate as PEM"
        raise _invalid(message) from error
    return certificate


def _hash_for(key: AuthorityKey) -> Hash:
    """Choose a hash as strong as the key: SHA-256 for RSA, the curve's own for EC."""
    return SHA256() if isinstance(key, rsa.RSAPrivateKey) else _EC_HASHES[key.curve.name]
