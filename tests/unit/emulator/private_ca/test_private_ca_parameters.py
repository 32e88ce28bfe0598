"""What AWS's front says of parameters before an operation runs."""

from collections.abc import Mapping
from typing import Any

import pytest
from tests.unit.emulator.private_ca.authority_at_work import EC_ROOT, Desk, blob

ARN = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/x"
ISSUE = {
    "CertificateAuthorityArn": ARN,
    "Csr": blob("a request"),
    "SigningAlgorithm": "SHA256WITHRSA",
    "Validity": {"Type": "DAYS", "Value": 7},
}
DELETE = {"CertificateAuthorityArn": ARN, "PermanentDeletionTimeInDays": 7}


NOT_NULL = "Member must not be null"
LENGTH = "Member must have length"
VALUE = "Member must have value"
PATTERN = "Member must satisfy regular expression pattern: "
ENUM = "Member must satisfy enum value set: "


@pytest.mark.parametrize(
    ("operation", "parameters", "where", "rule"),
    [
        ("DescribeCertificateAuthority", {}, "null at 'certificateAuthorityArn'", NOT_NULL),
        (
            "DescribeCertificateAuthority",
            {"CertificateAuthorityArn": "arn:aws:iam::111122223333:role/x"},
            "'arn:aws:iam::111122223333:role/x' at 'certificateAuthorityArn'",
            PATTERN + "arn:[\\w+=/,.@-]+:acm-pca:",
        ),
        (
            "IssueCertificate",
            {**ISSUE, "IdempotencyToken": "t" * 37},
            f"'{'t' * 37}' at 'idempotencyToken'",
            f"{LENGTH} less than or equal to 36",
        ),
        (
            "IssueCertificate",
            {**ISSUE, "Csr": blob("r" * 32769)},
            "at 'csr'",
            f"{LENGTH} less than or equal to 32768",
        ),
        (
            "IssueCertificate",
            {**ISSUE, "Csr": ""},
            "at 'csr'",
            f"{LENGTH} greater than or equal to 1",
        ),
        (
            "IssueCertificate",
            {**ISSUE, "Validity": {"Type": "DAYS", "Value": 0}},
            "'0' at 'validity.value'",
            f"{VALUE} greater than or equal to 1",
        ),
        (
            "IssueCertificate",
            {**ISSUE, "Validity": {"Type": "HOURS", "Value": 1}},
            "'HOURS' at 'validity.type'",
            ENUM + "[END_DATE, ABSOLUTE, DAYS, MONTHS, YEARS]",
        ),
        (
            "DeleteCertificateAuthority",
            {**DELETE, "PermanentDeletionTimeInDays": 6},
            "'6' at 'permanentDeletionTimeInDays'",
            f"{VALUE} greater than or equal to 7",
        ),
        (
            "DeleteCertificateAuthority",
            {**DELETE, "PermanentDeletionTimeInDays": 31},
            "'31' at 'permanentDeletionTimeInDays'",
            f"{VALUE} less than or equal to 30",
        ),
        (
            "CreateCertificateAuthority",
            {**EC_ROOT, "Tags": [{"Key": "a"}, {"Key": "b!"}]},
            "'b!' at 'tags.2.member.key'",
            PATTERN,
        ),
        (
            "CreateCertificateAuthority",
            {**EC_ROOT, "Tags": [{"Key": "a"}] * 51},
            "at 'tags'",
            f"{LENGTH} less than or equal to 50",
        ),
    ],
)
def test_limits_of_the_model(
    operation: str, parameters: Mapping[str, Any], where: str, rule: str
) -> None:
    """A value beyond the model's limits is a ValidationException in AWS's words."""
    error = Desk().refusal(operation, parameters)
    assert error.code == "ValidationException"
    assert error.message.startswith("1 validation error detected: Value")
    assert f"{where} failed to satisfy constraint: {rule}" in error.message


def test_all_violations_at_once() -> None:
    """One answer names every violation."""
    parameters = {**ISSUE, "SigningAlgorithm": "MD5", "Validity": {"Type": "HOURS", "Value": 1}}
    message = Desk().refusal("IssueCertificate", parameters).message
    assert message.startswith("2 validation errors detected: Value 'MD5' at 'signingAlgorithm'")
    assert "; Value 'HOURS' at 'validity.type'" in message


@pytest.mark.parametrize(
    "parameters",
    [
        {**ISSUE, "Csr": 7},
        {**ISSUE, "Csr": "not base64!"},
        {**ISSUE, "Validity": "7 days"},
        {**ISSUE, "Validity": {"Type": "DAYS", "Value": "7"}},
        {**ISSUE, "Validity": {"Type": "DAYS", "Value": True}},
    ],
)
def test_types_of_the_model(parameters: Mapping[str, Any]) -> None:
    """A value of the wrong JSON type is a SerializationException."""
    assert Desk().refusal("IssueCertificate", parameters).code == "SerializationException"


def test_tags_in_any_script() -> None:
    """Letters and digits of every script are good in tags, as AWS's pattern has it."""
    desk = Desk()
    arn = desk.pending(Tags=[{"Key": "équipe/チーム", "Value": "支払い 2"}])
    answer = desk.call("ListTags", {"CertificateAuthorityArn": arn})
    assert answer == {"Tags": [{"Key": "équipe/チーム", "Value": "支払い 2"}]}


def test_unknown_members_are_ignored() -> None:
    """A member the model does not have changes nothing, so that newer clients still work."""
    arn = Desk().pending(NewThing={"a": 1})
    assert arn.startswith("arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/")
