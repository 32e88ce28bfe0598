"""Audit reports: everything a CA has issued and revoked, written to S3.

https://docs.aws.amazon.com/privateca/latest/userguide/PcaAuditReport.html
"""

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from rolesanywhere.emulator.errors import AwsError
from rolesanywhere.emulator.private_ca import refusals
from rolesanywhere.emulator.private_ca.answers import epoch
from rolesanywhere.emulator.private_ca.records import AuditReport, Authority, Certificate, Status
from rolesanywhere.emulator.private_ca.request import Request
from rolesanywhere.pki.inspection import inspect

_INTERVAL: Final = timedelta(minutes=30)  # one report at most
_REPORTING: Final = (Status.ACTIVE, Status.DISABLED, Status.EXPIRED)
_NO_BUCKET: Final = "NoSuchBucket"  # S3's code
_COLUMNS: Final = (
    "awsAccountId",
    "requestedByServicePrincipal",
    "certificateArn",
    "serial",
    "subject",
    "notBefore",
    "notAfter",
    "issuedAt",
    "revokedAt",
    "revocationReason",
    "templateArn",
)


def create(request: Request) -> dict[str, Any]:
    """CreateCertificateAuthorityAuditReport, JSON or CSV.

    Raises ``AwsError``: InvalidStateException, RequestInProgressException within 30 minutes of
    the last report, ResourceNotFoundException or RequestFailedException for the bucket.
    """
    authority = request.authority()
    if request.status(authority) not in _REPORTING:
        raise refusals.wrong_state(authority.arn, "create an audit report")
    if any(request.now - each.created_at < _INTERVAL for each in authority.reports.values()):
        raise refusals.report_in_progress()
    report = _report(request, authority)
    _write(request, report, _content(request, authority))
    authority.reports[report.identifier] = report
    return {"AuditReportId": report.identifier, "S3Key": report.key}


def describe(request: Request) -> dict[str, Any]:
    """DescribeCertificateAuthorityAuditReport: CREATING at first, then SUCCESS.

    Raises ``AwsError`` (ResourceNotFoundException).
    """
    authority = request.authority()
    identifier = str(request.parameters["AuditReportId"])
    report = authority.reports.get(identifier)
    if report is None:
        raise refusals.not_found(identifier)
    is_ready = report.asks_left <= 0
    report.asks_left -= 1
    return {
        "AuditReportStatus": "SUCCESS" if is_ready else "CREATING",
        "S3BucketName": report.bucket,
        "S3Key": report.key,
        "CreatedAt": epoch(report.created_at),
    }


def _report(request: Request, authority: Authority) -> AuditReport:
    identifier = str(uuid4())
    extension = request.parameters["AuditReportResponseFormat"].lower()
    return AuditReport(
        identifier=identifier,
        bucket=request.parameters["S3BucketName"],
        key=f"audit-report/{authority.identifier}/{identifier}.{extension}",
        created_at=request.now,
        asks_left=request.settings.asks_in_progress,
    )


def _write(request: Request, report: AuditReport, content: str) -> None:
    try:
        request.put_object(report.bucket, report.key, content.encode())
    except AwsError as error:
        if error.code == _NO_BUCKET:
            raise refusals.not_found(report.bucket) from error
        raise refusals.request_failed(error.message) from error


def _content(request: Request, authority: Authority) -> str:
    rows = [dict(_row(each)) for each in authority.certificates.values()]
    if request.parameters["AuditReportResponseFormat"] == "JSON":
        return json.dumps(rows, indent=3)
    table = io.StringIO()
    writer = csv.DictWriter(table, _COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return table.getvalue()


def _row(certificate: Certificate) -> Iterator[tuple[str, str]]:
    """Give what a report says of a certificate; what is not so is left out."""
    (facts,) = inspect(certificate.pem.encode())
    yield "awsAccountId", certificate.requester
    yield "certificateArn", certificate.arn
    yield "serial", certificate.serial.to_bytes(16, "big").hex(":")
    yield "subject", facts.subject.text
    yield "notBefore", _moment(facts.not_before)
    yield "notAfter", _moment(facts.not_after)
    yield "issuedAt", _moment(certificate.issued_at)
    if certificate.revocation is not None:
        yield "revokedAt", _moment(certificate.revocation.at)
        yield "revocationReason", certificate.revocation.reason
    yield "templateArn", certificate.template_arn


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S%z}"
