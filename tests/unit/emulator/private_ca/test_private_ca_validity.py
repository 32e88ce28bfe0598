"""From when to when a certificate is valid."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.emulator.private_ca.authority_at_work import Desk, blob, leaf_of, template

from rolesanywhere.emulator.errors import AwsError
from rolesanywhere.emulator.private_ca.validity import not_after, not_before
from rolesanywhere.pki.inspection import inspect

NOW = datetime(2028, 2, 29, 12, 34, 56, 789000, tzinfo=UTC)
GENERAL = "GENERAL_PURPOSE"


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("DAYS", 7, datetime(2028, 3, 7, 12, 34, 56, tzinfo=UTC)),
        ("MONTHS", 1, datetime(2028, 3, 29, 12, 34, 56, tzinfo=UTC)),
        ("MONTHS", 12, datetime(2029, 2, 28, 12, 34, 56, tzinfo=UTC)),
        ("YEARS", 1, datetime(2029, 2, 28, 12, 34, 56, tzinfo=UTC)),
        ("YEARS", 4, datetime(2032, 2, 29, 12, 34, 56, tzinfo=UTC)),
        ("ABSOLUTE", 2524608000, datetime(2050, 1, 1, tzinfo=UTC)),
        ("END_DATE", 491231235959, datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("END_DATE", 20501231235959, datetime(2050, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_every_type(kind: str, value: int, expected: datetime) -> None:
    """Relative types count from now in whole seconds; calendar ones end in the month they name."""
    assert not_after({"Type": kind, "Value": value}, NOW) == expected


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("DAYS", 10**12),
        ("MONTHS", 10**6),
        ("YEARS", 10**4),
        ("ABSOLUTE", 10**15),
        ("ABSOLUTE", 1),
        ("END_DATE", 1),
        ("END_DATE", 500101000000),
        ("END_DATE", 281301000000),
        ("END_DATE", 1234567890123),
        ("END_DATE", 10**20),
    ],
)
def test_impossible_ends(kind: str, value: int) -> None:
    """No date, a date past the year 9999, or one in the past is a ValidationException."""
    with pytest.raises(AwsError) as caught:
        not_after({"Type": kind, "Value": value}, NOW)
    assert caught.value.code == "ValidationException"


def test_a_start_of_ones_own() -> None:
    """ValidityNotBefore is an absolute moment, and leaves the end where it is."""
    start = {"Type": "ABSOLUTE", "Value": int(NOW.timestamp()) + 3600}
    assert not_before(start, NOW) == NOW.replace(microsecond=0) + timedelta(hours=1)
    with pytest.raises(AwsError, match="not a date"):
        not_before({"Type": "ABSOLUTE", "Value": 10**15}, NOW)


def in_days(desk: Desk, days: float, seconds: int = 0) -> Mapping[str, Any]:
    """Write an ABSOLUTE validity."""
    end = desk.clock.now() + timedelta(days=days)
    return {"Type": "ABSOLUTE", "Value": int(end.timestamp()) + seconds}


@pytest.mark.parametrize(
    ("days", "seconds", "code"),
    [
        (7, -1, None),
        (7, 5, "ValidationException"),
        (0.04, 0, None),
        (8, 0, "ValidationException"),
    ],
)
def test_a_short_life(days: float, seconds: int, code: str | None) -> None:
    """In short-lived mode a leaf lives at most 7 days from now, and as short as one likes."""
    desk = Desk()
    arn = desk.active()
    parameters = {**leaf_of(arn), "Validity": in_days(desk, days, seconds)}
    if code is None:
        assert desk.call("IssueCertificate", parameters)
    else:
        error = desk.refusal("IssueCertificate", parameters)
        assert (error.code, "7 days" in error.message) == (code, True)


def test_a_leaf_ends_with_its_authority() -> None:
    """NotAfter may be the CA's own to the second, and not one second later."""
    desk = Desk()
    arn = desk.pending(UsageMode=GENERAL)
    end = in_days(desk, 30)
    desk.activate(arn, end)
    leaf = desk.certificate(arn, desk.issued(arn, Validity=end))["Certificate"]
    (facts,) = inspect(leaf.encode())
    assert int(facts.not_after.timestamp()) == end["Value"]
    later = {**end, "Value": end["Value"] + 1}
    error = desk.refusal("IssueCertificate", {**leaf_of(arn), "Validity": later})
    assert (error.code, error.message) == (
        "ValidationException",
        "The certificate validity specified exceeds the certificate authority validity",
    )


def test_an_authority_below_ends_earlier() -> None:
    """A subordinate CA's certificate must end before its parent's, not with it."""
    desk = Desk()
    arn = desk.pending(UsageMode=GENERAL)
    end = in_days(desk, 30)
    desk.activate(arn, end)
    below = desk.pending(CertificateAuthorityType="SUBORDINATE", UsageMode=GENERAL)
    parameters = {
        **leaf_of(arn),
        "Csr": blob(desk.csr(below)),
        "TemplateArn": template("SubordinateCACertificate_PathLen0/V1"),
        "Validity": end,
    }
    assert desk.refusal("IssueCertificate", parameters).code == "ValidationException"
    assert desk.call(
        "IssueCertificate", {**parameters, "Validity": {**end, "Value": end["Value"] - 1}}
    )


def test_an_end_before_the_start() -> None:
    """ValidityNotBefore after the end of validity is a ValidationException."""
    desk = Desk()
    arn = desk.active()
    parameters = {
        **leaf_of(arn),
        "Validity": in_days(desk, 1),
        "ValidityNotBefore": in_days(desk, 2),
    }
    assert desk.refusal("IssueCertificate", parameters).code == "ValidationException"
