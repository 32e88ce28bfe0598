"""Private keys: made, written as PKCS#8 PEM, read back.

A key is born here and leaves only as the PEM its Secret will hold. No error names its content.
"""

from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from rolesanywhere.api.authority import KeyAlgorithm

AuthorityKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_PUBLIC_EXPONENT: Final = 65537  # the only one FIPS 186-5 tools make in practice
_RSA_BITS: Final = {
    KeyAlgorithm.RSA_2048: 2048,
    KeyAlgorithm.RSA_3072: 3072,
    KeyAlgorithm.RSA_4096: 4096,
}
_CURVES: Final = {
    KeyAlgorithm.EC_PRIME256V1: ec.SECP256R1(),
    KeyAlgorithm.EC_SECP384R1: ec.SECP384R1(),
    KeyAlgorithm.EC_SECP521R1: ec.SECP521R1(),
}


class UnusableKey(ValueError):  # noqa: N818 - it says what the key is
    """Not an unencrypted PEM private key of a kind this library knows."""


def generate(algorithm: KeyAlgorithm) -> AuthorityKey:
    """Make a new key from the operating system's randomness."""
    if algorithm in _RSA_BITS:
        return rsa.generate_private_key(_PUBLIC_EXPONENT, _RSA_BITS[algorithm])
    return ec.generate_private_key(_CURVES[algorithm])


def to_pem(key: PrivateKeyTypes) -> bytes:
    """Write a key as unencrypted PKCS#8 PEM: what a kubernetes.io/tls Secret holds."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def load_private_key(pem: bytes, *, is_foreign: bool = False) -> PrivateKeyTypes:
    """Read a PEM key (PKCS#8, PKCS#1 or SEC 1). Raises ``UnusableKey``, which never quotes it.

    ``is_foreign``: an RSA key's numbers are proven to belong together, which takes 36 ms. Of keys
    made here they do; the certificate beside a key says whether it is the right one.
    """
    try:
        return load_pem_private_key(
            pem, password=None, unsafe_skip_rsa_key_validation=not is_foreign
        )
    except TypeError:
        message = "the private key is encrypted; store it without a passphrase"
        raise UnusableKey(message) from None
    except (ValueError, UnsupportedAlgorithm):
        message = "the private key is not readable PEM (PKCS#8, PKCS#1 or SEC 1)"
        raise UnusableKey(message) from None
