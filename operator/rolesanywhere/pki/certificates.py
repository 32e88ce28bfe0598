"""Certificates as the library's objects: parsing, and who signed whom.

Nothing here decides whether a certificate is good (``path``) and nothing turns it into words
(``inspection``). Whatever the library raises on garbage becomes ``UnreadableCertificate``.
"""

from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import MD5, SHA1
from cryptography.hazmat.primitives.serialization import Encoding

# Parsing is lazy: any of these may come out of any attribute. The warning is listed for programs
# that turn warnings into errors: what the library warns of in a certificate is then not accepted.
PARSE_ERRORS: Final = (
    ValueError,
    TypeError,
    KeyError,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
    UnsupportedAlgorithm,
    UserWarning,
)

_DASHES: Final = b"-----"  # may as well be a line that somebody drew
_BEGIN: Final = b"-----BEGIN "
_BEGINNINGS: Final = (b"-----BEGIN CERTIFICATE-----", b"-----BEGIN X509 CERTIFICATE-----")


class UnreadableCertificate(ValueError):  # noqa: N818 - it says what is wrong, not that it is
    """These bytes are no X.509 certificate, or one this library cannot read."""


def parse_der(der: bytes) -> x509.Certificate:
    """Parse one DER certificate. Raises ``UnreadableCertificate``."""
    try:
        return x509.load_der_x509_certificate(der)
    except PARSE_ERRORS as error:
        message = f"not an X.509 certificate: {error}"
        raise UnreadableCertificate(message) from error


def parse_pem(bundle: bytes) -> tuple[x509.Certificate, ...]:
    """Parse a PEM bundle in order; text around the blocks is ignored.

    Raises ``UnreadableCertificate`` when there is no certificate in it, one is damaged, or it
    ends in the middle of one, as a file that is still being written does.
    """
    try:
        parsed = tuple(x509.load_pem_x509_certificates(bundle))
    except PARSE_ERRORS as error:
        message = f"no readable PEM certificate{_place(bundle)}: {error}"
        raise UnreadableCertificate(message) from error
    if _is_cut_off(bundle, len(parsed)):
        message = "the PEM text ends in the middle of a certificate"
        raise UnreadableCertificate(message)
    return parsed


def to_der(certificate: x509.Certificate) -> bytes:
    """Write DER."""
    return certificate.public_bytes(Encoding.DER)


def to_pem(certificate: x509.Certificate) -> bytes:
    """Write PEM, with a newline at the end."""
    return certificate.public_bytes(Encoding.PEM)


def key_identifier(certificate: x509.Certificate) -> bytes | None:
    """Give a CA's subjectKeyIdentifier: what it signs repeats it (RFC 5280, 4.2.1.1)."""
    try:
        extensions = certificate.extensions
        return extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return None


def is_self_issued(certificate: x509.Certificate) -> bool:
    """Tell whether subject and issuer are the same name (RFC 5280, section 3.2)."""
    return certificate.subject == certificate.issuer


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Tell whether it is a root: signed by its own key, whatever other CA bears the same name."""
    return is_issued_by(certificate, certificate)


def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Tell whether ``issuer``'s name and key are those that signed ``certificate``."""
    try:
        if isinstance(certificate.signature_hash_algorithm, (MD5, SHA1)):
            return certificate.issuer == issuer.subject and _is_signed_weakly(certificate, issuer)
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, *PARSE_ERRORS):
        return False
    return True


def _place(bundle: bytes) -> str:
    """Tell where the first unreadable block of several is. Whoever wrote them may be unkind."""
    begun = (_BEGIN + rest for rest in bundle.split(_BEGIN)[1:])
    blocks = [block for block in begun if block.startswith(_BEGINNINGS)]
    for number, block in enumerate(blocks, 1):
        try:
            x509.load_pem_x509_certificates(block)
        except PARSE_ERRORS:
            return f" (block {number} of {len(blocks)})" if len(blocks) > 1 else ""
    return ""


def _is_cut_off(bundle: bytes, whole: int) -> bool:
    """Tell whether there is more than so many whole blocks: the library says nothing of the rest.

    The last line may be the beginning of a block's first.
    """
    begun = sum(map(bundle.count, _BEGINNINGS))
    last = bundle.rpartition(b"\n")[2]
    is_begun = len(last) > len(_DASHES) and any(each.startswith(last) for each in _BEGINNINGS)
    return begun > whole or is_begun


def _is_signed_weakly(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Verify what the library will not: whoever judges shall say "SHA-1", not "no issuer".

    Raises ``InvalidSignature``.
    """
    key, digest = issuer.public_key(), certificate.signature_hash_algorithm
    signature, signed = certificate.signature, certificate.tbs_certificate_bytes
    if digest is not None and isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, signed, padding.PKCS1v15(), digest)
        return True
    if digest is not None and isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, signed, ec.ECDSA(digest))
        return True
    return False
