"""What a certificate authority of ours is made from: shared by Private CA and own CA."""

from enum import StrEnum
from typing import Final

import msgspec

DEFAULT_CA_VALIDITY_YEARS: Final = 10  # what the Private CA console offers


class KeyAlgorithm(StrEnum):
    """Key algorithms of a CA, spelled as acm-pca spells them."""

    RSA_2048 = "RSA_2048"
    RSA_3072 = "RSA_3072"
    RSA_4096 = "RSA_4096"
    EC_PRIME256V1 = "EC_prime256v1"
    EC_SECP384R1 = "EC_secp384r1"
    EC_SECP521R1 = "EC_secp521r1"


class SigningAlgorithm(StrEnum):
    """Signing algorithms of a CA, spelled as acm-pca spells them."""

    SHA256_WITH_RSA = "SHA256WITHRSA"
    SHA384_WITH_RSA = "SHA384WITHRSA"
    SHA512_WITH_RSA = "SHA512WITHRSA"
    SHA256_WITH_ECDSA = "SHA256WITHECDSA"
    SHA384_WITH_ECDSA = "SHA384WITHECDSA"
    SHA512_WITH_ECDSA = "SHA512WITHECDSA"


class UsageMode(StrEnum):
    """Private CA modes as users write them; ``ShortLived`` issues for 7 days at most."""

    SHORT_LIVED = "ShortLived"
    GENERAL_PURPOSE = "GeneralPurpose"


class CASubject(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The distinguished name of a CA. Trust policies match CN and OU."""

    common_name: str
    organizational_unit: str | None = None
    organization: str | None = None
    country: str | None = None


class CAValidity(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How long a CA's certificate lives: exactly one of the two (the CRD sees to it).

    ``not_after`` is RFC 3339, as late as 9999-12-31.
    """

    years: int | None = None
    not_after: str | None = None


DEFAULT_CA_VALIDITY: Final = CAValidity(years=DEFAULT_CA_VALIDITY_YEARS)
