"""Audit reports: every certificate of a CA, as JSON or CSV in S3."""

import csv
import io
import json
from typing import Any

import pytest
from tests.unit.emulator.private_ca.authority_at_work import CALLER, Desk, by_arn, template

from rolesanywhere.emulator.private_ca.settings import Settings

OPERATION = "CreateCertificateAuthorityAuditReport"


def at_work() -> tuple[Desk, str, str]:
    """Make a CA with one leaf that is revoked; gives desk, CA and leaf."""
    desk = Desk()
    arn = desk.active()
    leaf = desk.issued(arn)
    serial = leaf.rpartition("/")[2]
    reason = {"CertificateSerial": serial, "RevocationReason": "SUPERSEDED"}
    desk.call("RevokeCertificate", {**by_arn(arn), **reason})
    return desk, arn, leaf


def report(desk: Desk, arn: str, form: str) -> tuple[dict[str, Any], bytes]:
    """Create a report; gives the answer and what is in S3."""
    parameters = {"S3BucketName": "reports", "AuditReportResponseFormat": form}
    answer = desk.call(OPERATION, {**by_arn(arn), **parameters})
    return answer, desk.objects["reports", answer["S3Key"]]


def rows(content: bytes, form: str) -> list[dict[str, str]]:
    text = content.decode()
    return json.loads(text) if form == "JSON" else list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("form", ["JSON", "CSV"])
def test_a_report_tells_everything(form: str) -> None:
    """Each certificate has a row: whose, which, from when to when, and whether revoked."""
    desk, arn, leaf = at_work()
    answer, content = report(desk, arn, form)
    identifier = arn.rpartition("/")[2]
    assert answer["S3Key"] == (
        f"audit-report/{identifier}/{answer['AuditReportId']}.{form.lower()}"
    )
    own, row = rows(content, form)
    serial = bytes.fromhex(leaf.rpartition("/")[2])
    assert row["certificateArn"] == leaf
    assert row["awsAccountId"] == CALLER.account
    assert row["serial"] == serial.hex(":")
    assert row["subject"] == "CN=web,OU=payments"
    assert row["templateArn"] == template("EndEntityClientAuthCertificate/V1")
    assert row["revocationReason"] == "SUPERSEDED"
    assert row["revokedAt"].endswith("+0000")
    assert row["notBefore"] < row["issuedAt"] < row["notAfter"]
    assert not own.get("revokedAt")


def test_the_columns_of_csv() -> None:
    """The first line names AWS's columns in AWS's order."""
    desk, arn, _ = at_work()
    _, content = report(desk, arn, "CSV")
    assert content.decode().splitlines()[0] == (
        "awsAccountId,requestedByServicePrincipal,certificateArn,serial,subject,notBefore,"
        "notAfter,issuedAt,revokedAt,revocationReason,templateArn"
    )


def test_a_report_is_in_the_making_first() -> None:
    """Describe says CREATING, then SUCCESS, and where the report is."""
    quick, arn, _ = at_work()
    desk = Desk(Settings(asks_in_progress=1))
    desk.service.load(quick.service.snapshot())
    answer, _ = report(desk, arn, "JSON")
    parameters = {**by_arn(arn), "AuditReportId": answer["AuditReportId"]}
    first, second = (
        desk.call("DescribeCertificateAuthorityAuditReport", parameters) for _ in range(2)
    )
    assert (first["AuditReportStatus"], second["AuditReportStatus"]) == ("CREATING", "SUCCESS")
    assert (second["S3BucketName"], second["S3Key"]) == ("reports", answer["S3Key"])


def test_one_report_in_half_an_hour() -> None:
    """A second report within 30 minutes is refused, and one after that is not."""
    desk, arn, _ = at_work()
    report(desk, arn, "JSON")
    parameters = {"S3BucketName": "reports", "AuditReportResponseFormat": "CSV"}
    desk.wait(minutes=29)
    error = desk.refusal(OPERATION, {**by_arn(arn), **parameters})
    assert (error.code, "30 minutes" in error.message) == ("RequestInProgressException", True)
    desk.wait(minutes=2)
    assert report(desk, arn, "CSV")
