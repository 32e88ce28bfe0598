"""When the agent asks again: after a grant and after a failure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolesanywhere.domain.refresh import (
    is_odd,
    lead_seconds,
    rest_seconds,
    retry_seconds,
    seconds_left,
)


@pytest.mark.parametrize(
    ("end_in", "skew", "left"),
    [
        (3600, None, 3600),
        (3600, 0, 3600),
        (3601.5, 0, 3600),
        (-3595, -7204, 3600),  # two hours ahead, by a Date that was read four seconds late
        (3000, -600, 3600),  # this machine's clock is ten minutes ahead of AWS's
        (4200, 600, 3600),
        (3, -86_400, 3),  # a Date of yesterday: the session would last a day
        (3600, 86_400, 3600),  # of tomorrow: it would be over
        (3600, -1.7e9, 3600),  # of 1970
        (90_000, 0, 3600),  # both are wrong
        (90_000, -86_400, 3600),
        (3600, 3597, 3600),  # an hour ahead, but for seconds: no session is so short
        (840, 0, 840),
        (3600, 2761, 3600),
        (-10, 0, -10),
        (-10, -86_400, -10),
        (-86_400, 10, -86_410),
    ],
)
def test_nobody_is_given_more_than_was_asked_for(
    end_in: float, skew: float | None, left: float
) -> None:
    """Whatever clock a Date header is from, credentials are not held to be good after their end."""
    now = 1.8e9
    found = seconds_left(now + end_in, now=now, skew=skew, asked=3600)
    assert found == pytest.approx(left)


@pytest.mark.parametrize(
    ("life_seconds", "chance", "after_seconds"),
    [
        (3600, 0.0, 2400),  # 20 minutes left
        (3600, 0.5, 2220),  # half of the jitter, a tenth of life, earlier
        (900, 0.0, 450),  # half of life: the shortest session
        (1800, 0.0, 900),
        (2400, 0.0, 1200),
        (3000, 0.0, 1800),  # 20 minutes left: 15 of the SDKs', and five for AWS to come back
        (3300, 0.0, 2100),
        (43200, 0.0, 28800),  # a third of life: the longest session
        (43200, 0.5, 26640),
        (1, 0.0, 0.5),
    ],
)
def test_a_successor_is_fetched_in_time(
    life_seconds: float, chance: float, after_seconds: float
) -> None:
    """The share of life before the refresh depends on its length, the jitter comes on top."""
    lead = lead_seconds(life_seconds, chance=chance)
    assert life_seconds - lead == pytest.approx(after_seconds)


@given(
    life=st.floats(min_value=1800, max_value=43200),
    chance=st.floats(min_value=0, max_value=1, exclude_max=True),
)
def test_sdks_always_find_more_than_their_advisory_window(life: float, chance: float) -> None:
    """Sessions of half an hour and more are refreshed with at least 15 minutes left, never late."""
    assert 900 <= lead_seconds(life, chance=chance) < life


@pytest.mark.parametrize(
    ("failures", "refused", "asked", "seconds"),
    [
        (1, False, None, 1.0),
        (2, False, None, 2.0),
        (5, False, None, 16.0),
        (30, False, None, 60.0),  # never longer: AWS may be back any moment
        (1, True, None, 8.0),
        (3, True, None, 32.0),
        (30, True, None, 300.0),  # someone must change something
        (1, False, 17.0, 17.0),  # AWS's Retry-After is a floor
        (30, False, 17.0, 60.0),
        (1, False, 86400.0, 900.0),  # no proxy may silence us for a day
    ],
)
def test_failures_wait_longer_and_longer(
    failures: int, *, refused: bool, asked: float | None, seconds: float
) -> None:
    """Without jitter the wait is exactly this."""
    assert retry_seconds(failures, refused=refused, chance=0.0, asked=asked) == seconds


def test_jitter_spreads_a_fleet() -> None:
    """The same failure waits differently in different agents, by up to a quarter."""
    assert retry_seconds(1, refused=True, chance=0.5) == 9.0


@pytest.mark.parametrize(("life", "odd"), [(0.5, True), (59.9, True), (60, False), (900, False)])
def test_no_session_is_as_short_as_a_minute(life: float, *, odd: bool) -> None:
    """AWS grants 15 minutes and more."""
    assert is_odd(life) is odd


@pytest.mark.parametrize(
    ("life", "odd_in_a_row", "rest"),
    [(3600, 0, 2400), (2, 0, 1), (2, 1, 1), (2, 2, 2), (2, 5, 16), (2, 9, 60), (50, 1, 25)],
)
def test_after_odd_sessions_aws_is_asked_ever_more_seldom(
    life: float, odd_in_a_row: int, rest: float
) -> None:
    """But not before half of one's life, and after a good one as ever."""
    assert rest_seconds(life, odd_in_a_row=odd_in_a_row, chance=0.0) == pytest.approx(rest)
