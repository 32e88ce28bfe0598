"""Certificate requests (PKCS#10): made for workloads, and read by whoever signs.

Names come in as arguments already admitted; which names are right is ``domain``'s question.
"""

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from rolesanywhere.api.authority import KeyAlgorithm
from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.certificate import KeyPair
from rolesanywhere.domain.trouble import Refusal
from rolesanywhere.pki.certificates import PARSE_ERRORS
from rolesanywhere.pki.keys import generate, to_pem


class MalformedCsr(ValueError):  # noqa: N818 - acm-pca's own word
    """A request that cannot be read, is not signed by its key, or names nobody."""


@dataclass(frozen=True, slots=True)
class Request:
    """What of a request goes into the certificate."""

    subject: x509.Name
    public_key: CertificatePublicKeyTypes
    alternative_names: x509.SubjectAlternativeName | None
    extensions: tuple[x509.Extension[x509.ExtensionType], ...]  # the SAN among them


def request(
    algorithm: KeyAlgorithm,
    *,
    common_name: str,
    organizational_unit: str | None,
    organization: str | None,
    uri: str,
) -> KeyPair:
    """Make a new key and a PKCS#10 request for it, PEM; ``uri`` is the first and only SAN.

    Raises ``Refusal`` for a name X.509 cannot carry (a CN over 64 characters, a non-ASCII URI).
    """
    key = generate(algorithm)
    try:
        builder = (
            x509.CertificateSigningRequestBuilder()
            .subject_name(_subject(common_name, organizational_unit, organization))
            .add_extension(
                x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri)]), critical=False
            )
        )
    except ValueError as error:
        message = f"no certificate can carry CN={common_name!r} and URI {uri!r}: {error}"
        raise Refusal(Reason.INVALID_SPEC, message) from error
    return KeyPair(to_pem(key), builder.sign(key, SHA256()).public_bytes(Encoding.PEM))


def read_request(csr: bytes) -> Request:
    """Read a PEM request whose signature holds. Raises ``MalformedCsr``."""
    try:
        parsed = x509.load_pem_x509_csr(csr)
        signed = parsed.is_signature_valid
        request = Request(
            parsed.subject,
            parsed.public_key(),
            _alternative_names(parsed),
            tuple(parsed.extensions),
        )
    except PARSE_ERRORS as error:
        message = f"the certificate request is not readable PEM PKCS#10: {error}"
        raise MalformedCsr(message) from error
    if not signed:
        message = "the certificate request is not signed by its own key"
        raise MalformedCsr(message)
    if not list(request.subject) and request.alternative_names is None:
        message = "the certificate request has neither a subject nor a SAN"
        raise MalformedCsr(message)
    return request


def _subject(common_name: str, unit: str | None, organization: str | None) -> x509.Name:
    """Order names from the widest to the narrowest, as certificates commonly do."""
    parts = (
        (NameOID.ORGANIZATION_NAME, organization),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
        (NameOID.COMMON_NAME, common_name),
    )
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts if value is not None])


def _alternative_names(csr: x509.CertificateSigningRequest) -> x509.SubjectAlternativeName | None:
    try:
        return csr.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None
