"""The three AWS4-X509 algorithms: which one a key takes, and its bytes.

https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-sign-process.html
SHA-256 always, whatever the curve or the certificate's own hash; ML-DSA is pure, with an empty
context, over the string itself. No HTTP here: that is ``canonical`` and ``signature``.
"""

from enum import StrEnum
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256


class Algorithm(StrEnum):
    """The first word of the Authorization header."""

    RSA = "AWS4-X509-RSA-SHA256"
    ECDSA = "AWS4-X509-ECDSA-SHA256"
    MLDSA = "AWS4-X509-MLDSA"


_MLDSA_PUBLIC: Final = (mldsa.MLDSA44PublicKey, mldsa.MLDSA65PublicKey, mldsa.MLDSA87PublicKey)
_MLDSA_PRIVATE: Final = (mldsa.MLDSA44PrivateKey, mldsa.MLDSA65PrivateKey, mldsa.MLDSA87PrivateKey)


def algorithm_of(key: PublicKeyTypes) -> Algorithm | None:
    """Give the algorithm a leaf's key takes; None for a kind Roles Anywhere does not know."""
    if isinstance(key, rsa.RSAPublicKey):
        return Algorithm.RSA
    if isinstance(key, ec.EllipticCurvePublicKey):
        return Algorithm.ECDSA
    if isinstance(key, _MLDSA_PUBLIC):
        return Algorithm.MLDSA
    return None


def sign_bytes(key: PrivateKeyTypes, message: bytes) -> bytes:
    """Sign; an EC signature is DER. The key is of a kind ``algorithm_of`` knows."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), SHA256())
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(message, ec.ECDSA(SHA256()))
    if isinstance(key, _MLDSA_PRIVATE):
        return key.sign(message)
    unknown = f"a {type(key).__name__} signs no AWS4-X509 request"
    raise TypeError(unknown)


def is_signed(key: PublicKeyTypes, signature: bytes, message: bytes) -> bool:
    """Tell whether ``signature`` is ``key``'s over ``message``.

    OpenSSL takes an EC signature in strict DER only: one signature, one spelling.
    """
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(SHA256()))
        elif isinstance(key, _MLDSA_PUBLIC):
            key.verify(signature, message)
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True
