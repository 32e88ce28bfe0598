"""The walk-through's Private CA commands, by boto3, over HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from tests.flow.emulated_aws import client

from rolesanywhere.api.authority import KeyAlgorithm
from rolesanywhere.emulator.running import Emulator
from rolesanywhere.pki.requests import request

Client = Any  # boto3 ships no types
SUBJECT = {
    "Country": "JP",
    "Organization": "Example",
    "OrganizationalUnit": "tech",
    "CommonName": "test ca",
}
ROOT = "arn:aws:acm-pca:::template/RootCACertificate/V1"
POLLING = {"Delay": 0, "MaxAttempts": 5}
DEFAULT_BUCKET = "lists"


def create(pca: Client, **options: Any) -> str:  # noqa: ANN401 - of CreateCertificateAuthority
    """Create a CA of the walk-through's kind and wait for its request; gives its ARN."""
    answer = pca.create_certificate_authority(
        CertificateAuthorityConfiguration={
            "KeyAlgorithm": "RSA_2048",
            "SigningAlgorithm": "SHA256WITHRSA",
            "Subject": SUBJECT,
        },
        CertificateAuthorityType="ROOT",
        UsageMode="SHORT_LIVED_CERTIFICATE",
        **options,
    )
    arn = str(answer["CertificateAuthorityArn"])
    waiter = pca.get_waiter("certificate_authority_csr_created")
    waiter.wait(CertificateAuthorityArn=arn, WaiterConfig=POLLING)
    return arn


def issue(pca: Client, arn: str, csr: bytes, days: int, **options: Any) -> dict[str, str]:  # noqa: ANN401 - of IssueCertificate
    """Issue a certificate and wait for it; gives GetCertificate's answer."""
    certificate_arn = pca.issue_certificate(
        CertificateAuthorityArn=arn,
        Csr=csr,
        SigningAlgorithm="SHA256WITHRSA",
        Validity={"Value": days, "Type": "DAYS"},
        **options,
    )["CertificateArn"]
    by = {"CertificateAuthorityArn": arn, "CertificateArn": certificate_arn}
    pca.get_waiter("certificate_issued").wait(**by, WaiterConfig=POLLING)
    answer: dict[str, str] = pca.get_certificate(**by)
    return answer


def activate(pca: Client, arn: str) -> str:
    """Sign a root's own certificate and install it; gives the PEM."""
    csr = pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"]
    own = issue(pca, arn, csr.encode(), 3650, TemplateArn=ROOT)["Certificate"]
    pca.import_certificate_authority_certificate(
        CertificateAuthorityArn=arn, Certificate=own.encode()
    )
    return own


def workload_csr() -> bytes:
    pair = request(
        KeyAlgorithm.EC_PRIME256V1,
        common_name="web",
        organizational_unit="tech",
        organization=None,
        uri="spiffe://lab/ns/a/sa/b",
    )
    return pair.document


def test_the_walkthrough(emulator: Emulator) -> None:
    """Create, request, issue and import the root; issue a leaf of 7 days; 8 days are refused."""
    pca = client(emulator, "acm-pca")
    arn = create(pca)
    own = activate(pca, arn)
    described = pca.describe_certificate_authority(CertificateAuthorityArn=arn)
    authority = described["CertificateAuthority"]
    assert authority["Status"] == "ACTIVE"
    assert authority["NotAfter"] - authority["NotBefore"] == timedelta(days=3650, hours=1)
    leaf = issue(pca, arn, workload_csr(), 7)
    assert leaf["CertificateChain"] == own
    certificate = x509.load_pem_x509_certificate(leaf["Certificate"].encode())
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(own.encode()))
    with pytest.raises(ClientError) as raised:
        issue(pca, arn, workload_csr(), 8)
    assert raised.value.response["Error"]["Code"] == "ValidationException"
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_errors_have_the_clients_types(emulator: Emulator) -> None:
    """A refusal arrives as the exception boto3 makes of acm-pca's own errors."""
    pca = client(emulator, "acm-pca")
    arn = create(pca)
    with pytest.raises(pca.exceptions.InvalidStateException):
        pca.issue_certificate(
            CertificateAuthorityArn=arn,
            Csr=workload_csr(),
            SigningAlgorithm="SHA256WITHRSA",
            Validity={"Value": 7, "Type": "DAYS"},
        )
    with pytest.raises(pca.exceptions.ResourceNotFoundException):
        pca.get_certificate(CertificateAuthorityArn=arn, CertificateArn=f"{arn}/certificate/ab")
    with pytest.raises(pca.exceptions.RequestInProgressException):
        _report_twice(pca, emulator, arn)


def _report_twice(pca: Client, emulator: Emulator, arn: str) -> None:
    client(emulator, "s3").create_bucket(Bucket="reports")
    activate(pca, arn)
    for _ in range(2):
        pca.create_certificate_authority_audit_report(
            CertificateAuthorityArn=arn, S3BucketName="reports", AuditReportResponseFormat="JSON"
        )


def test_a_revoked_certificate_is_in_the_list_in_s3(emulator: Emulator) -> None:
    """RevokeCertificate writes crl/<CA-ID>.crl into the bucket, DER, signed by the CA."""
    pca, s3 = client(emulator, "acm-pca"), client(emulator, "s3")
    s3.create_bucket(Bucket=DEFAULT_BUCKET)
    crl = {"Enabled": True, "ExpirationInDays": 7, "S3BucketName": DEFAULT_BUCKET}
    arn = create(pca, RevocationConfiguration={"CrlConfiguration": crl})
    activate(pca, arn)
    leaf = issue(pca, arn, workload_csr(), 7)["Certificate"]
    serial = x509.load_pem_x509_certificate(leaf.encode()).serial_number
    pca.revoke_certificate(
        CertificateAuthorityArn=arn,
        CertificateSerial=f"{serial:x}",
        RevocationReason="SUPERSEDED",
    )
    key = f"crl/{arn.rpartition('/')[2]}.crl"
    body = s3.get_object(Bucket=DEFAULT_BUCKET, Key=key)["Body"].read()
    assert [each.serial_number for each in x509.load_der_x509_crl(body)] == [serial]


def test_authorities_come_in_pages(emulator: Emulator) -> None:
    """The paginator of boto3 walks all pages."""
    pca = client(emulator, "acm-pca")
    made = {create(pca, IdempotencyToken=str(number)) for number in range(3)}
    pages = pca.get_paginator("list_certificate_authorities").paginate(
        PaginationConfig={"PageSize": 2}
    )
    listed = [[each["Arn"] for each in page["CertificateAuthorities"]] for page in pages]
    assert [len(page) for page in listed] == [2, 1]
    assert {arn for page in listed for arn in page} == made
