"""What may be said in a Lease, and what follows from what is."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from rolesanywhere.domain.lease import (
    LEASE_SECONDS,
    RENEW_SECONDS,
    RETRY_JITTER,
    RETRY_SECONDS,
    LeaseRecord,
    Sighting,
    claimed,
    is_free,
    released,
    sighted,
)

HELD = LeaseRecord("a", 15, "2026-11-24T11:00:00.000000Z", "2026-11-24T11:59:58.000000Z", 3)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SHOWN = "2026-11-24T12:00:00.000000Z"


@pytest.mark.parametrize(
    ("held", "identity", "claim"),
    [
        (None, "a", LeaseRecord("a", 15, SHOWN, SHOWN, 0)),
        (HELD, "a", LeaseRecord("a", 15, HELD.acquired_at, SHOWN, 3)),
        (HELD, "b", LeaseRecord("b", 15, SHOWN, SHOWN, 4)),
        (LeaseRecord(), "b", LeaseRecord("b", 15, SHOWN, SHOWN, 1)),
    ],
    ids=["made", "renewed", "taken from another", "taken from nobody"],
)
def test_claims(held: LeaseRecord | None, identity: str, claim: LeaseRecord) -> None:
    """Who holds it, since when, renewed when, and how often it changed hands."""
    assert claimed(held, identity, NOON) == claim


def test_a_release_leaves_nothing_to_wait_for() -> None:
    """Nobody holds it; the shortest duration the API takes."""
    assert released(HELD, NOON) == LeaseRecord("", 1, SHOWN, SHOWN, 3)


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (NOON, SHOWN),
        (NOON + timedelta(microseconds=7), "2026-11-24T12:00:00.000007Z"),
        (NOON.astimezone(timezone(timedelta(hours=9))), SHOWN),
    ],
)
def test_times_have_six_decimals(moment: datetime, shown: str) -> None:
    """The API server reads a MicroTime with exactly as many, in UTC."""
    assert claimed(None, "a", moment).renewed_at == shown


@pytest.mark.parametrize(
    ("record", "age", "free"),
    [
        (LeaseRecord(), 0, True),
        (HELD, 14.9, False),
        (HELD, 15, True),
        (LeaseRecord("a", 60), 59.9, False),
        (LeaseRecord("a", 60), 60, True),
    ],
)
def test_when_it_is_free(*, record: LeaseRecord, age: float, free: bool) -> None:
    """When nobody holds it, or its holder was silent for as long as it asked for."""
    assert is_free(Sighting(record, 100), 100 + age) is free


def test_a_record_is_as_old_as_its_last_change() -> None:
    """By the observer's clock, whatever its times say."""
    first = sighted(None, HELD, 1)
    assert sighted(first, HELD, 9) == Sighting(HELD, 1)
    assert sighted(first, claimed(HELD, "a", NOON), 9).since == 9


def test_time_is_left_between_losing_and_taking_over() -> None:
    """For calls on their way, a watch that looks late, and a last word; and retries fit in."""
    assert LEASE_SECONDS - RENEW_SECONDS >= 5
    assert RENEW_SECONDS >= 3 * RETRY_SECONDS * (1 + RETRY_JITTER)
