"""What ``credential-process`` does when no young session is kept: one run asks AWS for all.

While AWS does not answer, or refuses, the last session is good until its end. Nobody asks out of
turn, and with a session at hand nobody asks again right after a failure.
"""

from __future__ import annotations

import time

from rolesanywhere.cli.no_session import NOT_IN_TIME, REFUSED, NoSession
from rolesanywhere.cli.turn import Turn

TYPE_CHECKING = False
if TYPE_CHECKING:  # at run time these would take time to import
    from collections.abc import Callable
    from typing import Protocol, TypeVar

    from rolesanywhere.cli.session_cache import CachedSession, SessionCache
    from rolesanywhere.cli.turn import Failure

    Result = TypeVar("Result")

    class Aws(Protocol):
        """Whom a renewal asks."""

        def prepare(self) -> None:
            """Do first what may take a person's time. Raises ``NoSession``."""

        def ask(self, at_hand: CachedSession | None) -> CachedSession:
            """Give a new session, quickly with one ``at_hand``. Raises ``NoSession``."""


TURN_SECONDS = 35.0  # whoever has it gives up before that
_LEAST_LEFT = 60.0  # seconds an SDK can do something with
_OF_AWS = (REFUSED, NOT_IN_TIME)  # what is wrong here is found out without asking anybody


class Outcome:
    """The session to print; ``trouble`` is why it is not a new one, where one was wanted."""

    def __init__(
        self, session: CachedSession, source: str, trouble: NoSession | None = None
    ) -> None:
        self.session = session
        self.source = source
        self.trouble = trouble


class Renewal:
    """One run's. People are waited for before its turn, and only if no session is kept."""

    def __init__(
        self, cache: SessionCache, aws: Aws, *, turn_seconds: float = TURN_SECONDS
    ) -> None:
        self._cache = cache
        self._aws = aws
        self._turn_seconds = turn_seconds
        self._started = time.time()

    def outcome(self) -> Outcome:
        """Give a session from AWS, from another run, or the last one. Raises ``NoSession``."""
        turn = Turn(self._cache.path)
        try:
            kept, failure, now = self._usable(), turn.failure(), time.time()
            if kept is not None and failure is not None and failure.is_at_rest(now):
                return Outcome(kept, "cache", _told(failure, now))
            if kept is None:
                _expected(self._aws.prepare)
            turn.take(seconds=self._turn_seconds if kept is None else 0.0)
            return self._in(turn)
        finally:
            turn.release()

    def _in(self, turn: Turn) -> Outcome:
        """Look again first: whoever had the turn before may have left a session, or a failure."""
        kept = self._usable()
        if kept is not None and (not turn.is_mine or time.time() < kept.refresh_at):
            return Outcome(kept, "cache")
        try:
            return Outcome(self._fresh(turn, kept), "AWS")
        except NoSession as error:
            if kept is None:
                raise
            return Outcome(kept, "cache", error)

    def _fresh(self, turn: Turn, kept: CachedSession | None) -> CachedSession:
        failure = turn.failure()
        if failure is not None and failure.is_of(self._started, time.time()):
            raise failure.no_session
        if not turn.is_mine:
            message = f"another run has been asking AWS for {self._turn_seconds:.0f} seconds"
            raise NoSession(NOT_IN_TIME, f"{message}; try again, or give --no-cache")
        try:
            fresh = _expected(lambda: self._aws.ask(kept))
        except NoSession as error:
            if error.status in _OF_AWS:
                turn.failed(error, time.time())
            raise
        self._cache.write(fresh)
        turn.succeeded()
        return fresh

    def _usable(self) -> CachedSession | None:
        kept = self._cache.read()
        return kept if kept is not None and kept.until - time.time() > _LEAST_LEFT else None


def _expected(work: Callable[[], Result]) -> Result:
    """Do it; raises nothing but ``NoSession``: whatever it is, a session at hand outlives it."""
    try:
        return work()
    except NoSession:
        raise
    except Exception as error:
        words = " ".join(f"unexpected {type(error).__name__}: {error}".split())
        raise NoSession(NOT_IN_TIME, words) from error


def _told(failure: Failure, now: float) -> NoSession:
    """Say that it is no news: people may have mended since then what it is about."""
    words = f"{failure.no_session}; that was {now - failure.moment:.0f} seconds ago"
    return NoSession(failure.no_session.status, words)
