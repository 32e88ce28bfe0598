"""What a CA's key may be and how it signs, spelled as acm-pca spells them.

https://docs.aws.amazon.com/privateca/latest/userguide/supported-algorithms.html
A key's family decides which methods fit it; ``templates`` and ``crl`` sign with them. SM2, which
acm-pca has in China only, is not among them: ``cryptography`` signs no certificate with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, mldsa, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512

from rolesanywhere.api.authority import KeyAlgorithm
from rolesanywhere.pki.keys import generate

Hash = SHA256 | SHA384 | SHA512
MldsaKey = mldsa.MLDSA44PrivateKey | mldsa.MLDSA65PrivateKey | mldsa.MLDSA87PrivateKey
SigningKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | MldsaKey


class UnsuitableAlgorithm(ValueError):  # noqa: N818 - says what the algorithm is
    """A key algorithm nobody here can make, or a signing algorithm of another key's family."""


class Family(StrEnum):
    """What key and signing algorithm must have in common. ML-DSA's parameter sets never mix."""

    RSA = "RSA"
    ECDSA = "ECDSA"
    ML_DSA_44 = "ML_DSA_44"
    ML_DSA_65 = "ML_DSA_65"
    ML_DSA_87 = "ML_DSA_87"


@dataclass(frozen=True, slots=True)
class SigningMethod:
    """How a certificate, request or list is signed. ``digest`` None: the algorithm has its own."""

    family: Family
    digest: Hash | None
    is_pss: bool = False

    @property
    def rsa_padding(self) -> padding.PSS | None:
        """RSASSA-PSS with a salt as long as the digest (RFC 4055, 3.1), or None."""
        if not self.is_pss:
            return None
        return padding.PSS(padding.MGF1(self.digest or SHA256()), padding.PSS.DIGEST_LENGTH)


_DIGESTS: Final[Mapping[str, Hash]] = MappingProxyType(
    {"SHA256": SHA256(), "SHA384": SHA384(), "SHA512": SHA512()}
)
_MLDSA_KEYS: Final[Mapping[Family, type[MldsaKey]]] = MappingProxyType(
    {
        Family.ML_DSA_44: mldsa.MLDSA44PrivateKey,
        Family.ML_DSA_65: mldsa.MLDSA65PrivateKey,
        Family.ML_DSA_87: mldsa.MLDSA87PrivateKey,
    }
)
SIGNING_METHODS: Final[Mapping[str, SigningMethod]] = MappingProxyType(
    {
        **{f"{n}WITHRSA": SigningMethod(Family.RSA, d) for n, d in _DIGESTS.items()},
        **{f"{n}WITHRSA_PSS": SigningMethod(Family.RSA, d, True) for n, d in _DIGESTS.items()},  # noqa: FBT003 - a table's third column
        **{f"{n}WITHECDSA": SigningMethod(Family.ECDSA, d) for n, d in _DIGESTS.items()},
        **{str(family): SigningMethod(family, None) for family in _MLDSA_KEYS},
    }
)


def new_key(key_algorithm: str) -> SigningKey:
    """Make a key by acm-pca's name for it. Raises ``UnsuitableAlgorithm`` for any other (SM2)."""
    if key_algorithm in _MLDSA_KEYS:
        return _MLDSA_KEYS[Family(key_algorithm)].generate()
    if _family_named(key_algorithm) is None:
        message = f"no key of algorithm {key_algorithm} can be made here"
        raise UnsuitableAlgorithm(message)
    return generate(KeyAlgorithm(key_algorithm))


def require_fit(key_algorithm: str, signing_algorithm: str) -> None:
    """Compare two names before a key is made. Raises ``UnsuitableAlgorithm``."""
    method = SIGNING_METHODS.get(signing_algorithm)
    if method is None or method.family is not _family_named(key_algorithm):
        message = f"signing algorithm {signing_algorithm} does not fit a {key_algorithm} key"
        raise UnsuitableAlgorithm(message)


def _family_named(key_algorithm: str) -> Family | None:
    if key_algorithm in _MLDSA_KEYS:
        return Family(key_algorithm)
    known = key_algorithm in list(KeyAlgorithm)
    is_rsa = key_algorithm.startswith("RSA")
    return (Family.RSA if is_rsa else Family.ECDSA) if known else None


def family_of(key: SigningKey) -> Family:
    """Tell which signing algorithms fit a key."""
    if isinstance(key, rsa.RSAPrivateKey):
        return Family.RSA
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return Family.ECDSA
    return next(family for family, kind in _MLDSA_KEYS.items() if isinstance(key, kind))


def method_for(key: SigningKey, signing_algorithm: str) -> SigningMethod:
    """Look up a signing algorithm for a key. Raises ``UnsuitableAlgorithm`` when it does not fit.

    The family must be the key's; the hash is free (a P-256 key may sign with SHA-512).
    """
    method, family = SIGNING_METHODS.get(signing_algorithm), family_of(key)
    if method is None or method.family is not family:
        message = f"signing algorithm {signing_algorithm} does not fit the CA's {family} key"
        raise UnsuitableAlgorithm(message)
    return method
