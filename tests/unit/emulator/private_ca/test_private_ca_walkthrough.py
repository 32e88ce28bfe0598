"""The seven commands of the walk-through: a short-lived CA comes to life and issues a leaf."""

from datetime import timedelta

import pytest
from tests.unit.emulator.private_ca.authority_at_work import (
    EC_ROOT,
    SEVEN_DAYS,
    TEN_YEARS,
    Desk,
    blob,
    by_arn,
    leaf_of,
    template,
)

from rolesanywhere.emulator.private_ca.settings import Settings
from rolesanywhere.pki.certificates import parse_pem, to_der
from rolesanywhere.pki.inspection import inspect
from rolesanywhere.pki.path import validate

ALGORITHMS = [
    ("RSA_2048", "SHA256WITHRSA"),
    ("EC_prime256v1", "SHA512WITHECDSA"),
    ("ML_DSA_44", "ML_DSA_44"),
]


@pytest.mark.parametrize(("key", "signing"), ALGORITHMS)
def test_walkthrough(key: str, signing: str) -> None:
    """Create, request, issue, import, issue a leaf of 7 days, get it; 8 days are refused."""
    desk = Desk(Settings(asks_in_progress=1))
    configuration = {
        **EC_ROOT["CertificateAuthorityConfiguration"],
        "KeyAlgorithm": key,
        "SigningAlgorithm": signing,
    }
    arn = desk.pending(CertificateAuthorityConfiguration=configuration)
    assert desk.refusal("GetCertificateAuthorityCsr", by_arn(arn)).code == (
        "RequestInProgressException"
    )
    root_csr = desk.csr(arn)
    assert desk.status(arn) == "PENDING_CERTIFICATE"
    root_arn = desk.issued(
        arn,
        Csr=blob(root_csr),
        SigningAlgorithm=signing,
        TemplateArn=template("RootCACertificate/V1"),
        Validity=TEN_YEARS,
    )
    by_root = {**by_arn(arn), "CertificateArn": root_arn}
    assert desk.refusal("GetCertificate", by_root).code == "RequestInProgressException"
    root = desk.call("GetCertificate", by_root)
    assert "CertificateChain" not in root
    desk.install(arn, root["Certificate"])
    assert desk.status(arn) == "ACTIVE"

    leaf_arn = desk.issued(arn, SigningAlgorithm=signing, Validity=SEVEN_DAYS)
    by_leaf = {**by_arn(arn), "CertificateArn": leaf_arn}
    assert desk.refusal("GetCertificate", by_leaf).code == "RequestInProgressException"
    leaf = desk.call("GetCertificate", by_leaf)
    (own,) = parse_pem(leaf["Certificate"].encode())
    validate(to_der(own), [], root["Certificate"], now=desk.clock.now())
    assert leaf["CertificateChain"] == root["Certificate"]

    too_long = {**leaf_of(arn), "SigningAlgorithm": signing}
    too_long["Validity"] = {"Type": "DAYS", "Value": 8}
    assert desk.refusal("IssueCertificate", too_long).code == "ValidationException"


def test_a_leaf_starts_an_hour_ago() -> None:
    """NotBefore is 60 minutes before issuance and NotAfter 7 days after it: 7 days and an hour."""
    desk = Desk()
    arn = desk.active()
    now = desk.clock.now()
    leaf = desk.certificate(arn, desk.issued(arn))["Certificate"]
    (facts,) = inspect(leaf.encode())
    assert abs(now - timedelta(minutes=60) - facts.not_before) < timedelta(seconds=2)
    assert facts.not_after - facts.not_before == timedelta(days=7, hours=1)


def test_the_arn_holds_the_serial() -> None:
    """A certificate's ARN ends with its serial in hexadecimal."""
    desk = Desk()
    arn = desk.active()
    leaf_arn = desk.issued(arn)
    (facts,) = inspect(desk.certificate(arn, leaf_arn)["Certificate"].encode())
    assert leaf_arn == f"{arn}/certificate/{facts.serial:032x}"


def test_an_anchor_sees_the_certificate_of_an_active_authority() -> None:
    """Roles Anywhere gets the PEM of an ACTIVE CA, and nothing of a pending or disabled one."""
    desk = Desk()
    arn = desk.pending()
    assert desk.service.authority_certificate(arn).certificate is None
    pem = desk.activate(arn)
    assert desk.service.active_authority(arn) == pem
    desk.disable(arn)
    view = desk.service.authority_certificate(arn)
    assert (view.status, view.certificate) == ("DISABLED", pem)
