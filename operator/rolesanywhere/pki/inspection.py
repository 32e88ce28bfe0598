"""Certificates in words: what rules and people ask about them, as ``CertificateFacts``.

Reads only; whether what it reads is good is decided in ``domain`` and ``path``.
"""

import hashlib
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.x509.oid import NameOID

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.certificate import CertificateFacts, Name
from rolesanywhere.domain.observed import IssuedCertificate
from rolesanywhere.domain.trouble import Refusal
from rolesanywhere.pki.certificates import (
    PARSE_ERRORS,
    UnreadableCertificate,
    is_self_signed,
    parse_der,
    parse_pem,
    to_pem,
)
from rolesanywhere.pki.pairs import public_info

# RFC 4519's and X.520's short names, as session tags spell them; a dotted OID where none is here
SHORT_NAMES: Final = {
    NameOID.COMMON_NAME: "CN",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.COUNTRY_NAME: "C",
    NameOID.LOCALITY_NAME: "L",
    NameOID.STATE_OR_PROVINCE_NAME: "ST",
    NameOID.STREET_ADDRESS: "STREET",
    NameOID.DOMAIN_COMPONENT: "DC",
    NameOID.USER_ID: "UID",
    NameOID.SERIAL_NUMBER: "serialNumber",
    NameOID.SURNAME: "SN",
    NameOID.GIVEN_NAME: "GN",
    NameOID.INITIALS: "initials",
    NameOID.GENERATION_QUALIFIER: "generationQualifier",
    NameOID.TITLE: "title",
    NameOID.PSEUDONYM: "pseudonym",
    NameOID.DN_QUALIFIER: "dnQualifier",
    NameOID.POSTAL_CODE: "postalCode",
    NameOID.EMAIL_ADDRESS: "emailAddress",
}
_CURVES: Final = {
    "secp256r1": "EC_prime256v1",
    "secp384r1": "EC_secp384r1",
    "secp521r1": "EC_secp521r1",
}
_KEY_USAGES: Final = {  # RFC 5280, section 4.2.1.3
    "digital_signature": "digitalSignature",
    "content_commitment": "nonRepudiation",
    "key_encipherment": "keyEncipherment",
    "data_encipherment": "dataEncipherment",
    "key_agreement": "keyAgreement",
    "key_cert_sign": "keyCertSign",
    "crl_sign": "cRLSign",
}


def inspect(certificates: bytes) -> tuple[CertificateFacts, ...]:
    """Parse a PEM bundle, in order. Raises ``Refusal`` when there is no certificate in it."""
    try:
        return tuple(facts_of_certificate(parsed) for parsed in parse_pem(certificates))
    except UnreadableCertificate as error:
        message = f"cannot read the certificates: {error}. Provide PEM, one block per certificate."
        raise Refusal(Reason.INVALID_SPEC, message) from error


def facts_of(der: bytes) -> CertificateFacts:
    """Describe one DER certificate. Raises ``UnreadableCertificate``."""
    return facts_of_certificate(parse_der(der))


@lru_cache(maxsize=256)  # the same few certificates are asked about at each look
def facts_of_certificate(certificate: x509.Certificate) -> CertificateFacts:
    """Describe a parsed certificate. Raises ``UnreadableCertificate``: parsing is lazy."""
    try:
        return _facts(certificate)
    except PARSE_ERRORS as error:
        message = f"cannot read the certificate's fields: {error}"
        raise UnreadableCertificate(message) from error


def chain_for(issued: IssuedCertificate) -> tuple[bytes, bytes]:
    """Split what acm-pca gave into (leaf + intermediates without root, root), both PEM.

    The root is the chain's last self-signed certificate; without one it is the chain's end, the
    highest certificate known. By signature, not by name: a subordinate may bear its
    root's name. Raises ``Refusal`` for an unreadable answer.
    """
    try:
        leaf = parse_pem(issued.certificate.encode())[:1]
        chain = parse_pem(issued.chain.encode()) if issued.chain.strip() else ()
    except UnreadableCertificate as error:
        message = f"the issued certificate cannot be read: {error}"
        raise Refusal(Reason.AWS_REFUSED, message) from error
    roots = tuple(each for each in chain if is_self_signed(each)) or chain
    sent = leaf + tuple(each for each in chain if not is_self_signed(each))
    return b"".join(map(to_pem, sent)), b"".join(map(to_pem, roots[-1:]))


def key_algorithm_of(key: PublicKeyTypes) -> str:
    """Name a key as acm-pca does (``RSA_2048``, ``EC_prime256v1``, ``ML_DSA_65``), or "other"."""
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA_{key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return _CURVES.get(key.curve.name, "other")
    if isinstance(key, mldsa.MLDSA44PublicKey):
        return "ML_DSA_44"
    if isinstance(key, mldsa.MLDSA65PublicKey):
        return "ML_DSA_65"
    if isinstance(key, mldsa.MLDSA87PublicKey):
        return "ML_DSA_87"
    return "other"


def _facts(certificate: x509.Certificate) -> CertificateFacts:
    if certificate.serial_number <= 0:
        message = "its serial is not a positive number"
        raise UnreadableCertificate(message)
    names = _alternative_names(certificate.extensions)
    key = certificate.public_key()
    return CertificateFacts(
        serial=certificate.serial_number,
        subject=_name(certificate.subject),
        issuer=_name(certificate.issuer),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        version=certificate.version.value + 1,  # v3 is encoded as 2
        key_algorithm=key_algorithm_of(key),
        signature_hash=_signature_hash(certificate),
        is_ca=_is_ca(certificate.extensions),
        key_usage=_key_usage(certificate.extensions),
        san_dns=tuple(names.get_values_for_type(x509.DNSName)),
        san_uri=tuple(names.get_values_for_type(x509.UniformResourceIdentifier)),
        san_directory_names=tuple(map(_name, names.get_values_for_type(x509.DirectoryName))),
        public_key_sha256=hashlib.sha256(public_info(key)).hexdigest(),
    )


def _name(name: x509.Name) -> Name:
    return Name(
        attributes=tuple(
            (SHORT_NAMES.get(each.oid, each.oid.dotted_string), _text(each.value)) for each in name
        ),
        text=name.rfc4514_string(),
    )


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else f"#{value.hex()}"  # a BIT STRING: RFC 4514's form


def _signature_hash(certificate: x509.Certificate) -> str | None:
    try:
        algorithm = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return certificate.signature_algorithm_oid.dotted_string
    return algorithm.name if algorithm else None


def _alternative_names(extensions: x509.Extensions) -> x509.SubjectAlternativeName:
    try:
        return extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return x509.SubjectAlternativeName([])


def _is_ca(extensions: x509.Extensions) -> bool | None:
    try:
        return extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return None


def _key_usage(extensions: x509.Extensions) -> frozenset[str] | None:
    try:
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None
    return frozenset(word for name, word in _KEY_USAGES.items() if getattr(usage, name))
