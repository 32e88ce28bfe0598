"""When a CA's certificate ends."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.domain.facts import NOON

from rolesanywhere.api.authority import CAValidity
from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.trouble import Refusal
from rolesanywhere.domain.validity import end_of


@pytest.mark.parametrize(
    ("wanted", "end"),
    [
        (CAValidity(years=1), NOON.replace(year=2027)),
        (CAValidity(), NOON.replace(year=2036)),
        (CAValidity(not_after="2200-03-15T00:00:00Z"), datetime(2200, 3, 15, tzinfo=UTC)),
        (
            CAValidity(not_after="9999-12-31T23:59:59Z"),
            datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
        ),
        (
            CAValidity(not_after="2200-03-15T00:00:00.5+09:00"),
            datetime(2200, 3, 14, 15, tzinfo=UTC),
        ),
    ],
)
def test_an_end_is_years_or_a_date(wanted: CAValidity, end: datetime) -> None:
    """Counted from the start, which does not move with the clock."""
    assert end_of(wanted, start=NOON, now=NOON + timedelta(days=3)) == end


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("soon", "validity.notAfter: .*soon"),
        ("9999-12-31T23:59:59-01:00", "validity.notAfter: .*between the years 1 and 9999"),
        ("2026-11-24T12:00:00Z", "2026-11-24T12:00:00Z is over: a CA needs an end in the future"),
    ],
)
def test_an_end_that_cannot_be_is_refused(text: str, told: str) -> None:
    """The refusal names the field."""
    with pytest.raises(Refusal, match=told) as refusal:
        end_of(CAValidity(not_after=text), start=NOON, now=NOON)
    assert refusal.value.reason is Reason.INVALID_SPEC
