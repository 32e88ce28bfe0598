"""Durations, shares and times, read and shown."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolesanywhere.domain import moments

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
TIMES = st.datetimes(timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h", 3600),
        ("90m", 5400),
        ("1h30m", 5400),
        ("168h", 604_800),
        ("1h1m1s", 3661),
        ("0s", 0),
        ("00h15m", 900),
        ("999999999h", 3_599_999_996_400),
    ],
)
def test_durations_are_read(text: str, seconds: int) -> None:
    """Hours, minutes and seconds, each once, the largest first."""
    assert moments.duration_seconds(text) == seconds


ARABIC_THREE = "\u0663"  # a digit to Python's regular expressions


@pytest.mark.parametrize(
    "text",
    [
        *("", "h", "1", "1h1h", "30m1h", "1.5h", "-1h", "1 h", "1d", "1H", "1h\n"),
        f"{ARABIC_THREE}h",
        "9" * 5000 + "h",
    ],
)
def test_what_is_no_duration(text: str) -> None:
    """The error shows how one is written."""
    with pytest.raises(ValueError, match="is not a duration such as 1h, 90m or 1h30m"):
        moments.duration_seconds(text)


@pytest.mark.parametrize(("text", "share"), [("67%", 0.67), ("1%", 0.01), ("99%", 0.99)])
def test_shares_are_read(text: str, share: float) -> None:
    """A percentage becomes a part of one."""
    assert moments.share(text) == share


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%",
        "67",
        "0%",
        "00%",
        "100%",
        "-5%",
        "+5%",
        " 5%",
        "5 %",
        "1_0%",
        "6.7%",
        f"{ARABIC_THREE}%",
    ],
)
def test_what_is_no_share(text: str) -> None:
    """All of life or none of it would renew too late or without end."""
    with pytest.raises(ValueError, match="is not a share such as 67%, from 1% to 99%"):
        moments.share(text)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NOON, "2026-11-24T12:00:00Z"),
        (NOON.replace(microsecond=999_999), "2026-11-24T12:00:00Z"),
        (NOON.astimezone(timezone(timedelta(hours=9))), "2026-11-24T12:00:00Z"),
        (datetime(950, 1, 1, tzinfo=UTC), "0950-01-01T00:00:00Z"),
        (END, "9999-12-31T23:59:59Z"),
    ],
)
def test_times_are_shown_as_kubernetes_does(moment: datetime, text: str) -> None:
    """RFC 3339 in UTC, whole seconds, four digits of year."""
    assert moments.show(moment) == text


@given(TIMES)
def test_a_shown_time_is_read_back(moment: datetime) -> None:
    """Nothing but the fraction of a second is lost."""
    assert moments.read(moments.show(moment)) == moments.whole_seconds(moment)


@pytest.mark.parametrize("text", ["2026-11-24T12:00:00Z", "2026-11-24T21:00:00+09:00"])
def test_times_are_read_into_utc(text: str) -> None:
    """Any zone is understood, UTC comes out."""
    assert moments.read(text) == NOON
    assert moments.read(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-11-24T12:00:00", "has no time zone; end it with Z for UTC"),
        ("2026-11-24", "has no time zone"),
        ("tomorrow", "isoformat"),
        ("0001-01-01T00:00:00+01:00", "is not between the years 1 and 9999 in UTC"),
        ("9999-12-31T23:59:59-01:00", "is not between the years 1 and 9999 in UTC"),
    ],
)
def test_what_is_no_time(text: str, told: str) -> None:
    """The error says what is missing."""
    with pytest.raises(ValueError, match=told):
        moments.read(text)


@pytest.mark.parametrize(
    ("start", "years", "end"),
    [
        (NOON, 10, NOON.replace(year=2036)),
        (datetime(2028, 2, 29, tzinfo=UTC), 1, datetime(2029, 2, 28, tzinfo=UTC)),
        (datetime(2028, 2, 29, tzinfo=UTC), 4, datetime(2032, 2, 29, tzinfo=UTC)),
        (NOON, 7973, NOON.replace(year=9999)),
        (NOON, 7974, END),
        (NOON, 10**12, END),
    ],
)
def test_years_later(start: datetime, years: int, end: datetime) -> None:
    """The same day, the end of February for its 29th, the end of 9999 at most."""
    assert moments.end_of(start, years=years) == end


@pytest.mark.parametrize(
    ("seconds", "then"),
    [
        (90, NOON + timedelta(minutes=1, seconds=30)),
        (-3600, NOON - timedelta(hours=1)),
        (moments.duration_seconds("999999999h"), END),
    ],
)
def test_seconds_later(seconds: float, then: datetime) -> None:
    """A time so far off that there is no date for it is the last date there is."""
    assert moments.after(NOON, seconds) == then
