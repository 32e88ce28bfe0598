"""One Lease in memory, with the API server's rules on versions, and each candidate's way to it."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

from rolesanywhere.api.conditions import Reason
from rolesanywhere.controller.candidate import Candidate
from rolesanywhere.domain.lease import LeaseRecord
from rolesanywhere.domain.trouble import AlreadyExists, Conflict, Trouble
from rolesanywhere.kube.lease import Lease

NOON: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
AWAY: Final = Trouble(Reason.API_SERVER_UNAVAILABLE, "no answer from the API server")
T = TypeVar("T")


def nothing() -> None:
    """Happen between two moments."""


@dataclass
class FakeLeases:
    """The API server's side. ``written`` counts all writes that were carried out."""

    kept: Lease | None = None
    written: int = 0

    @property
    def holder(self) -> str | None:
        """Give who holds the lease."""
        return self.kept.record.holder if self.kept is not None else None

    def read(self) -> Lease | None:
        """Read it."""
        return self.kept

    def create(self, record: LeaseRecord) -> None:
        """Create it."""
        if self.kept is not None:
            raise AlreadyExists(Reason.SECRET_NAME_TAKEN, "the lease exists")
        self.put(record)

    def replace(self, lease: Lease, record: LeaseRecord) -> None:
        """Replace it at its version."""
        if self.kept is None or self.kept.body != lease.body:
            raise Conflict(Reason.PENDING, "the lease has been modified")
        self.put(record)

    def put(self, record: LeaseRecord) -> None:
        """Keep a new version, as whoever has the rights may write one."""
        self.written += 1
        self.kept = Lease(record, {"metadata": {"resourceVersion": str(self.written)}})


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a request: what happens on its way there and back, and whether it is lost."""

    going: Callable[[], None] = nothing
    coming: Callable[[], None] = nothing
    never_arrives: bool = False
    answer_is_lost: bool = False


@dataclass
class Way:
    """One candidate's way to the API server. Requests meet ``fates`` in turn, then none."""

    server: FakeLeases
    fates: deque[Fate] = field(default_factory=deque)
    is_cut: bool = False

    def read(self) -> Lease | None:
        """Read the lease."""
        return self._send(self.server.read)

    def create(self, record: LeaseRecord) -> None:
        """Create the lease."""
        self._send(lambda: self.server.create(record))

    def replace(self, lease: Lease, record: LeaseRecord) -> None:
        """Replace the lease."""
        self._send(lambda: self.server.replace(lease, record))

    def _send(self, request: Callable[[], T]) -> T:
        fate = self.fates.popleft() if self.fates else Fate()
        fate.going()
        if fate.never_arrives or self.is_cut:
            raise AWAY
        answer = request()
        fate.coming()
        if fate.answer_is_lost:
            raise AWAY
        return answer


@dataclass
class Seconds:
    """A clock that stands still until it is told to go on."""

    now: float = 0.0

    def __call__(self) -> float:
        """Give monotonic seconds."""
        return self.now


@dataclass
class Contender:
    """A candidate with its way, on a clock that may be shared."""

    server: FakeLeases
    clock: Callable[[], float]
    name: str
    skew: timedelta = timedelta()  # of what it takes for the time of day

    def __post_init__(self) -> None:
        """Begin outside."""
        self.way = Way(self.server)
        self.candidate = Candidate(self.way, self.name, clock=self.clock, now=self._now)

    def _now(self) -> datetime:
        return NOON + self.skew + timedelta(seconds=self.clock())
