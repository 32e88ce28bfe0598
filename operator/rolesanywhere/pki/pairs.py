"""Whether a key and a certificate belong together.

Apart from ``inspection``: the agent's exchange asks this and nothing else of a certificate, and
starts the sooner for not loading the rest.
"""

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from rolesanywhere.pki.certificates import PARSE_ERRORS, parse_pem
from rolesanywhere.pki.keys import UnusableKey, load_private_key


def key_matches(private_key: bytes, certificate: bytes) -> bool:
    """Tell whether the first certificate (PEM) belongs to the key; False for unreadable input."""
    try:
        key = load_private_key(private_key)
        leaf = parse_pem(certificate)[0]
        return is_pair(key, leaf)
    except (UnusableKey, *PARSE_ERRORS):
        return False


def is_pair(key: PrivateKeyTypes, certificate: x509.Certificate) -> bool:
    """Tell whether a certificate is for a key."""
    return public_info(key.public_key()) == public_info(certificate.public_key())


def public_info(key: PublicKeyTypes) -> bytes:
    """Give a key's SubjectPublicKeyInfo, DER: equal exactly for equal keys."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
