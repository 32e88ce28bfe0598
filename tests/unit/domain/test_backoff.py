"""Waiting times between tries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolesanywhere.domain.backoff import LONGEST_SECONDS, delay_seconds


@pytest.mark.parametrize(
    ("attempt", "longest", "asked", "seconds"),
    [
        (0, LONGEST_SECONDS, None, 1),
        (1, LONGEST_SECONDS, None, 2),
        (8, LONGEST_SECONDS, None, 256),
        (9, LONGEST_SECONDS, None, 300),
        (10**9, LONGEST_SECONDS, None, 300),  # no overflow, however long it lasts
        (9, 60, None, 60),
        (0, LONGEST_SECONDS, 7.5, 7.5),  # asked for is a floor …
        (9, LONGEST_SECONDS, 7.5, 300),  # … and no ceiling
        (0, LONGEST_SECONDS, 900, 900),
    ],
)
def test_delays_grow_to_a_bound(
    attempt: int, longest: float, asked: float | None, seconds: float
) -> None:
    """Each try waits twice as long as the last, and as long as the other side asked."""
    assert delay_seconds(attempt, chance=0, longest=longest, asked=asked) == seconds


@given(
    attempt=st.integers(min_value=0, max_value=10_000),
    chance=st.floats(min_value=0, max_value=1, exclude_max=True),
)
def test_jitter_only_adds(attempt: int, chance: float) -> None:
    """A delay is never below its step and never a quarter above."""
    step = delay_seconds(attempt, chance=0)
    assert step <= delay_seconds(attempt, chance=chance) <= step * 1.25
