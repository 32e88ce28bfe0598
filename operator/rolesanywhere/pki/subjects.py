"""Distinguished names as acm-pca's ``ASN1Subject`` describes them.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_ASN1Subject.html
The members' order in AWS's model is the order in the certificate: C, O, OU, dnQualifier, ST, CN,
serialNumber, L, title, SN, GN, initials, pseudonym, generationQualifier.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from cryptography import x509
from cryptography.x509.oid import NameOID

_CUSTOM: Final = "CustomAttributes"
_ATTRIBUTES: Final[Mapping[str, x509.ObjectIdentifier]] = MappingProxyType(
    {
        "Country": NameOID.COUNTRY_NAME,
        "Organization": NameOID.ORGANIZATION_NAME,
        "OrganizationalUnit": NameOID.ORGANIZATIONAL_UNIT_NAME,
        "DistinguishedNameQualifier": NameOID.DN_QUALIFIER,
        "State": NameOID.STATE_OR_PROVINCE_NAME,
        "CommonName": NameOID.COMMON_NAME,
        "SerialNumber": NameOID.SERIAL_NUMBER,
        "Locality": NameOID.LOCALITY_NAME,
        "Title": NameOID.TITLE,
        "Surname": NameOID.SURNAME,
        "GivenName": NameOID.GIVEN_NAME,
        "Initials": NameOID.INITIALS,
        "Pseudonym": NameOID.PSEUDONYM,
        "GenerationQualifier": NameOID.GENERATION_QUALIFIER,
    }
)


class InvalidSubject(ValueError):  # noqa: N818 - says what the subject is
    """A subject that mixes standard and custom attributes, or that X.509 cannot carry."""


def name_of(subject: Mapping[str, Any]) -> x509.Name:
    """Build the name an ``ASN1Subject`` describes; empty members are left out.

    Raises ``InvalidSubject``: custom attributes cannot be combined with standard ones.
    """
    standard = [(oid, subject[key]) for key, oid in _ATTRIBUTES.items() if subject.get(key)]
    custom = subject.get(_CUSTOM) or ()
    if standard and custom:
        message = "CustomAttributes cannot be used together with standard attributes"
        raise InvalidSubject(message)
    try:
        pairs = standard or [
            (x509.ObjectIdentifier(each["ObjectIdentifier"]), each["Value"]) for each in custom
        ]
        return x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs])
    except ValueError as error:
        message = f"no certificate can carry this subject: {error}"
        raise InvalidSubject(message) from error
