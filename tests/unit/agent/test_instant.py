"""Moments by arithmetic agree with the standard library's."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolesanywhere.agent.instant import read, show, show_exactly


@given(st.integers(min_value=0, max_value=253_402_300_799))
def test_reading_is_the_inverse_of_showing(epoch: int) -> None:
    """For every second up to the year 9999, and as ``datetime`` has it."""
    text = show(epoch)
    assert text == datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")
    assert read(text) == epoch


def test_fractions_and_offsets_of_zero_are_read() -> None:
    """Services differ in how they write UTC."""
    assert read("2026-11-24T13:00:00.123Z") == read("2026-11-24T13:00:00+00:00")


@pytest.mark.parametrize("text", ["", "soon", "2026-11-24T13:00:00", "2026-11-24T13:00:00+01:00"])
def test_anything_else_is_no_moment(text: str) -> None:
    """A zone that is not UTC is not guessed."""
    with pytest.raises(ValueError, match="is not a moment"):
        read(text)


def test_logs_show_milliseconds() -> None:
    """Two lines of one second have an order."""
    assert show_exactly(1_000_000_000.25) == "2001-09-09T01:46:40.250Z"
