"""What is printed when no young session is kept: one asks, and the last session outlives much."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from rolesanywhere.cli.no_session import NoSession
from rolesanywhere.cli.renewal import Outcome, Renewal
from rolesanywhere.cli.session_cache import CachedSession, SessionCache
from rolesanywhere.cli.turn import Turn

DENIED = NoSession(3, "AWS refused")
BUSY = NoSession(4, "AWS could not answer")
UNREADABLE = NoSession(1, "the key cannot be read")
ODD = RuntimeError("can't start\nnew thread")


class Asked:
    """Whoever is asked instead of AWS: answers by the script, and counts."""

    def __init__(self, *answers: Exception | str) -> None:
        self.answers = list(answers)
        self.at_hand: list[bool] = []

    def prepare(self) -> None:
        """Need nothing."""

    def ask(self, at_hand: CachedSession | None) -> CachedSession:
        """Answer."""
        self.at_hand.append(at_hand is not None)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return session(answer, left=3600, due=2400)


class Typist(Asked):
    """A person types first; meanwhile somebody else may do something."""

    def __init__(self, meanwhile: Callable[[], object], *answers: str) -> None:
        super().__init__(*answers)
        self.meanwhile = meanwhile

    def prepare(self) -> None:
        """Type."""
        self.meanwhile()


def session(name: str, *, left: float, due: float = -1) -> CachedSession:
    now = time.time()
    return CachedSession(name.encode(), refresh_at=now + due, until=now + left)


Renew = Callable[[Asked], Outcome]


@pytest.fixture
def cache(tmp_path: Path) -> SessionCache:
    return SessionCache(str(tmp_path), [])


@pytest.fixture
def renew(cache: SessionCache) -> Renew:
    return lambda asked: Renewal(cache, asked, turn_seconds=0.03).outcome()


def test_a_new_session_is_kept(cache: SessionCache, renew: Renew) -> None:
    """For the next run."""
    outcome = renew(Asked("new"))
    assert (outcome.session.answer, outcome.source, outcome.trouble) == (b"new", "AWS", None)
    kept = cache.read()
    assert kept is not None
    assert kept.answer == b"new"


@pytest.mark.parametrize("error", [DENIED, BUSY, UNREADABLE, ODD])
def test_the_last_session_outlives_any_failure(
    cache: SessionCache, renew: Renew, error: Exception
) -> None:
    """A refusal and a mistake of ours too; what happened is told, in one line."""
    cache.write(session("last", left=1200))
    outcome = renew(Asked(error))
    assert outcome.session.answer == b"last"
    words = "unexpected RuntimeError: can't start new thread" if error is ODD else str(error)
    assert str(outcome.trouble) == words


def test_what_nobody_expected_is_a_failure_too(renew: Renew) -> None:
    """Without a session it ends with status 4 and a line."""
    with pytest.raises(NoSession) as caught:
        renew(Asked(ODD))
    assert caught.value.status == 4
    assert str(caught.value) == "unexpected RuntimeError: can't start new thread"


@pytest.mark.parametrize("error", [DENIED, BUSY, ODD])
def test_with_a_session_at_hand_nobody_asks_again_at_once(
    cache: SessionCache, renew: Renew, error: Exception
) -> None:
    """A hanging AWS costs one of many AWS CLI commands time, and the others know why it was."""
    cache.write(session("last", left=1200))
    asked = Asked(error)
    renew(asked)
    for _ in range(3):
        outcome = renew(asked)
        assert outcome.session.answer == b"last"
        assert "; that was 0 seconds ago" in str(outcome.trouble)
    assert asked.at_hand == [True]


def test_after_the_rest_it_is_asked_again(cache: SessionCache, renew: Renew) -> None:
    """And a success ends the failures' count."""
    cache.write(session("last", left=1200))
    Turn(cache.path).failed(DENIED, time.time() - 11)
    assert renew(Asked("new")).session.answer == b"new"
    assert Turn(cache.path).failure() is None


def test_without_a_session_the_next_run_asks(renew: Renew) -> None:
    """Whoever started after a failure has a chance of their own."""
    asked = Asked(DENIED, "new")
    with pytest.raises(NoSession):
        renew(asked)
    assert renew(asked).session.answer == b"new"
    assert asked.at_hand == [False, False]


def test_a_mistake_here_is_not_kept(cache: SessionCache, renew: Renew) -> None:
    """It is found out again without asking anybody, until it is mended."""
    with pytest.raises(NoSession):
        renew(Asked(UNREADABLE))
    assert Turn(cache.path).failure() is None


def test_whoever_waited_shares_the_failure(cache: SessionCache) -> None:
    """With its words and status: the tenth in a row does not wait ten times as long."""
    waiting = Renewal(cache, Asked(), turn_seconds=0.03)
    Turn(cache.path).failed(DENIED, time.time())
    with pytest.raises(NoSession) as caught:
        waiting.outcome()
    assert (caught.value.status, str(caught.value)) == (3, "AWS refused")


def test_who_types_a_password_has_no_turn_yet(cache: SessionCache, renew: Renew) -> None:
    """Others may ask meanwhile, and then their session is the answer."""
    another = Asked("another's")
    outcome = renew(Typist(lambda: renew(another)))
    assert (outcome.session.answer, outcome.source) == (b"another's", "cache")


def test_with_a_session_at_hand_nobody_types(cache: SessionCache, renew: Renew) -> None:
    """It is printed, or a new one that needs no password."""
    cache.write(session("last", left=1200))
    typed: list[str] = []
    assert renew(Typist(lambda: typed.append("x"), "new")).session.answer == b"new"
    assert typed == []


@pytest.mark.parametrize(("error", "status"), [(UNREADABLE, 1), (ODD, 4)])
def test_what_cannot_be_prepared_is_told(renew: Renew, error: Exception, status: int) -> None:
    """Nobody waits for a turn that would be of no use."""

    def fail() -> None:
        raise error

    with pytest.raises(NoSession) as caught:
        renew(Typist(fail))
    assert caught.value.status == status


def test_nobody_asks_out_of_turn(cache: SessionCache, renew: Renew) -> None:
    """Not even after a long wait: a hundred of them would throttle the whole account."""
    turn = Turn(cache.path)
    assert turn.take(seconds=0)
    with pytest.raises(NoSession) as caught:
        renew(Asked())
    assert caught.value.status == 4
    assert "another run has been asking AWS" in str(caught.value)
    turn.release()


@pytest.mark.parametrize(("left", "seconds"), [(0, 35), (1200, 0)])
def test_a_turn_is_waited_for_as_long_as_another_may_ask(
    cache: SessionCache, monkeypatch: pytest.MonkeyPatch, left: float, seconds: float
) -> None:
    """Whoever has it gives up after 25 seconds of asking, and what comes before and behind."""
    waited: list[float] = []
    monkeypatch.setattr(Turn, "take", lambda _turn, *, seconds: waited.append(seconds))
    cache.write(session("last", left=left))
    with suppress(NoSession):
        Renewal(cache, Asked()).outcome()
    assert waited == [seconds]


def test_with_a_session_at_hand_nobody_waits_for_a_turn(cache: SessionCache, renew: Renew) -> None:
    """It is printed at once."""
    cache.write(session("last", left=1200))
    turn = Turn(cache.path)
    assert turn.take(seconds=0)
    outcome = renew(Asked())
    assert (outcome.session.answer, outcome.trouble) == (b"last", None)
    turn.release()
