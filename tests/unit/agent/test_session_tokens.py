"""IMDSv2's tokens: bounded in time, not in number, and good beyond the run that made them."""

import pytest

from rolesanywhere.agent.session_tokens import LONGEST_TTL, SessionTokens, secret_of

NOON = 1_800_000_000.25  # epoch seconds
SECRET = secret_of(b"open-sesame")


class Clock:
    """Time by hand."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> float:
        """Give it."""
        return self.time


def test_a_token_is_good_until_its_end() -> None:
    """And says for how long, in whole seconds."""
    clock = Clock()
    tokens = SessionTokens(SECRET, clock)
    token = tokens.make(10)
    assert tokens.seconds_left(token) == 10
    clock.time = NOON + 9.5
    assert tokens.seconds_left(token) == 0
    clock.time = NOON + 10
    assert tokens.seconds_left(token) is None


def test_nothing_else_is_a_token() -> None:
    """Neither parts nor changes of one, nor two of them mixed, nor one of another secret."""
    tokens = SessionTokens(SECRET, lambda: NOON)
    one, two = tokens.make(10), tokens.make(20)
    other = SessionTokens(secret_of(b"open-sesam"), lambda: NOON).make(10)
    for guess in (
        *(b"", one[:-1], one[:16], one + b"0", one.upper(), b"\xff" * 80),
        *(one[:16] + two[16:], two[:16] + one[16:], other),
    ):
        assert tokens.seconds_left(guess) is None


def test_no_number_of_tokens_voids_one() -> None:
    """Who asks again and again, as some programs do for each call, harms nobody."""
    tokens = SessionTokens(SECRET, lambda: NOON)
    first = tokens.make(LONGEST_TTL)
    for _ in range(600):
        tokens.make(LONGEST_TTL)
    assert tokens.seconds_left(first) == LONGEST_TTL


def test_a_token_outlives_the_run_that_made_it() -> None:
    """The same authorization token gives the same secret, and time goes on."""
    token = SessionTokens(secret_of(b"open-sesame"), lambda: NOON).make(60)
    assert SessionTokens(secret_of(b"open-sesame"), lambda: NOON + 20).seconds_left(token) == 40


@pytest.mark.parametrize(
    ("set_by", "left"),
    [(-600, LONGEST_TTL + 600), (-LONGEST_TTL, 2 * LONGEST_TTL), (-LONGEST_TTL - 1, None)],
)
def test_a_clock_set_back_prolongs_no_token_for_long(set_by: float, left: int | None) -> None:
    """By as much as it was set; one that is years ahead then is none."""
    token = SessionTokens(SECRET, lambda: NOON).make(LONGEST_TTL)
    assert SessionTokens(SECRET, lambda: NOON + set_by).seconds_left(token) == left


def test_a_token_may_stand_in_a_header() -> None:
    """As EC2's do: letters and digits, and nothing of the secret."""
    token = SessionTokens(SECRET, lambda: NOON).make(60)
    assert token.isalnum()
    assert SECRET.hex().encode() not in token
