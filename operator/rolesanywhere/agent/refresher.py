"""Keeps one identity's credentials fresh: when to ask, one exchange at a time, last good kept.

Orders only: the arithmetic is ``domain.refresh``'s, the asking is a child process's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from rolesanywhere.agent import folder as folders
from rolesanywhere.agent import report
from rolesanywhere.agent.journal import Journal
from rolesanywhere.agent.options import Identity
from rolesanywhere.agent.report import Failure, Grant
from rolesanywhere.domain.refresh import SDK_ADVISORY, refresh_at, retry_seconds

_POLL_SECONDS: Final = 2.0  # of the folder: a rotated Secret is in use within ten seconds
_EXCHANGE_SECONDS: Final = 25.0  # start, connect, TLS and answer, before the exchange is killed
_INTERNAL: Final = "InternalError"
_UNAVAILABLE: Final = "AWSUnavailable"


class Exchange(Protocol):
    """A running exchange."""

    deadline: float

    def stop(self) -> int:
        """End it now; gives the exit status."""


class Spawn(Protocol):
    """Starts an exchange for a folder. Raises ``OSError``."""

    def __call__(
        self, folder: str, /, *, deadline: float, ended: Callable[[bytes, int], None]
    ) -> Exchange:
        """Start it; ``ended`` is called once with its output and exit status."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """Time and chance as arguments."""

    now: Callable[[], datetime]  # UTC-aware: what credentials' ends are told in
    monotonic: Callable[[], float]  # seconds: what waiting is measured in
    chance: Callable[[], float]  # in [0, 1)


class Refresher:
    """One identity. ``grant`` and ``failure`` are what the counter serves from."""

    def __init__(
        self, identity: Identity, *, spawn: Spawn, journal: Journal, clocks: Clocks
    ) -> None:
        """Nothing is read or started before the first ``tick``."""
        self.grant: Grant | None = None
        self.failure: Failure | None = None
        self._identity = identity
        self._spawn = spawn
        self._journal = journal
        self._clocks = clocks
        self._fingerprint: folders.Fingerprint | None = None
        self._exchange: Exchange | None = None
        self._again = False  # the folder changed while an exchange was under way
        self._failures = 0
        self._due: datetime | None = None  # after a grant
        self._retry: float | None = None  # after a failure, monotonic
        self._poll = clocks.monotonic()

    def moment(self) -> float:
        """Give the monotonic time at which ``tick`` next has something to do."""
        moments = [self._poll]
        if self._exchange is not None:
            moments.append(self._exchange.deadline)
        elif self._retry is not None:
            moments.append(self._retry)
        return min(moments)

    def tick(self) -> None:
        """Look at folder and clocks, and do what is due. Never waits."""
        now = self._clocks.monotonic()
        if now >= self._poll:
            self._poll = now + _POLL_SECONDS
            self._look()
        if self._exchange is None:
            if self._is_due(now):
                self._start(now)
        elif now >= self._exchange.deadline:
            self._exchange.stop()
            words = f"no answer from AWS within {_EXCHANGE_SECONDS:.0f} seconds"
            self._failed(Failure(_UNAVAILABLE, words, refused=False))

    def stop(self) -> None:
        """End an exchange under way."""
        if self._exchange is not None:
            self._exchange.stop()
            self._exchange = None

    def _look(self) -> None:
        seen = folders.fingerprint(self._identity.folder)
        if seen == self._fingerprint:
            return
        if self._fingerprint is not None:
            self._journal.info("identity-changed", identity=self._identity.name)
        self._fingerprint = seen
        self._again = self._exchange is not None
        self._expedite()

    def _expedite(self) -> None:
        """Forget every wait: what they were for is gone."""
        self._failures = 0
        self._due = self._retry = None

    def _is_due(self, now: float) -> bool:
        if self._retry is not None:
            return now >= self._retry
        return self._due is None or self._clocks.now() >= self._due

    def _start(self, now: float) -> None:
        try:
            self._exchange = self._spawn(
                self._identity.folder, deadline=now + _EXCHANGE_SECONDS, ended=self._ended
            )
        except OSError as error:
            words = f"the exchange cannot be started: {error.strerror}"
            self._failed(Failure(_INTERNAL, words, refused=False))

    def _ended(self, output: bytes, status: int) -> None:
        try:
            said = report.read(output)
        except ValueError:
            words = f"the exchange ended with status {status} and without a report: see the log"
            said = Failure(_INTERNAL, words, refused=False)
        if isinstance(said, Failure):
            self._failed(said)
        else:
            self._granted(said)

    def _granted(self, grant: Grant) -> None:
        now = self._clocks.now()
        if grant.expiration <= now:
            words = "the session is over already by this machine's clock: set the clock"
            self._failed(Failure(_UNAVAILABLE, words, refused=False))
            return
        self._exchange = None
        self.grant, self.failure = grant, None
        self._failures = 0
        self._due = refresh_at(now, grant.expiration, chance=self._clocks.chance())
        self._retry = None
        self._tell(grant, now)
        self._catch_up()

    def _tell(self, grant: Grant, now: datetime) -> None:
        details = {
            "identity": self._identity.name,
            "assumedRole": grant.assumed_role_arn,
            "expiration": grant.expiration.isoformat(),
        }
        if grant.expiration - now < 2 * SDK_ADVISORY:
            details["advice"] = (
                "SDKs ask again on each call when less than 15 minutes are left: give the Profile "
                "a sessionDuration of at least 1h"
            )
            self._journal.warning("credentials-refreshed", **details)
        else:
            self._journal.info("credentials-refreshed", **details)

    def _failed(self, failure: Failure) -> None:
        self._exchange = None
        told, self.failure = self.failure, failure
        self._failures += 1
        wait = retry_seconds(
            self._failures,
            refused=failure.refused,
            chance=self._clocks.chance(),
            asked=failure.retry_after,
        )
        self._retry = self._clocks.monotonic() + wait
        if told is None or (told.reason, told.message) != (failure.reason, failure.message):
            self._journal.warning(
                "refresh-failed",
                identity=self._identity.name,
                reason=failure.reason,
                message=failure.message,
            )
        self._catch_up()

    def _catch_up(self) -> None:
        """Ask again at once if the folder changed while the exchange was under way."""
        if self._again:
            self._again = False
            self._expedite()
