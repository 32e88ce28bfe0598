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
    """The token that would end first gives way; nobody can fill the memory."""
    tokens = SessionTokens(lambda: 0.0)
    short = tokens.make(5)
    kept = [tokens.make(100 + number) for number in range(MOST)]
    assert len(tokens) == MOST
    assert tokens.seconds_left(short) is None
    assert tokens.seconds_left(kept[0]) == 100
    tokens.make(1000)
    assert tokens.seconds_left(kept[0]) is None


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
