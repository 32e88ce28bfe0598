"""What acm-pca's templates add to a request: basicConstraints, keyUsage and purposes, as data.

https://docs.aws.amazon.com/privateca/latest/userguide/template-definitions.html
Signing happens in ``templates``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID


@dataclass(frozen=True, slots=True)
class Template:
    """What a template adds to the request. ``path_length`` is for CAs only; None: no limit."""

    is_ca: bool
    key_usage: x509.KeyUsage
    path_length: int | None = None
    purposes: tuple[x509.ObjectIdentifier, ...] = ()
    names_issuer: bool = True  # an authorityKeyIdentifier; a root needs none (RFC 5280, 4.2.1.1)


def _key_usage(*names: str) -> x509.KeyUsage:
    """Build keyUsage from the library's names of what is allowed."""
    every = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: name in names for name in every})


_AUTHORITY_USAGE: Final = _key_usage("digital_signature", "key_cert_sign", "crl_sign")
_LEAF_USAGE: Final = _key_usage("digital_signature", "key_encipherment")
_CLIENT: Final = ExtendedKeyUsageOID.CLIENT_AUTH
_SERVER: Final = ExtendedKeyUsageOID.SERVER_AUTH
_DEEPEST_SUBORDINATE: Final = 3  # SubordinateCACertificate_PathLen0 … PathLen3

END_ENTITY_CLIENT_AUTH: Final = Template(is_ca=False, key_usage=_LEAF_USAGE, purposes=(_CLIENT,))
OWN_ROOT: Final = Template(  # not one of acm-pca's: it signs leaves and CRLs, nothing else
    is_ca=True,
    key_usage=_key_usage("key_cert_sign", "crl_sign"),
    path_length=0,
    names_issuer=False,
)
TEMPLATES: Final[Mapping[str, Template]] = MappingProxyType(
    {
        "RootCACertificate/V1": Template(
            is_ca=True, key_usage=_AUTHORITY_USAGE, names_issuer=False
        ),
        **{
            f"SubordinateCACertificate_PathLen{length}/V1": Template(
                is_ca=True, key_usage=_AUTHORITY_USAGE, path_length=length
            )
            for length in range(_DEEPEST_SUBORDINATE + 1)
        },
        "EndEntityCertificate/V1": Template(
            is_ca=False, key_usage=_LEAF_USAGE, purposes=(_SERVER, _CLIENT)
        ),
        "EndEntityClientAuthCertificate/V1": END_ENTITY_CLIENT_AUTH,
        "EndEntityServerAuthCertificate/V1": Template(
            is_ca=False, key_usage=_LEAF_USAGE, purposes=(_SERVER,)
        ),
    }
)
