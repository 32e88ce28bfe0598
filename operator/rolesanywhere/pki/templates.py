"""A CA that signs by template, as acm-pca does.

The own CA (``authority``) and the emulator's Private CA share this one place where a certificate is
built. Subject and SAN come from the request and from nowhere else. No dates are decided here.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from rolesanywhere.api.authority import CASubject, KeyAlgorithm, SigningAlgorithm
from rolesanywhere.pki.certificates import PARSE_ERRORS, parse_pem, to_pem
from rolesanywhere.pki.extensions import TEMPLATES, Template
from rolesanywhere.pki.inspection import is_pair
from rolesanywhere.pki.keys import AuthorityKey, generate
from rolesanywhere.pki.requests import MalformedCsr, Request, read_request

__all__ = [
    "Issuer",
    "MalformedCsr",
    "UnsuitableAlgorithm",
    "UnsupportedTemplate",
    "authority_name",
    "new_issuer",
]

Hash = SHA256 | SHA384 | SHA512


class UnsupportedTemplate(ValueError):  # noqa: N818 - says what the template is
    """A template this module does not know."""


class UnsuitableAlgorithm(ValueError):  # noqa: N818 - says what the algorithm is
    """A signing algorithm of another family than the CA's key."""


_HASHES: Final[Mapping[SigningAlgorithm, Hash]] = MappingProxyType(
    {
        SigningAlgorithm.SHA256_WITH_RSA: SHA256(),
        SigningAlgorithm.SHA384_WITH_RSA: SHA384(),
        SigningAlgorithm.SHA512_WITH_RSA: SHA512(),
        SigningAlgorithm.SHA256_WITH_ECDSA: SHA256(),
        SigningAlgorithm.SHA384_WITH_ECDSA: SHA384(),
        SigningAlgorithm.SHA512_WITH_ECDSA: SHA512(),
    }
)


class Issuer:
    """A CA's name and key, ready to sign many certificates. The key never shows."""

    def __init__(self, key: AuthorityKey, name: x509.Name, key_id: bytes | None = None) -> None:
        """Take the CA's own subject; ``key_id`` if its certificate's SKI is not the usual hash."""
        self._key = key
        self._name = name
        self._authority_key_id = x509.AuthorityKeyIdentifier(
            key_id or x509.SubjectKeyIdentifier.from_public_key(key.public_key()).digest,
            authority_cert_issuer=None,
            authority_cert_serial_number=None,
        )

    def request(self) -> bytes:
        """Give the request for the CA's own certificate, PEM."""
        builder = x509.CertificateSigningRequestBuilder().subject_name(self._name)
        return builder.sign(self._key, SHA256()).public_bytes(Encoding.PEM)

    def matches(self, certificate: bytes) -> bool:
        """Tell whether the first certificate (PEM) has this CA's name and key."""
        try:
            own = parse_pem(certificate)[0]
            same = is_pair(self._key, own) and own.subject == self._name
        except PARSE_ERRORS:
            return False
        return same

    def sign(
        self,
        csr: bytes,
        *,
        template: str,
        signing_algorithm: str,
        not_before: datetime,
        not_after: datetime,
    ) -> bytes:
        """Sign a request as IssueCertificate would; gives PEM.

        ``template`` is the end of the template's ARN (``EndEntityCertificate/V1``), the algorithm
        is spelled as acm-pca does. Raises ``MalformedCsr``, ``UnsupportedTemplate`` or
        ``UnsuitableAlgorithm``.
        """
        if template not in TEMPLATES:
            message = f"template {template} is not one of {', '.join(TEMPLATES)}"
            raise UnsupportedTemplate(message)
        return self.certify(
            csr,
            TEMPLATES[template],
            self._hash(signing_algorithm),
            not_before=not_before,
            not_after=not_after,
        )

    def certify(
        self,
        csr: bytes,
        template: Template,
        digest: Hash,
        *,
        not_before: datetime,
        not_after: datetime,
    ) -> bytes:
        """Sign a request by a template with a random serial; gives PEM. Raises ``MalformedCsr``."""
        request = read_request(csr)
        builder = (
            x509.CertificateBuilder()
            .issuer_name(self._name)
            .subject_name(request.subject)
            .public_key(request.public_key)
            .serial_number(x509.random_serial_number())  # 159 bits: positive in 20 octets
            .not_valid_before(not_before)
            .not_valid_after(not_after)
        )
        for extension, critical in self._extensions(request, template):
            builder = builder.add_extension(extension, critical=critical)
        return to_pem(builder.sign(self._key, digest))

    def _extensions(
        self, request: Request, template: Template
    ) -> list[tuple[x509.ExtensionType, bool]]:
        """List what a certificate carries, each with its critical flag."""
        ski = x509.SubjectKeyIdentifier.from_public_key(request.public_key)
        constraints = x509.BasicConstraints(ca=template.is_ca, path_length=template.path_length)
        extensions: list[tuple[x509.ExtensionType, bool]] = [
            (constraints, template.is_ca),
            (template.key_usage, True),
            (ski, False),
        ]
        if template.names_issuer:
            extensions.append((self._authority_key_id, False))
        if template.purposes:
            extensions.append((x509.ExtendedKeyUsage(template.purposes), False))
        if request.alternative_names is not None:
            no_subject = not list(request.subject)  # then SAN must be critical (RFC 5280, 4.2.1.6)
            extensions.append((request.alternative_names, no_subject))
        return extensions

    def _hash(self, signing_algorithm: str) -> Hash:
        family = "RSA" if isinstance(self._key, rsa.RSAPrivateKey) else "ECDSA"
        if signing_algorithm not in _HASHES or not signing_algorithm.endswith(f"WITH{family}"):
            message = f"signing algorithm {signing_algorithm} does not fit the CA's {family} key"
            raise UnsuitableAlgorithm(message)
        return _HASHES[SigningAlgorithm(signing_algorithm)]


def new_issuer(key_algorithm: KeyAlgorithm, subject: CASubject) -> Issuer:
    """Make a CA with a new key. Raises ``ValueError`` for a name X.509 cannot carry."""
    return Issuer(generate(key_algorithm), authority_name(subject))


def authority_name(subject: CASubject) -> x509.Name:
    """Order a CA's names from the widest to the narrowest. Raises ``ValueError``."""
    parts = (
        (NameOID.COUNTRY_NAME, subject.country),
        (NameOID.ORGANIZATION_NAME, subject.organization),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, subject.organizational_unit),
        (NameOID.COMMON_NAME, subject.common_name),
    )
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts if value is not None])
