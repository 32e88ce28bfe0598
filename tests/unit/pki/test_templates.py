"""acm-pca's templates, as the emulator's Private CA signs by them."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.unit.pki.making import DAY, NOON

from rolesanywhere.api.authority import CASubject, KeyAlgorithm
from rolesanywhere.pki.inspection import inspect
from rolesanywhere.pki.path import validate
from rolesanywhere.pki.requests import request
from rolesanywhere.pki.templates import (
    Issuer,
    MalformedCsr,
    UnsuitableAlgorithm,
    UnsupportedTemplate,
    new_issuer,
)

CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH
CA = frozenset({"digitalSignature", "keyCertSign", "cRLSign"})
LEAF = frozenset({"digitalSignature", "keyEncipherment"})
ISSUER = new_issuer(KeyAlgorithm.EC_PRIME256V1, CASubject(common_name="ca", organization="Lab"))
WORKLOAD = request(
    KeyAlgorithm.EC_PRIME256V1,
    common_name="web",
    organizational_unit=None,
    organization=None,
    uri="spiffe://lab/ns/a/sa/b",
).document


def signed(
    template: str,
    csr: bytes = WORKLOAD,
    issuer: Issuer = ISSUER,
    algorithm: str = "SHA256WITHECDSA",
) -> bytes:
    return issuer.sign(
        csr,
        template=template,
        signing_algorithm=algorithm,
        not_before=NOON - DAY,
        not_after=NOON + DAY,
    )


def purposes(certificate: x509.Certificate) -> list[x509.ObjectIdentifier]:
    try:
        return list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        return []


@pytest.mark.parametrize(
    ("template", "constraints", "usage", "extended"),
    [
        ("RootCACertificate/V1", (True, None), CA, []),
        ("SubordinateCACertificate_PathLen0/V1", (True, 0), CA, []),
        ("SubordinateCACertificate_PathLen3/V1", (True, 3), CA, []),
        ("EndEntityCertificate/V1", (False, None), LEAF, [SERVER, CLIENT]),
        ("EndEntityClientAuthCertificate/V1", (False, None), LEAF, [CLIENT]),
        ("EndEntityServerAuthCertificate/V1", (False, None), LEAF, [SERVER]),
    ],
)
def test_templates(
    template: str,
    constraints: tuple[bool, int | None],
    usage: frozenset[str],
    extended: list[x509.ObjectIdentifier],
) -> None:
    """Each template writes what the user guide's table says, and only CAs say so critically."""
    pem = signed(template)
    certificate, (facts,) = x509.load_pem_x509_certificate(pem), inspect(pem)
    basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.value.ca, basic.value.path_length) == constraints
    assert basic.critical is constraints[0]
    assert facts.key_usage == usage
    assert purposes(certificate) == extended
    assert facts.san_uri == ("spiffe://lab/ns/a/sa/b",)


def test_a_private_ca_comes_to_life() -> None:
    """Root, subordinate and leaf: the request of each is signed by the one above it."""
    root_pem = signed("RootCACertificate/V1", ISSUER.request())
    lower = new_issuer(KeyAlgorithm.RSA_2048, CASubject(common_name="lower"))
    lower_pem = signed("SubordinateCACertificate_PathLen0/V1", lower.request())
    leaf_pem = signed("EndEntityClientAuthCertificate/V1", WORKLOAD, lower, "SHA512WITHRSA")
    leaf, middle = (
        x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
        for pem in (leaf_pem, lower_pem)
    )
    validate(leaf, [middle], root_pem.decode(), now=NOON)
    assert inspect(leaf_pem)[0].signature_hash == "sha512"


def test_a_ca_knows_its_certificate() -> None:
    """Only a certificate with the CA's own name and key may be installed."""
    own = signed("RootCACertificate/V1", ISSUER.request())
    other = new_issuer(KeyAlgorithm.EC_PRIME256V1, CASubject(common_name="ca", organization="Lab"))
    assert ISSUER.matches(own)
    assert not other.matches(own)
    assert not ISSUER.matches(b"garbage")


@pytest.mark.parametrize(
    ("template", "csr", "algorithm", "error"),
    [
        (
            "EndEntityCertificate_Passthrough/V1",
            WORKLOAD,
            "SHA256WITHECDSA",
            UnsupportedTemplate,
        ),
        ("SubordinateCACertificate_PathLen4/V1", WORKLOAD, "SHA256WITHECDSA", UnsupportedTemplate),
        ("EndEntityCertificate/V1", b"garbage", "SHA256WITHECDSA", MalformedCsr),
        ("EndEntityCertificate/V1", WORKLOAD, "SHA256WITHRSA", UnsuitableAlgorithm),
        ("EndEntityCertificate/V1", WORKLOAD, "MD5WITHECDSA", UnsuitableAlgorithm),
    ],
)
def test_what_cannot_be_signed(
    template: str, csr: bytes, algorithm: str, error: type[ValueError]
) -> None:
    """Each fault has its own error, for acm-pca's own answers."""
    with pytest.raises(error):
        signed(template, csr, algorithm=algorithm)
