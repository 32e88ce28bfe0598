"""Names of things other than subjects, as acm-pca's ``GeneralName`` describes them.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_GeneralName.html
"""

import ipaddress
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from cryptography import x509

from rolesanywhere.pki.subjects import name_of

_UTF8_STRING: Final = 0x0C  # ASN.1's tag; the value of an otherName is DER
_SHORT_LENGTH: Final = 0x80  # below it, DER writes a length in one octet


class InvalidGeneralName(ValueError):  # noqa: N818 - says what the name is
    """Not exactly one kind of name, or one no certificate can carry."""


def _utf8_der(text: str) -> bytes:
    """Write a UTF8String in DER."""
    content = text.encode()
    if len(content) < _SHORT_LENGTH:
        return bytes([_UTF8_STRING, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([_UTF8_STRING, _SHORT_LENGTH | len(length)]) + length + content


def _other_name(value: Mapping[str, str]) -> x509.OtherName:
    return x509.OtherName(x509.ObjectIdentifier(value["TypeId"]), _utf8_der(value["Value"]))


_KINDS: Final[Mapping[str, Callable[[Any], x509.GeneralName]]] = MappingProxyType(
    {
        "OtherName": _other_name,
        "Rfc822Name": x509.RFC822Name,
        "DnsName": x509.DNSName,
        "DirectoryName": lambda subject: x509.DirectoryName(name_of(subject)),
        "UniformResourceIdentifier": x509.UniformResourceIdentifier,
        "IpAddress": lambda text: x509.IPAddress(ipaddress.ip_address(text)),
        "RegisteredId": lambda text: x509.RegisteredID(x509.ObjectIdentifier(text)),
    }
)


def general_name(given: Mapping[str, Any]) -> x509.GeneralName:
    """Build the one name a ``GeneralName`` describes. Raises ``InvalidGeneralName``."""
    kinds = [kind for kind, value in given.items() if value is not None]
    if len(kinds) != 1:
        message = "a GeneralName holds exactly one kind of name"
        raise InvalidGeneralName(message)
    kind = kinds[0]
    if kind not in _KINDS:
        message = f"{kind} is not supported by this certificate authority"
        raise InvalidGeneralName(message)
    try:
        return _KINDS[kind](given[kind])
    except ValueError as error:
        message = f"no certificate can carry {kind}: {error}"
        raise InvalidGeneralName(message) from error
