"""What acm-pca's templates put into a certificate, as data.

https://docs.aws.amazon.com/privateca/latest/userguide/template-definitions.html
A template's name is its base, what it lets through, and a version: the table below is made from
bases and ``Passthrough``. Signing happens in ``templates``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Flag, auto
from types import MappingProxyType
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID


class Passthrough(Flag):
    """Where a certificate's further extensions may come from; SAN and subject of a CSR always do.

    https://docs.aws.amazon.com/privateca/latest/userguide/template-varieties.html
    """

    NONE = 0
    CSR = auto()
    API = auto()


@dataclass(frozen=True, slots=True)
class Template:
    """What a template defines. ``path_length`` is for CAs only; None: no limit."""

    is_ca: bool
    key_usage: x509.KeyUsage | None  # None: blank, what is passed through decides
    path_length: int | None = None
    purposes: tuple[x509.ObjectIdentifier, ...] = ()
    purposes_are_critical: bool = False
    constraints_are_critical: bool = False  # of a leaf; a CA's always are (RFC 5280, 4.2.1.9)
    names_issuer: bool = True  # an authorityKeyIdentifier; a root needs none (RFC 5280, 4.2.1.1)
    names_revocation: bool = True  # CRL distribution points and OCSP, from the CA's configuration
    passthrough: Passthrough = Passthrough.NONE


def key_usage(*names: str) -> x509.KeyUsage:
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


_AUTHORITY_USAGE: Final = key_usage("digital_signature", "key_cert_sign", "crl_sign")
_LEAF_USAGE: Final = key_usage("digital_signature", "key_encipherment")
_SIGNER_USAGE: Final = key_usage("digital_signature")
_CLIENT: Final = ExtendedKeyUsageOID.CLIENT_AUTH
_SERVER: Final = ExtendedKeyUsageOID.SERVER_AUTH
_VERSION: Final = "/V1"
_DEEPEST_SUBORDINATE: Final = 3  # SubordinateCACertificate_PathLen0 … PathLen3
_VARIETIES: Final[Mapping[str, Passthrough]] = MappingProxyType(
    {
        "_CSRPassthrough": Passthrough.CSR,
        "_APIPassthrough": Passthrough.API,
        "_APICSRPassthrough": Passthrough.API | Passthrough.CSR,
    }
)


def _signer(purpose: x509.ObjectIdentifier) -> Template:
    return Template(
        is_ca=False, key_usage=_SIGNER_USAGE, purposes=(purpose,), purposes_are_critical=True
    )


END_ENTITY_CLIENT_AUTH: Final = Template(is_ca=False, key_usage=_LEAF_USAGE, purposes=(_CLIENT,))
OWN_ROOT: Final = Template(  # not one of acm-pca's: it signs leaves and CRLs, nothing else
    is_ca=True,
    key_usage=key_usage("key_cert_sign", "crl_sign"),
    path_length=0,
    names_issuer=False,
    names_revocation=False,
)
_ROOT: Final = Template(
    is_ca=True, key_usage=_AUTHORITY_USAGE, names_issuer=False, names_revocation=False
)
_BASES: Final[Mapping[str, Template]] = MappingProxyType(
    {
        "EndEntityCertificate": Template(
            is_ca=False, key_usage=_LEAF_USAGE, purposes=(_SERVER, _CLIENT)
        ),
        "EndEntityClientAuthCertificate": END_ENTITY_CLIENT_AUTH,
        "EndEntityServerAuthCertificate": Template(
            is_ca=False, key_usage=_LEAF_USAGE, purposes=(_SERVER,)
        ),
        "CodeSigningCertificate": _signer(ExtendedKeyUsageOID.CODE_SIGNING),
        "OCSPSigningCertificate": _signer(ExtendedKeyUsageOID.OCSP_SIGNING),
        **{
            f"SubordinateCACertificate_PathLen{length}": Template(
                is_ca=True, key_usage=_AUTHORITY_USAGE, path_length=length
            )
            for length in range(_DEEPEST_SUBORDINATE + 1)
        },
    }
)
_BLANKS: Final[Mapping[str, Template]] = MappingProxyType(
    {
        "BlankEndEntityCertificate": Template(is_ca=False, key_usage=None),
        "BlankEndEntityCertificate_CriticalBasicConstraints": Template(
            is_ca=False, key_usage=None, constraints_are_critical=True
        ),
        **{
            f"BlankSubordinateCACertificate_PathLen{length}": Template(
                is_ca=True, key_usage=None, path_length=length
            )
            for length in range(_DEEPEST_SUBORDINATE + 1)
        },
    }
)


def _varieties(bases: Mapping[str, Template]) -> Iterator[tuple[str, Template]]:
    """Name each base's passthrough variants."""
    for name, template in bases.items():
        for suffix, passthrough in _VARIETIES.items():
            yield f"{name}{suffix}{_VERSION}", replace(template, passthrough=passthrough)


TEMPLATES: Final[Mapping[str, Template]] = MappingProxyType(
    {
        f"RootCACertificate{_VERSION}": _ROOT,
        f"RootCACertificate_APIPassthrough{_VERSION}": replace(_ROOT, passthrough=Passthrough.API),
        **{f"{name}{_VERSION}": template for name, template in _BASES.items()},
        **dict(_varieties(_BASES)),
        **dict(_varieties(_BLANKS)),
    }
)
