"""Keeps one identity's credentials fresh: when to ask, one exchange at a time, last good kept.

Orders only: the arithmetic is ``domain.refresh``'s, the asking is a child process's.
"""

from collections import Counter as Tally
from collections.abc import Callable
from math import inf
from typing import Final, NamedTuple, Protocol

from rolesanywhere.agent import report
from rolesanywhere.agent.holder import is_over_by_wall, served_until
from rolesanywhere.agent.identity import Fingerprint, Identity
from rolesanywhere.agent.journal import Journal
from rolesanywhere.agent.jumps import Jumps
from rolesanywhere.agent.news import News
from rolesanywhere.agent.places import HELD_SECONDS, Places
from rolesanywhere.agent.report import Failure, Grant
from rolesanywhere.domain.refresh import is_odd, rest_seconds, retry_seconds

POLL_SECONDS: Final = 2.0  # of the files: a rotated Secret is in use within ten seconds
_EXCHANGE_SECONDS: Final = 25.0  # start, connect, TLS and answer, before the exchange is killed
_FINISH_SECONDS: Final = 3.0  # for an exchange whose files are out of date
_CALM_SECONDS: Final = 60.0  # from one session to the next, if the clock ends the one at once
_INTERNAL: Final = "InternalError"
_UNAVAILABLE: Final = "AWSUnavailable"


class Exchange(Protocol):
    """A running exchange."""

    deadline: float

    def stop(self) -> int:
        """End it now; gives the exit status."""


class Spawn(Protocol):
    """Starts an exchange for an identity. Raises ``OSError``."""

    def __call__(
        self, identity: Identity, /, *, deadline: float, ended: Callable[[bytes, int], None]
    ) -> Exchange:
        """Start it; ``ended`` is called once with its output and exit status."""


class Clocks(NamedTuple):
    """Time and chance as arguments."""

    monotonic: Callable[[], float]  # seconds: what everything is measured in
    wall: Callable[[], float]  # epoch seconds
    chance: Callable[[], float]  # in [0, 1)


class Refresher:
    """One identity. ``grant`` and ``failure`` are what is served from; the rest is for people."""

    def __init__(
        self,
        identity: Identity,
        *,
        spawn: Spawn,
        journal: Journal,
        clocks: Clocks,
        places: Places,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        """Nothing is read or started before the first ``tick``. ``places`` are all identities'."""
        self.identity = identity
        self.grant: Grant | None = None
        self.failure: Failure | None = None
        self.grants = 0  # so far
        self.failures: Tally[str] = Tally()  # by reason
        self._spawn = spawn
        self._news = News(journal, identity.name)
        self._clocks = clocks
        self._places = places
        self._poll_seconds = poll_seconds
        self._fingerprint: Fingerprint | None = None
        self._exchange: Exchange | None = None
        self._started = 0.0  # when it was
        self._place_until = inf  # when its place is given back at the latest
        self._again = False  # the files changed while an exchange was under way
        self._in_a_row = 0  # failures
        self._odd_in_a_row = 0  # sessions that were almost over
        self._due = clocks.monotonic()
        self._poll = self._due
        self._jumps = Jumps(monotonic=clocks.monotonic, wall=clocks.wall)
        self._started_ahead = self._jumps.ahead()
        self._jumped = 0.0  # seconds that are not yet followed

    def moment(self) -> float:
        """Give the monotonic time at which ``tick`` next has something to do."""
        if self._exchange is not None:
            return min(self._poll, self._exchange.deadline, self._place_until)
        return self._poll if self._places.is_held_up(self) else min(self._poll, self._due)

    def tick(self) -> None:
        """Look at files and clock, and do what is due. Never waits."""
        now = self._clocks.monotonic()
        if now >= self._poll:
            self._poll = now + self._poll_seconds
            self._look(now)
            self._look_at_clocks(now)
        if now >= self._place_until:
            self._give_place_back()
        if self._exchange is None:
            if now >= self._due:
                self._start_in_turn(now)
        elif now >= self._exchange.deadline:
            self._exchange.stop()
            words = f"no answer from AWS within {now - self._started:.0f} seconds"
            self._failed(Failure(_UNAVAILABLE, words, refused=False))

    def stop(self) -> None:
        """End an exchange under way."""
        if self._exchange is not None:
            self._exchange.stop()
            self._leave()

    def _look(self, now: float) -> None:
        seen = self.identity.fingerprint()
        if seen == self._fingerprint:
            return
        if self._fingerprint is not None:
            self._news.changed()
        self._fingerprint = seen
        if self._exchange is not None:
            self._again = True
            self._exchange.deadline = min(self._exchange.deadline, now + _FINISH_SECONDS)
        self._expedite(now)

    def _look_at_clocks(self, now: float) -> None:
        """Ask AWS for another session if the wall clock has jumped.

        It was set: by that clock the session's end is another one. Or the machine was paused, as a
        restored snapshot is, and so was its uptime: then the session ends sooner than that says.
        """
        fall = self._jumps.fall()
        if fall and self.grant is not None:  # it was fast, and is so no more
            self.grant = self.grant.sooner(fall)
        is_over = self._is_over_by_wall(now)
        jump = self._jumps.heed(is_urgent=is_over)
        if jump:
            self._news.jumped(jump)
            self._jumped = jump
        if self._exchange is None:
            self._follow_clock(now)
            if is_over and self._in_a_row == 0:
                self._due = min(self._due, max(now, self._started + _CALM_SECONDS))

    def _follow_clock(self, now: float) -> None:
        """Ask again after a jump; after a failure so much of the wait may be over."""
        jump, self._jumped = self._jumped, 0.0
        if jump and self._in_a_row == 0:
            self._due = now
        elif jump:
            self._due = max(now, self._due - max(0.0, jump))

    def _is_over_by_wall(self, now: float) -> bool:
        """Tell whether nothing is handed out though by our own clock it is good."""
        grant = self.grant
        if grant is None or served_until(grant) <= now:
            return False
        return is_over_by_wall(grant, self._clocks.wall())

    def _expedite(self, now: float) -> None:
        """Forget every wait: what it was for is gone."""
        self._in_a_row = 0
        self._due = now

    def _start_in_turn(self, now: float) -> None:
        self._places.wait(self, has_failed=self._in_a_row > 0)
        if not self._places.is_held_up(self):
            self._start(now)

    def _start(self, now: float) -> None:
        self._started, self._started_ahead = now, self._jumps.ahead()
        self._places.take(self)
        self._place_until = now + HELD_SECONDS
        try:
            self._exchange = self._spawn(
                self.identity, deadline=now + _EXCHANGE_SECONDS, ended=self._ended
            )
        except OSError as error:
            words = f"the exchange cannot be started: {error.strerror}"
            self._failed(Failure(_INTERNAL, words, refused=False))

    def _leave(self) -> None:
        self._exchange = None
        self._give_place_back()

    def _give_place_back(self) -> None:
        if self._place_until != inf:
            self._place_until = inf
            self._places.give_back()

    def _ended(self, output: bytes, status: int) -> None:
        try:
            said = report.read(output, clock=self._clocks.monotonic())
        except ValueError:
            words = f"the exchange ended with status {status} and without a report: see the log"
            said = Failure(_INTERNAL, words, refused=False)
        if isinstance(said, Failure):
            self._failed(said)
        else:
            self._granted(said)

    def _granted(self, grant: Grant) -> None:
        now = self._clocks.monotonic()
        life = grant.until - now
        if life <= 0:
            words = f"the session ended at {grant.expiration} already: set this machine's clock"
            self._failed(Failure(_UNAVAILABLE, words, refused=False))
            return
        self._leave()
        # The machine may have been paused meanwhile: then AWS's date is older than it seemed.
        step = abs(self._jumps.ahead() - self._started_ahead)
        self.grant, self.failure = grant.sooner(step), None
        self._jumps.settle()
        self.grants += 1
        self._in_a_row = 0
        self._odd_in_a_row = self._odd_in_a_row + 1 if is_odd(life) else 0
        chance = self._clocks.chance()
        self._due = now + rest_seconds(life, odd_in_a_row=self._odd_in_a_row, chance=chance)
        self._news.granted(grant, life)
        self._catch_up(now)

    def _failed(self, failure: Failure) -> None:
        self._leave()
        told = self.failure
        if told is not None and failure.role_name is None:  # it has not become unknown
            failure = failure._replace(role_name=told.role_name)
        self.failure = failure
        self.failures[failure.reason] += 1
        self._in_a_row += 1
        now = self._clocks.monotonic()
        self._due = now + retry_seconds(
            self._in_a_row,
            refused=failure.refused,
            chance=self._clocks.chance(),
            asked=failure.retry_after,
        )
        self._news.failed(failure, before=told)
        self._catch_up(now)

    def _catch_up(self, now: float) -> None:
        """Ask again at once if the files changed while the exchange was under way."""
        if self._again:
            self._again = False
            self._expedite(now)
