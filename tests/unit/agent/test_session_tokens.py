"""IMDSv2's tokens: bounded in time and number."""

from rolesanywhere.agent.session_tokens import MOST, SessionTokens


class Clock:
    """Time by hand."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        """Give it."""
        return self.time


def test_a_token_is_good_until_its_end() -> None:
    """And says for how long, in whole seconds."""
    clock = Clock()
    tokens = SessionTokens(clock)
    token = tokens.make(10)
    assert tokens.seconds_left(token) == 10
    clock.time = 9.5
    assert tokens.seconds_left(token) == 0
    clock.time = 10
    assert tokens.seconds_left(token) is None


def test_nothing_else_is_a_token() -> None:
    """Neither parts nor changes of one, nor two of them mixed."""
    tokens = SessionTokens(lambda: 0.0)
    one, two = tokens.make(10), tokens.make(10)
    assert one != two
    for guess in (b"", one[:-1], one[:16], one + b"0", one[:16] + two[16:], b"\xff" * 80):
        assert tokens.seconds_left(guess) is None


def test_their_number_is_bounded() -> None:
    """The oldest gives way; nobody can fill the memory."""
    tokens = SessionTokens(lambda: 0.0)
    kept = [tokens.make(100) for _ in range(MOST + 1)]
    assert len(tokens) == MOST
    assert tokens.seconds_left(kept[0]) is None
    assert tokens.seconds_left(kept[1]) == 100


def test_a_new_short_token_outlives_old_long_ones() -> None:
    """An SDK in use asks for minutes; hours may be what a script asked for and forgot."""
    tokens = SessionTokens(lambda: 0.0)
    for _ in range(MOST):
        tokens.make(21600)
    used = tokens.make(300)
    tokens.make(21600)
    assert tokens.seconds_left(used) == 300


def test_tokens_that_ended_give_way_first() -> None:
    """Whoever's token is good keeps it while there are others."""
    clock = Clock()
    tokens = SessionTokens(clock)
    for _ in range(MOST - 1):
        tokens.make(5)
    good = tokens.make(50)
    clock.time = 6
    tokens.make(100)
    assert len(tokens) == 2
    assert tokens.seconds_left(good) == 44
