"""Every operation's errors: one row for each that AWS declares and the emulator can give."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import botocore.session
import pytest
from botocore.model import ServiceModel
from tests.unit.emulator.private_ca.authority_at_work import (
    EC_ROOT,
    SEVEN_DAYS,
    STRANGER,
    Desk,
    blob,
    leaf_of,
    template,
    workload_csr,
)

from rolesanywhere.emulator.private_ca.settings import Settings

SERVICE = ServiceModel(botocore.session.get_session().get_service_data("acm-pca"))
NOBODY = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/none"
REPORT_ID = "00000000-0000-0000-0000-000000000000"
TAGS = [{"Key": "team", "Value": "payments"}]
CRL = {"Enabled": True, "ExpirationInDays": 7, "S3BucketName": "lists"}
TINY = Settings(asks_in_progress=0, most_authorities=1, most_certificates=1, most_revocations=0)

# What AWS declares and the emulator never gives, and why.
NEVER = {
    "ConcurrentModificationException": "one lock: no two calls meet",
    "LockoutPreventedException": "a policy of a CA cannot take its owner's rights",
    "RequestFailedException": "nothing inside fails for no reason, but S3 (the audit report)",
    "RequestInProgressException": "imports and revocations are done at once",
}
NEVER_OF = {
    ("CreatePermission", "LimitExceededException"): "one principal: there is no limit to reach",
    ("CreateCertificateAuthorityAuditReport", "InvalidArgsException"): "the model says it all",
    ("DescribeCertificateAuthorityAuditReport", "InvalidArgsException"): "the model says it all",
}


def nobody(_: Desk) -> str:
    return NOBODY


def pending(desk: Desk) -> str:
    return desk.pending()


def active(desk: Desk) -> str:
    return desk.active()


def disabled(desk: Desk) -> str:
    arn = desk.active()
    desk.disable(arn)
    return arn


def deleted(desk: Desk) -> str:
    arn = disabled(desk)
    desk.call("DeleteCertificateAuthority", {"CertificateAuthorityArn": arn})
    return arn


def permitted(desk: Desk) -> str:
    arn = desk.active()
    desk.call("CreatePermission", usual("CreatePermission", arn))
    return arn


def reported(desk: Desk) -> str:
    arn = desk.active()
    operation = "CreateCertificateAuthorityAuditReport"
    desk.call(operation, usual(operation, arn))
    return arn


def revoked(desk: Desk) -> str:
    arn = desk.active()
    desk.issued(arn)
    desk.call("RevokeCertificate", usual("RevokeCertificate", arn, desk))
    return arn


def last_serial(desk: Desk | None, arn: str) -> str:
    """Give the serial of the last certificate a CA issued, from a report; or one of none."""
    if desk is None or arn == NOBODY:
        return "ab"
    snapshot = desk.service.snapshot()
    serials = [each["serial"] for each in snapshot["authorities"][arn]["certificates"].values()]
    return f"{serials[-1]:x}" if serials else "ab"


def usual(operation: str, arn: str, desk: Desk | None = None) -> dict[str, Any]:
    """Give parameters an operation takes when nothing is wrong."""
    of_authority = {"CertificateAuthorityArn": arn}
    others: Mapping[str, Mapping[str, Any]] = {
        "CreateCertificateAuthority": EC_ROOT,
        "CreateCertificateAuthorityAuditReport": {
            "S3BucketName": "reports",
            "AuditReportResponseFormat": "JSON",
        },
        "CreatePermission": {"Principal": "acm.amazonaws.com", "Actions": ["GetCertificate"]},
        "DeletePermission": {"Principal": "acm.amazonaws.com"},
        "DescribeCertificateAuthorityAuditReport": {"AuditReportId": REPORT_ID},
        "GetCertificate": {"CertificateArn": f"{arn}/certificate/ab"},
        "ImportCertificateAuthorityCertificate": {"Certificate": blob("nonsense")},
        "IssueCertificate": leaf_of(arn),
        "PutPolicy": {"Policy": "{}"},
        "RevokeCertificate": {
            "CertificateSerial": last_serial(desk, arn),
            "RevocationReason": "SUPERSEDED",
        },
        "TagCertificateAuthority": {"Tags": TAGS},
        "UntagCertificateAuthority": {"Tags": TAGS},
        "UpdateCertificateAuthority": {"Status": "DISABLED"},
    }
    if operation.endswith("Policy"):
        of_authority = {"ResourceArn": arn}
    if operation in ("CreateCertificateAuthority", "ListCertificateAuthorities"):
        of_authority = {}
    return {**of_authority, **others.get(operation, {})}


@dataclass(frozen=True)
class Row:
    """What is asked of which CA, and the refusal it must get."""

    operation: str
    code: str
    of: Callable[[Desk], str] = active
    changes: Mapping[str, Any] = field(default_factory=dict)
    settings: Settings = field(default_factory=lambda: Settings(asks_in_progress=0))
    says: str = ""

    def __str__(self) -> str:
        """Name the row."""
        return f"{self.operation}-{self.code}-{self.of.__name__}"


def arn_member(operation: str) -> str | None:
    return next((name for name in usual(operation, NOBODY) if name.endswith("Arn")), None)


def rows_of_arns() -> Iterator[Row]:
    """Give the rows that every operation on a CA has."""
    for operation in SERVICE.operation_names:
        member = arn_member(operation)
        if member is not None:
            not_an_authority = {member: f"{NOBODY}/certificate/ab"}
            yield Row(operation, "InvalidArnException", nobody, not_an_authority)
            yield Row(operation, "ResourceNotFoundException", nobody, says=NOBODY)


ROWS = [
    *rows_of_arns(),
    Row(
        "CreateCertificateAuthority",
        "LimitExceededException",
        settings=TINY,
        changes={"Tags": TAGS},
    ),
    Row(
        "CreateCertificateAuthority",
        "InvalidArgsException",
        nobody,
        {
            "CertificateAuthorityConfiguration": {
                **EC_ROOT["CertificateAuthorityConfiguration"],
                "SigningAlgorithm": "SHA256WITHRSA",
            }
        },
        says="SHA256WITHRSA does not fit a EC_prime256v1 key",
    ),
    Row(
        "CreateCertificateAuthority",
        "InvalidArgsException",
        nobody,
        {"KeyStorageSecurityStandard": "CCPC_LEVEL_1_OR_HIGHER"},
        says="A certificate authority cannot be created in this region",
    ),
    Row(
        "CreateCertificateAuthority",
        "InvalidArgsException",
        nobody,
        {
            "RevocationConfiguration": {
                "CrlConfiguration": {**CRL, "S3BucketName": "no-such-bucket"}
            }
        },
        says="no-such-bucket",
    ),
    Row(
        "CreateCertificateAuthority",
        "InvalidPolicyException",
        nobody,
        {"RevocationConfiguration": {"CrlConfiguration": {**CRL, "S3BucketName": "not-ours"}}},
        says="not-ours",
    ),
    Row("CreateCertificateAuthority", "InvalidTagException", nobody, {"Tags": TAGS * 2}),
    Row("CreateCertificateAuthority", "InvalidTagException", nobody, {"Tags": [{"Key": "aws:x"}]}),
    Row("CreateCertificateAuthorityAuditReport", "InvalidStateException", pending),
    Row("CreateCertificateAuthorityAuditReport", "RequestInProgressException", reported),
    Row(
        "CreateCertificateAuthorityAuditReport",
        "ResourceNotFoundException",
        changes={"S3BucketName": "no-such-bucket"},
    ),
    Row(
        "CreateCertificateAuthorityAuditReport",
        "RequestFailedException",
        changes={"S3BucketName": "not-ours"},
    ),
    Row("CreatePermission", "InvalidStateException", disabled),
    Row("CreatePermission", "PermissionAlreadyExistsException", permitted),
    Row("CreatePermission", "ValidationException", changes={"Principal": "ec2.amazonaws.com"}),
    Row("DeleteCertificateAuthority", "InvalidStateException", active),
    Row("DeleteCertificateAuthority", "InvalidStateException", deleted),
    Row("DeletePermission", "InvalidStateException", disabled),
    Row("DeletePermission", "ResourceNotFoundException", active),
    Row("DeletePolicy", "InvalidStateException", deleted),
    Row("DescribeCertificateAuthorityAuditReport", "ResourceNotFoundException"),
    Row("GetCertificate", "InvalidStateException", deleted),
    Row("GetCertificate", "InvalidArnException", changes={"CertificateArn": NOBODY}),
    Row("GetCertificate", "ResourceNotFoundException", active),
    Row("GetCertificateAuthorityCertificate", "InvalidStateException", pending),
    Row("GetCertificateAuthorityCsr", "InvalidStateException", deleted),
    Row(
        "GetCertificateAuthorityCsr",
        "RequestInProgressException",
        pending,
        settings=Settings(asks_in_progress=1),
    ),
    Row("GetPolicy", "ResourceNotFoundException", says="Could not find policy for resource"),
    Row("GetPolicy", "InvalidStateException", deleted),
    Row("ImportCertificateAuthorityCertificate", "InvalidStateException", deleted),
    Row("ImportCertificateAuthorityCertificate", "MalformedCertificateException", pending),
    Row("IssueCertificate", "LimitExceededException", settings=TINY),
    Row("IssueCertificate", "InvalidStateException", pending),
    Row("IssueCertificate", "InvalidStateException", disabled),
    Row("IssueCertificate", "InvalidArgsException", changes={"SigningAlgorithm": "SHA256WITHRSA"}),
    Row(
        "IssueCertificate",
        "InvalidArgsException",
        changes={"ValidityNotBefore": SEVEN_DAYS},
        says="ABSOLUTE",
    ),
    Row(
        "IssueCertificate",
        "InvalidArgsException",
        changes={
            "TemplateArn": template("BlankEndEntityCertificate_APIPassthrough/V1"),
            "ApiPassthrough": {"Extensions": {"ExtendedKeyUsage": [{}]}},
        },
    ),
    Row("IssueCertificate", "InvalidArnException", changes={"TemplateArn": template("None/V1")}),
    Row("IssueCertificate", "InvalidArnException", changes={"TemplateArn": NOBODY}),
    Row("IssueCertificate", "MalformedCSRException", changes={"Csr": blob("nonsense")}),
    Row(
        "IssueCertificate",
        "MalformedCSRException",
        changes={"TemplateArn": template("RootCACertificate/V1"), "Csr": workload_csr()},
        says="not by the CA's own key",
    ),
    Row(
        "IssueCertificate",
        "ValidationException",
        changes={"Validity": {"Type": "ABSOLUTE", "Value": 1}},
    ),
    Row("ListCertificateAuthorities", "InvalidNextTokenException", changes={"NextToken": "x"}),
    Row("ListPermissions", "InvalidNextTokenException", changes={"NextToken": "x"}),
    Row("ListPermissions", "InvalidStateException", deleted),
    Row("ListTags", "InvalidStateException", deleted),
    Row("PutPolicy", "InvalidPolicyException", active),
    Row("PutPolicy", "InvalidStateException", deleted),
    Row("RestoreCertificateAuthority", "InvalidStateException", active),
    Row("RevokeCertificate", "InvalidStateException", pending),
    Row("RevokeCertificate", "InvalidRequestException", changes={"CertificateSerial": "xyz"}),
    Row("RevokeCertificate", "InvalidRequestException", active, says="self-signed"),
    Row("RevokeCertificate", "ResourceNotFoundException", changes={"CertificateSerial": "0a:bc"}),
    Row("RevokeCertificate", "RequestAlreadyProcessedException", revoked),
    Row("TagCertificateAuthority", "InvalidStateException", deleted),
    Row("TagCertificateAuthority", "InvalidTagException", changes={"Tags": [{"Key": "AWS:x"}]}),
    Row("UntagCertificateAuthority", "InvalidStateException", deleted),
    Row("UntagCertificateAuthority", "InvalidTagException", changes={"Tags": TAGS * 2}),
    Row("UpdateCertificateAuthority", "InvalidStateException", pending),
    Row("UpdateCertificateAuthority", "InvalidArgsException", changes={"Status": "EXPIRED"}),
    Row(
        "UpdateCertificateAuthority",
        "InvalidPolicyException",
        changes={
            "RevocationConfiguration": {"CrlConfiguration": {**CRL, "S3BucketName": "not-ours"}}
        },
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_refusals(row: Row) -> None:
    """What is wrong gets the code AWS declares for it, and a message that names it."""
    desk = Desk(row.settings)
    arn = row.of(desk)
    error = desk.refusal(row.operation, {**usual(row.operation, arn, desk), **row.changes})
    assert (error.code, error.status) == (row.code, 400)
    assert row.says in error.message


def test_every_declared_error_has_a_row() -> None:
    """An error AWS declares for an operation has a row above, one in its own test, or a reason."""
    elsewhere = {
        ("TagCertificateAuthority", "TooManyTagsException"),
        ("GetCertificate", "RequestInProgressException"),
        ("RevokeCertificate", "LimitExceededException"),
        ("ImportCertificateAuthorityCertificate", "CertificateMismatchException"),
        ("ImportCertificateAuthorityCertificate", "InvalidRequestException"),
    }
    shown = {(row.operation, row.code) for row in ROWS} | elsewhere
    declared = {
        (operation, error.name)
        for operation in SERVICE.operation_names
        for error in SERVICE.operation_model(operation).error_shapes
    }
    missing = {each for each in declared - shown if each[1] not in NEVER}
    assert missing == set(NEVER_OF)


@pytest.mark.parametrize(
    "operation", [name for name in SERVICE.operation_names if arn_member(name) is not None]
)
def test_strangers_are_refused(operation: str) -> None:
    """Another account may do nothing with a CA that no policy shares."""
    desk = Desk()
    arn = desk.active()
    error = desk.refusal(operation, usual(operation, arn), STRANGER)
    assert error.code == "AccessDeniedException"
    assert f"acm-pca:{operation}" in error.message


def test_unknown_operations() -> None:
    """An operation acm-pca has not is an UnknownOperationException."""
    assert Desk().refusal("ListCertificates").code == "UnknownOperationException"
