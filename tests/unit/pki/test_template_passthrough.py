"""What reaches a certificate from the API, the request and the CA's configuration, and who wins.

https://docs.aws.amazon.com/privateca/latest/userguide/template-order-of-operations.html
"""

from collections.abc import Mapping
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    ExtensionOID,
    NameOID,
)
from tests.unit.pki.making import DAY, NOON, key, key_usage

from rolesanywhere.api.authority import CASubject, KeyAlgorithm
from rolesanywhere.pki.extensions import TEMPLATES
from rolesanywhere.pki.passthrough import InvalidPassthrough
from rolesanywhere.pki.revocation_pointers import RevocationPointers
from rolesanywhere.pki.templates import new_issuer

ISSUER = new_issuer(KeyAlgorithm.EC_PRIME256V1, CASubject(common_name="ca"))
POINTERS = RevocationPointers("http://lists/ca.crl", "http://ocsp")
POLICY = x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("1.2.3"), None)])
SAN = x509.SubjectAlternativeName([x509.DNSName("from-the-csr")])
CUSTOM = x509.ObjectIdentifier("1.3.6.1.4.1.55555.1")
Values = list[x509.ObjectIdentifier]


def csr(*, has_subject: bool = True) -> bytes:
    """Make a request that asks for everything."""
    name = [x509.NameAttribute(NameOID.COMMON_NAME, "from-the-csr")] if has_subject else []
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(name))
    for extension, critical in (
        (SAN, False),
        (x509.BasicConstraints(ca=True, path_length=9), True),
        (key_usage(["key_cert_sign"]), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), False),
        (POLICY, False),
    ):
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(key("P-256", "workload"), SHA256()).public_bytes(Encoding.PEM)


def signed(
    template: str,
    api: Mapping[str, Any] | None = None,
    request: bytes | None = None,
    pointers: RevocationPointers | None = None,
) -> x509.Certificate:
    pem = ISSUER.sign(
        request or csr(),
        template=f"{template}/V1",
        signing_algorithm="SHA256WITHECDSA",
        not_before=NOON - DAY,
        not_after=NOON + DAY,
        passthrough=api,
        pointers=pointers,
    )
    return x509.load_pem_x509_certificate(pem)


def extension(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> Any | None:  # noqa: ANN401 - of any kind
    try:
        return certificate.extensions.get_extension_for_oid(oid)
    except x509.ExtensionNotFound:
        return None


def purposes(certificate: x509.Certificate) -> Values:
    found = extension(certificate, ExtensionOID.EXTENDED_KEY_USAGE)
    return list(found.value) if found else []


def names(certificate: x509.Certificate) -> list[str]:
    found = extension(certificate, ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    return [str(each.value) for each in found.value] if found else []


def common_name(certificate: x509.Certificate) -> str:
    (attribute,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(attribute.value)


API: Mapping[str, Any] = {
    "Subject": {"CommonName": "from-the-api"},
    "Extensions": {
        "SubjectAlternativeNames": [{"DnsName": "from-the-api"}],
        "ExtendedKeyUsage": [{"ExtendedKeyUsageType": "SMART_CARD_LOGIN"}],
        "KeyUsage": {"NonRepudiation": True},
        "CustomExtensions": [
            {"ObjectIdentifier": CUSTOM.dotted_string, "Value": "BQA=", "Critical": True}
        ],
    },
}
SMART_CARD = ExtendedKeyUsageOID.SMARTCARD_LOGON
CODE, CLIENT = ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.CLIENT_AUTH


@pytest.mark.parametrize(
    ("template", "who", "purpose", "has_policy", "has_custom"),
    [
        ("EndEntityClientAuthCertificate", "from-the-csr", CLIENT, False, False),
        ("EndEntityClientAuthCertificate_CSRPassthrough", "from-the-csr", CLIENT, True, False),
        ("EndEntityClientAuthCertificate_APIPassthrough", "from-the-api", CLIENT, False, True),
        ("EndEntityClientAuthCertificate_APICSRPassthrough", "from-the-api", CLIENT, True, True),
        ("BlankEndEntityCertificate_CSRPassthrough", "from-the-csr", CODE, True, False),
        ("BlankEndEntityCertificate_APIPassthrough", "from-the-api", SMART_CARD, False, True),
        ("BlankEndEntityCertificate_APICSRPassthrough", "from-the-api", SMART_CARD, True, True),
    ],
)
def test_who_wins(
    template: str,
    who: str,
    purpose: x509.ObjectIdentifier,
    has_policy: bool,  # noqa: FBT001 - a table's column
    has_custom: bool,  # noqa: FBT001 - likewise
) -> None:
    """The template wins over the API, and the API over the request, where they may speak at all."""
    certificate = signed(template, API)
    assert (common_name(certificate), names(certificate)) == (who, [who])
    assert purposes(certificate) == [purpose]
    assert (extension(certificate, POLICY.oid) is not None) is has_policy
    custom = extension(certificate, CUSTOM)
    assert (custom is not None and custom.critical) is has_custom
    basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert basic.value.ca is False


def test_blank_leaves_key_usage_to_the_caller() -> None:
    """A blank template defines no keyUsage: the API's stands, else the request's, else none."""
    usage = [
        extension(signed(name, api), ExtensionOID.KEY_USAGE)
        for name, api in (
            ("BlankEndEntityCertificate_APIPassthrough", API),
            ("BlankEndEntityCertificate_APIPassthrough", {}),
            ("BlankSubordinateCACertificate_PathLen0_CSRPassthrough", None),
        )
    ]
    assert usage[0].value.content_commitment  # type: ignore[union-attr]
    assert usage[1] is None
    assert usage[2].value.key_cert_sign  # type: ignore[union-attr]


@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_constraints_are_the_templates(template: str) -> None:
    """Whatever request and API ask for, basicConstraints are the template's."""
    basic = signed(template.removesuffix("/V1"), API).extensions.get_extension_for_class(
        x509.BasicConstraints
    )
    is_ca = "CACertificate" in template
    depth = int(template.partition("PathLen")[2][:1]) if "PathLen" in template else None
    assert (basic.value.ca, basic.value.path_length) == (is_ca, depth)
    assert basic.critical is (is_ca or "CriticalBasicConstraints" in template)


def test_there_are_56_templates() -> None:
    """As many as the user guide defines."""
    assert len(TEMPLATES) == 56


@pytest.mark.parametrize("base", ["CodeSigningCertificate", "OCSPSigningCertificate"])
def test_signers(base: str) -> None:
    """Code and OCSP signers have one critical purpose and may sign only."""
    certificate = signed(base)
    found = extension(certificate, ExtensionOID.EXTENDED_KEY_USAGE)
    assert (found is not None and found.critical, len(purposes(certificate))) == (True, 1)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    assert (usage.critical, usage.value.digital_signature, usage.value.key_encipherment) == (
        True,
        True,
        False,
    )


def test_pointers_are_the_authoritys() -> None:
    """Where revocation is looked up comes from the CA's configuration, but for a root never."""
    leaf = signed("EndEntityCertificate", pointers=POINTERS)
    points = leaf.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert [name.value for name in points[0].full_name or ()] == ["http://lists/ca.crl"]
    access = leaf.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert [each.access_method for each in access] == [AuthorityInformationAccessOID.OCSP]
    root = signed("RootCACertificate", pointers=POINTERS)
    assert extension(root, ExtensionOID.CRL_DISTRIBUTION_POINTS) is None
    assert extension(root, ExtensionOID.AUTHORITY_KEY_IDENTIFIER) is None


def test_without_a_subject_the_san_is_critical() -> None:
    """RFC 5280, 4.2.1.6."""
    bare = csr(has_subject=False)
    found = extension(
        signed("EndEntityCertificate", request=bare), ExtensionOID.SUBJECT_ALTERNATIVE_NAME
    )
    assert found is not None
    assert found.critical


GENERAL_NAMES = [
    ({"DnsName": "a.example"}, "a.example"),
    ({"Rfc822Name": "a@b.example"}, "a@b.example"),
    ({"UniformResourceIdentifier": "spiffe://a/b"}, "spiffe://a/b"),
    ({"IpAddress": "192.0.2.1"}, "192.0.2.1"),
    ({"IpAddress": "2001:db8::1"}, "2001:db8::1"),
    ({"RegisteredId": "1.2.3"}, "1.2.3"),
    ({"DirectoryName": {"CommonName": "x", "Country": "DE"}}, "CN=x,C=DE"),
    ({"OtherName": {"TypeId": "1.3.6.1.4.1.311.20.2.3", "Value": "a@b"}}, b"\x0c\x03a@b"),
    (
        {"OtherName": {"TypeId": "1.3.6.1.4.1.311.20.2.3", "Value": "x" * 200}},
        b"\x0c\x81\xc8" + b"x" * 200,
    ),
]


def shown(name: x509.GeneralName) -> str | bytes:
    if isinstance(name, x509.OtherName):
        return name.value
    if isinstance(name, x509.DirectoryName):
        return name.value.rfc4514_string()
    if isinstance(name, x509.RegisteredID):
        return name.value.dotted_string
    return str(name.value)


@pytest.mark.parametrize(("given", "expected"), GENERAL_NAMES)
def test_general_names(given: Mapping[str, Any], expected: str | bytes) -> None:
    """Every kind of GeneralName reaches the SAN as X.509 writes it."""
    api = {"Extensions": {"SubjectAlternativeNames": [given]}}
    certificate = signed("EndEntityCertificate_APIPassthrough", api)
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert [shown(each) for each in found.value] == [expected]


def test_policies_name_their_statement() -> None:
    """A certificate policy carries the URI of its certification practice statement."""
    policy = {
        "CertPolicyId": "1.2.3",
        "PolicyQualifiers": [
            {"PolicyQualifierId": "CPS", "Qualifier": {"CpsUri": "https://a.example/cps"}}
        ],
    }
    certificate = signed(
        "EndEntityCertificate_APIPassthrough", {"Extensions": {"CertificatePolicies": [policy]}}
    )
    (found,) = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
    assert found.policy_qualifiers == ["https://a.example/cps"]


@pytest.mark.parametrize(
    ("api", "says"),
    [
        ({"Subject": {"CommonName": "a", "CustomAttributes": [{}]}}, "standard attributes"),
        ({"Subject": {"Country": "Germany"}}, "no certificate can carry"),
        ({"Extensions": {"ExtendedKeyUsage": [{}]}}, "either a type or an object identifier"),
        ({"Extensions": {"SubjectAlternativeNames": [{}]}}, "exactly one kind"),
        (
            {"Extensions": {"SubjectAlternativeNames": [{"EdiPartyName": {"PartyName": "x"}}]}},
            "EdiPartyName is not supported",
        ),
        ({"Extensions": {"SubjectAlternativeNames": [{"IpAddress": "x"}]}}, "IpAddress"),
        (
            {
                "Extensions": {
                    "CustomExtensions": [{"ObjectIdentifier": "1.2.3", "Value": "BQA="}] * 2
                }
            },
            "more than once",
        ),
        (
            {
                "Extensions": {
                    "KeyUsage": {"KeyAgreement": True},
                    "CustomExtensions": [{"ObjectIdentifier": "2.5.29.15", "Value": "BQA="}],
                }
            },
            "more than once",
        ),
    ],
)
def test_what_cannot_pass_through(api: Mapping[str, Any], says: str) -> None:
    """Whatever no certificate can carry is one error, which says what."""
    with pytest.raises(InvalidPassthrough, match=says):
        signed("EndEntityCertificate_APIPassthrough", api)


def test_custom_attributes_make_a_subject() -> None:
    """CustomAttributes name the subject by object identifiers, in their order."""
    attributes = [
        {"ObjectIdentifier": "2.5.4.3", "Value": "x"},
        {"ObjectIdentifier": "1.3.6.1.4.1.37244.1.3", "Value": "CACACACA00000001"},
    ]
    certificate = signed(
        "EndEntityCertificate_APIPassthrough", {"Subject": {"CustomAttributes": attributes}}
    )
    assert [(each.oid.dotted_string, each.value) for each in certificate.subject] == [
        ("2.5.4.3", "x"),
        ("1.3.6.1.4.1.37244.1.3", "CACACACA00000001"),
    ]
