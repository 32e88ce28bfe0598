"""What callers of acm-pca may put into a certificate themselves: ``ApiPassthrough``.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_ApiPassthrough.html
Reads AWS's JSON into the library's objects; which of them a template lets through, and who wins,
is decided in ``templates``. ``CsrExtensions`` of a CA's own request are read here too.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, SubjectInformationAccessOID

from rolesanywhere.pki.extensions import key_usage
from rolesanywhere.pki.general_names import InvalidGeneralName, general_name
from rolesanywhere.pki.subjects import InvalidSubject, name_of

Extension: TypeAlias = tuple[x509.ExtensionType, bool]  # and whether it is critical

_ID_PKIX_AD: Final = "1.3.6.1.5.5.7.48"  # access descriptors (RFC 5280, 4.2.2; RFC 6487, 4.8.8)
_ACCESS_METHODS: Final = MappingProxyType(
    {
        "CA_REPOSITORY": SubjectInformationAccessOID.CA_REPOSITORY,
        "RESOURCE_PKI_MANIFEST": x509.ObjectIdentifier(f"{_ID_PKIX_AD}.10"),
        "RESOURCE_PKI_NOTIFY": x509.ObjectIdentifier(f"{_ID_PKIX_AD}.13"),
    }
)
_KEY_USAGES: Final = MappingProxyType(
    {
        "DigitalSignature": "digital_signature",
        "NonRepudiation": "content_commitment",
        "KeyEncipherment": "key_encipherment",
        "DataEncipherment": "data_encipherment",
        "KeyAgreement": "key_agreement",
        "KeyCertSign": "key_cert_sign",
        "CRLSign": "crl_sign",
        "EncipherOnly": "encipher_only",
        "DecipherOnly": "decipher_only",
    }
)
_PURPOSES: Final = MappingProxyType(
    {
        "SERVER_AUTH": ExtendedKeyUsageOID.SERVER_AUTH,
        "CLIENT_AUTH": ExtendedKeyUsageOID.CLIENT_AUTH,
        "CODE_SIGNING": ExtendedKeyUsageOID.CODE_SIGNING,
        "EMAIL_PROTECTION": ExtendedKeyUsageOID.EMAIL_PROTECTION,
        "TIME_STAMPING": ExtendedKeyUsageOID.TIME_STAMPING,
        "OCSP_SIGNING": ExtendedKeyUsageOID.OCSP_SIGNING,
        "SMART_CARD_LOGIN": ExtendedKeyUsageOID.SMARTCARD_LOGON,
        "DOCUMENT_SIGNING": x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"),  # RFC 9336
        "CERTIFICATE_TRANSPARENCY": ExtendedKeyUsageOID.CERTIFICATE_TRANSPARENCY,
    }
)


class InvalidPassthrough(ValueError):  # noqa: N818 - says what the parameter is
    """An ``ApiPassthrough`` or ``CsrExtensions`` no certificate can carry."""


@dataclass(frozen=True, slots=True)
class ApiValues:
    """A caller's own subject (None: not given) and extensions, one for each identifier."""

    subject: x509.Name | None
    extensions: tuple[Extension, ...]


def read_api_passthrough(given: Mapping[str, Any]) -> ApiValues:
    """Read ``ApiPassthrough``. Raises ``InvalidPassthrough``."""
    subject, wanted = given.get("Subject"), given.get("Extensions") or {}
    try:
        extensions = (*_standard(wanted), *_custom(wanted.get("CustomExtensions") or ()))
        name = name_of(subject) if subject else None
    except (InvalidGeneralName, InvalidSubject, ValueError) as error:
        raise InvalidPassthrough(str(error)) from error
    identifiers = [extension.oid for extension, _ in extensions]
    if len(set(identifiers)) != len(identifiers):
        message = "an extension is given more than once"
        raise InvalidPassthrough(message)
    return ApiValues(name, extensions)


def read_csr_extensions(given: Mapping[str, Any]) -> tuple[Extension, ...]:
    """Read ``CsrExtensions`` of a CA's own request. Raises ``InvalidPassthrough``."""
    usage, access = given.get("KeyUsage"), given.get("SubjectInformationAccess")
    try:
        extensions: tuple[Extension, ...] = ((_usage(usage), True),) if usage else ()
        if access:
            descriptions = x509.SubjectInformationAccess([_access(each) for each in access])
            extensions = (*extensions, (descriptions, False))
    except (InvalidGeneralName, InvalidSubject, ValueError) as error:
        raise InvalidPassthrough(str(error)) from error
    return extensions


def _standard(wanted: Mapping[str, Any]) -> Iterable[Extension]:
    if wanted.get("KeyUsage"):
        yield _usage(wanted["KeyUsage"]), True
    if wanted.get("ExtendedKeyUsage"):
        yield x509.ExtendedKeyUsage([_purpose(each) for each in wanted["ExtendedKeyUsage"]]), False
    if wanted.get("CertificatePolicies"):
        policies = [_policy(each) for each in wanted["CertificatePolicies"]]
        yield x509.CertificatePolicies(policies), False
    if wanted.get("SubjectAlternativeNames"):
        names = [general_name(each) for each in wanted["SubjectAlternativeNames"]]
        yield x509.SubjectAlternativeName(names), False


def _custom(wanted: Iterable[Mapping[str, Any]]) -> Iterable[Extension]:
    for each in wanted:
        identifier = x509.ObjectIdentifier(each["ObjectIdentifier"])
        value = base64.b64decode(each["Value"], validate=True)
        yield x509.UnrecognizedExtension(identifier, value), bool(each.get("Critical"))


def _usage(wanted: Mapping[str, bool]) -> x509.KeyUsage:
    return key_usage(*(_KEY_USAGES[name] for name, value in wanted.items() if value))


def _purpose(wanted: Mapping[str, str]) -> x509.ObjectIdentifier:
    kind, custom = (
        wanted.get("ExtendedKeyUsageType"),
        wanted.get("ExtendedKeyUsageObjectIdentifier"),
    )
    if (kind is None) == (custom is None):
        message = "an ExtendedKeyUsage is either a type or an object identifier"
        raise InvalidPassthrough(message)
    return _PURPOSES[kind] if kind is not None else x509.ObjectIdentifier(str(custom))


def _policy(wanted: Mapping[str, Any]) -> x509.PolicyInformation:
    qualifiers = [each["Qualifier"]["CpsUri"] for each in wanted.get("PolicyQualifiers") or ()]
    return x509.PolicyInformation(x509.ObjectIdentifier(wanted["CertPolicyId"]), qualifiers or None)


def _access(wanted: Mapping[str, Any]) -> x509.AccessDescription:
    method = wanted["AccessMethod"]
    kind, custom = method.get("AccessMethodType"), method.get("CustomObjectIdentifier")
    if (kind is None) == (custom is None):
        message = "an AccessMethod is either a type or a custom object identifier"
        raise InvalidPassthrough(message)
    identifier = _ACCESS_METHODS[kind] if kind else x509.ObjectIdentifier(custom)
    return x509.AccessDescription(identifier, general_name(wanted["AccessLocation"]))
