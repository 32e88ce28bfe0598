"""What is in certificates and keys: read by ``cryptography``, told as openssl would."""

from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hack.demo.errors import ExpectationError
from hack.demo.telling import Telling, expect, require
from hack.demo.walkthroughs import CA_ENDS, DAYS, NAME, Walkthrough

_SLACK: Final = timedelta(minutes=5)  # between an issue and our look at it


def read(pem: bytes) -> x509.Certificate:
    """Read the first certificate of a PEM text. Raises ``ValueError``."""
    return x509.load_pem_x509_certificates(pem)[0]


def subject(certificate: x509.Certificate) -> str:
    """Give the subject, most specific part first: ``CN=sample,OU=tech``."""
    return certificate.subject.rfc4514_string()


def serial(certificate: x509.Certificate) -> str:
    """Give the serial number as AWS names sessions by it: hexadecimal, whole bytes."""
    return certificate.serial_number.to_bytes(20, "big").lstrip(b"\0").hex()


def key_kind(key: object) -> str:
    """Name a public key's kind and size or curve: ``RSA 2048``, ``EC secp256r1``."""
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {key.curve.name}"
    return type(key).__name__


def moment(when: datetime) -> str:
    """Tell a UTC time to the minute."""
    return f"{when:%Y-%m-%d %H:%M} UTC"


def check_root(telling: Telling, certificate: x509.Certificate, *, key: str) -> None:
    """Check a CA's own certificate: its name, its key, by whom it is signed, and its end."""
    expect(telling, "subject", subject(certificate), NAME)
    expect(telling, "key", key_kind(certificate.public_key()), key)
    basics = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    require(basics.ca, "the root to be a CA's certificate", "it says CA:FALSE")
    check_issuer(telling, certificate, certificate, "itself")
    expect(telling, "ends", moment(certificate.not_valid_after_utc), CA_ENDS)


def check_issuer(
    telling: Telling, certificate: x509.Certificate, issuer: x509.Certificate, name: str
) -> None:
    """Check that one certificate's signature is by another's key."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError) as error:
        expected = f"a certificate signed by {name}"
        raise ExpectationError(expected, f"it is not: {error}") from error
    telling.fact("signed by", name)


def check_leaf(
    telling: Telling, certificate: x509.Certificate, walkthrough: Walkthrough, *, now: datetime
) -> None:
    """Check a workload's certificate: its name, its URI, its key, and its seven days."""
    expect(telling, "subject", subject(certificate), NAME)
    expect(telling, "URI", ", ".join(_uris(certificate)), walkthrough.uri)
    expect(telling, "key", key_kind(certificate.public_key()), walkthrough.key)
    ends = certificate.not_valid_after_utc
    age = now + timedelta(days=DAYS) - ends
    require(
        -_SLACK < age < _SLACK,
        f"a certificate that ends {DAYS} days from now",
        f"it ends {moment(ends)}",
    )
    telling.fact("ends", f"{moment(ends)}, {DAYS} days after its issue")


def check_pair(telling: Telling, private_key: bytes, certificate: x509.Certificate) -> None:
    """Check that a private key belongs to a certificate; nothing of the key is told."""
    public = load_pem_private_key(private_key, password=None).public_key()
    require(
        public == certificate.public_key(),
        "tls.key and tls.crt to belong together",
        "they do not",
    )
    telling.fact("tls.key", "belongs to tls.crt")


def _uris(certificate: x509.Certificate) -> list[str]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return names.get_values_for_type(x509.UniformResourceIdentifier)
