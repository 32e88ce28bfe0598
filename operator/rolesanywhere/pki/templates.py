"""A CA that signs by template, as acm-pca does.

The own CA (``authority``) and the emulator's Private CA share this one place where a certificate is
built. What a template defines wins over what the API passes through, and that over the request:
https://docs.aws.amazon.com/privateca/latest/userguide/template-order-of-operations.html
No dates are decided here.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from rolesanywhere.api.authority import CASubject, KeyAlgorithm
from rolesanywhere.pki.certificates import PARSE_ERRORS, parse_pem, to_pem
from rolesanywhere.pki.crl import RevocationList
from rolesanywhere.pki.extensions import TEMPLATES, Passthrough, Template
from rolesanywhere.pki.keys import generate
from rolesanywhere.pki.pairs import is_pair, public_info
from rolesanywhere.pki.passthrough import ApiValues, Extension, read_api_passthrough
from rolesanywhere.pki.requests import MalformedCsr, Request, read_request
from rolesanywhere.pki.revocation_pointers import RevocationPointers
from rolesanywhere.pki.signing_methods import (
    Hash,
    SigningKey,
    SigningMethod,
    UnsuitableAlgorithm,
    family_of,
    method_for,
)

__all__ = [
    "Hash",
    "Issuer",
    "MalformedCsr",
    "UnsuitableAlgorithm",
    "UnsupportedTemplate",
    "authority_name",
    "new_issuer",
]

_NOTHING_PASSED = ApiValues(subject=None, extensions=())


class UnsupportedTemplate(ValueError):  # noqa: N818 - says what the template is
    """A template this module does not know."""


class Issuer:
    """A CA's name and key, ready to sign many certificates. The key never shows."""

    def __init__(self, key: SigningKey, name: x509.Name, key_id: bytes | None = None) -> None:
        """Take the CA's own subject; ``key_id`` if its certificate's SKI is not the usual hash."""
        self._key = key
        self._name = name
        self._authority_key_id = x509.AuthorityKeyIdentifier(
            key_id or x509.SubjectKeyIdentifier.from_public_key(key.public_key()).digest,
            authority_cert_issuer=None,
            authority_cert_serial_number=None,
        )

    def request(
        self, signing_algorithm: str | None = None, extensions: Iterable[Extension] = ()
    ) -> bytes:
        """Give the request for the CA's own certificate, PEM; by default with SHA-256.

        Raises ``UnsuitableAlgorithm``.
        """
        method = (
            method_for(self._key, signing_algorithm)
            if signing_algorithm
            else SigningMethod(family_of(self._key), SHA256())
        )
        builder = x509.CertificateSigningRequestBuilder().subject_name(self._name)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        signed = builder.sign(self._key, method.digest, rsa_padding=method.rsa_padding)
        return signed.public_bytes(Encoding.PEM)

    def revocation_list(self, revoked: RevocationList, signing_algorithm: str) -> bytes:
        """Sign a list of what this CA has revoked; gives DER. Raises ``UnsuitableAlgorithm``."""
        method = method_for(self._key, signing_algorithm)
        builder = revoked.builder(self._name, self._authority_key_id)
        signed = builder.sign(self._key, method.digest, rsa_padding=method.rsa_padding)
        return signed.public_bytes(Encoding.DER)

    def matches(self, certificate: bytes) -> bool:
        """Tell whether the first certificate (PEM) has this CA's name and key."""
        try:
            own = parse_pem(certificate)[0]
            same = is_pair(self._key, own) and own.subject == self._name
        except PARSE_ERRORS:
            return False
        return same

    def require_own(self, csr: bytes) -> None:
        """Insist that a request is for this CA's own key: a root certificate is for no other.

        Raises ``MalformedCsr``.
        """
        if public_info(read_request(csr).public_key) != public_info(self._key.public_key()):
            message = "the request for a root certificate is not by the CA's own key"
            raise MalformedCsr(message)

    def sign(
        self,
        csr: bytes,
        *,
        template: str,
        signing_algorithm: str,
        not_before: datetime,
        not_after: datetime,
        serial: int | None = None,
        passthrough: Mapping[str, Any] | None = None,
        pointers: RevocationPointers | None = None,
    ) -> bytes:
        """Sign a request as IssueCertificate would; gives PEM.

        ``template`` is the end of the template's ARN (``EndEntityCertificate/V1``), the algorithm
        is spelled as acm-pca does. ``passthrough`` is an ``ApiPassthrough``, ignored by templates
        that let nothing of the API through. Raises ``MalformedCsr``, ``UnsupportedTemplate``,
        ``UnsuitableAlgorithm`` or ``InvalidPassthrough``.
        """
        if template not in TEMPLATES:
            message = f"template {template} is not one of {', '.join(TEMPLATES)}"
            raise UnsupportedTemplate(message)
        chosen = TEMPLATES[template]
        heeds_api = passthrough and Passthrough.API in chosen.passthrough
        return self._certify(
            read_request(csr),
            chosen,
            method_for(self._key, signing_algorithm),
            (not_before, not_after),
            serial or x509.random_serial_number(),
            read_api_passthrough(passthrough) if passthrough and heeds_api else _NOTHING_PASSED,
            pointers.extensions() if pointers and chosen.names_revocation else (),
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
        return self._certify(
            read_request(csr),
            template,
            SigningMethod(family_of(self._key), digest),
            (not_before, not_after),
            x509.random_serial_number(),  # 159 bits: positive in 20 octets
        )

    def _certify(
        self,
        request: Request,
        template: Template,
        method: SigningMethod,
        validity: tuple[datetime, datetime],
        serial: int,
        api: ApiValues = _NOTHING_PASSED,
        configured: Iterable[Extension] = (),
    ) -> bytes:
        """Build and sign. ``configured`` extensions come from the CA's configuration."""
        subject = request.subject if api.subject is None else api.subject
        builder = (
            x509.CertificateBuilder()
            .issuer_name(self._name)
            .subject_name(subject)
            .public_key(request.public_key)
            .serial_number(serial)
            .not_valid_before(validity[0])
            .not_valid_after(validity[1])
        )
        candidates = (
            *self._defined(request, template),
            *configured,
            *api.extensions,
            *_of_request(request, template),
        )
        for extension, critical in _first_of_each(candidates, has_subject=bool(list(subject))):
            builder = builder.add_extension(extension, critical=critical)
        signed = builder.sign(self._key, method.digest, rsa_padding=method.rsa_padding)
        return to_pem(signed)

    def _defined(self, request: Request, template: Template) -> Iterable[Extension]:
        """List what the template defines, each with its critical flag."""
        constraints = x509.BasicConstraints(ca=template.is_ca, path_length=template.path_length)
        yield constraints, template.is_ca or template.constraints_are_critical
        if template.key_usage is not None:
            yield template.key_usage, True
        yield x509.SubjectKeyIdentifier.from_public_key(request.public_key), False
        if template.names_issuer:
            yield self._authority_key_id, False
        if template.purposes:
            yield x509.ExtendedKeyUsage(template.purposes), template.purposes_are_critical


def _of_request(request: Request, template: Template) -> Iterable[Extension]:
    """List what the request brings: its SAN always, the rest when the template lets it through."""
    if request.alternative_names is not None:
        yield request.alternative_names, False
    if Passthrough.CSR in template.passthrough:
        for each in request.extensions:
            yield each.value, each.critical


def _first_of_each(candidates: Iterable[Extension], *, has_subject: bool) -> Iterable[Extension]:
    """Keep the first extension of each identifier: the order is the priority.

    Without a subject the SAN must be critical (RFC 5280, 4.2.1.6).
    """
    chosen: dict[x509.ObjectIdentifier, Extension] = {}
    for extension, critical in candidates:
        chosen.setdefault(extension.oid, (extension, critical))
    names = x509.SubjectAlternativeName.oid
    if names in chosen and not has_subject:
        chosen[names] = (chosen[names][0], True)
    return chosen.values()


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
