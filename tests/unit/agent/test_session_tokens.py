"""IMDSv2's tokens: bounded in time, not in number, and good beyond the run that made them."""

import pytest

from rolesanywhere.agent.session_tokens import LONGEST_TTL, SessionTokens, secret_of

NOON = 1_800_000_000.25  # epoch seconds
SECRET = secret_of(b"open-sesame")


class Machine:
    """Its two clocks, moved by hand, and an agent's run on it."""

    def __init__(self, epoch: float = NOON) -> None:
        self.uptime = 50.0
        self.epoch = epoch

    def tokens(self, secret: bytes = SECRET) -> SessionTokens:
        """Start a run."""
        return SessionTokens(secret, clock=lambda: self.uptime, now=lambda: self.epoch)


def test_a_token_is_good_until_its_end() -> None:
    """And says for how long, in whole seconds."""
    machine = Machine()
    tokens = machine.tokens()
    token = tokens.make(10)
    assert tokens.seconds_left(token) == 10
    machine.uptime += 9.5
    assert tokens.seconds_left(token) == 0
    machine.uptime += 0.5
    assert tokens.seconds_left(token) is None


@pytest.mark.parametrize("set_by", [-1e9, 1e9])
def test_setting_the_clock_does_nothing_to_a_token(set_by: float) -> None:
    """Made before or after, within one run."""
    machine = Machine()
    tokens = machine.tokens()
    before = tokens.make(10)
    machine.epoch += set_by
    assert [tokens.seconds_left(each) for each in (before, tokens.make(10))] == [10, 10]


def test_nothing_else_is_a_token() -> None:
    """Neither parts nor changes of one, nor two of them mixed, nor one of another secret."""
    tokens = Machine().tokens()
    one, two = tokens.make(10), tokens.make(20)
    other = Machine().tokens(secret_of(b"open-sesam")).make(10)
    for guess in (
        *(b"", one[:-1], one[:16], one + b"0", one.upper(), b"\xff" * 80),
        *(one[:16] + two[16:], two[:16] + one[16:], other),
    ):
        assert tokens.seconds_left(guess) is None


def test_no_number_of_tokens_voids_one() -> None:
    """Who asks again and again, as some programs do for each call, harms nobody."""
    tokens = Machine().tokens()
    first = tokens.make(LONGEST_TTL)
    for _ in range(600):
        tokens.make(LONGEST_TTL)
    assert tokens.seconds_left(first) == LONGEST_TTL


def test_a_token_outlives_the_run_that_made_it() -> None:
    """The same authorization token gives the same secret, and time goes on."""
    token = Machine().tokens(secret_of(b"open-sesame")).make(60)
    later = Machine(NOON + 20).tokens(secret_of(b"open-sesame"))
    assert later.seconds_left(token) == 40


@pytest.mark.parametrize(
    ("set_by", "left"),
    [(-600, LONGEST_TTL + 600), (-LONGEST_TTL, 2 * LONGEST_TTL), (-LONGEST_TTL - 1, None)],
)
def test_a_clock_set_back_prolongs_no_token_for_long(set_by: float, left: int | None) -> None:
    """By as much as it was set; one that is years ahead then is none."""
    token = Machine().tokens().make(LONGEST_TTL)
    assert Machine(NOON + set_by).tokens().seconds_left(token) == left


def test_a_token_may_stand_in_a_header() -> None:
    """As EC2's do: letters and digits, and nothing of the secret."""
    token = Machine().tokens().make(60)
    assert token.isalnum()
    assert SECRET.hex().encode() not in token
