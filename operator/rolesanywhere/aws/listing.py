"""A shared listing of one kind of AWS object, with our own changes laid over it.

Roles Anywhere allows one call per second for all reads and writes of a kind, so a change must not
cost another List: what we wrote is put into the listing instead. It stays on top for a while even
of a newer listing, since a List may lag behind a Create, and an object missing from the listing
would be created twice.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from rolesanywhere.aws.sharing import SharedAnswer

R = TypeVar("R")
SETTLE_SECONDS: Final = 30.0  # how long our own change outranks what AWS lists


@dataclass(frozen=True, slots=True)
class _Change(Generic[R]):
    """What we did to one object, and when; ``record`` None: deleted."""

    at: float
    record: R | None


class Listing(Generic[R]):
    """All objects of one kind, at most ``ttl_seconds`` old, our own changes included."""

    def __init__(
        self,
        fetch: Callable[[], tuple[R, ...]],
        *,
        identify: Callable[[R], str],
        ttl_seconds: float,
        clock: Callable[[], float],
        settle_seconds: float = SETTLE_SECONDS,
    ) -> None:
        """``fetch`` lists all and may raise ``Trouble``; ``identify`` gives an object's id."""
        self._answer = SharedAnswer(fetch, ttl_seconds=ttl_seconds, clock=clock)
        self._identify = identify
        self._clock = clock
        # A change must outlive every answer that was asked for before it.
        self._settle = settle_seconds + ttl_seconds
        self._lock = threading.Lock()
        self._changes: dict[str, _Change[R]] = {}

    def read(self) -> tuple[R, ...]:
        """Give all objects. Raises the ``Trouble`` of the List call."""
        listed = {self._identify(record): record for record in self._answer.read()}
        for key, change in self._recent().items():
            if change.record is None:
                listed.pop(key, None)
            else:
                listed[key] = change.record
        return tuple(listed.values())

    def put(self, record: R) -> None:
        """Note an object as AWS answered our create or update."""
        self._note(self._identify(record), record)

    def remove(self, key: str) -> None:
        """Note that we deleted an object."""
        self._note(key, None)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Surround a change: when it fails, what AWS holds is in doubt and is listed anew."""
        try:
            yield
        except Exception:
            self._answer.forget()
            raise

    def _note(self, key: str, record: R | None) -> None:
        with self._lock:
            self._changes[key] = _Change(self._clock(), record)

    def _recent(self) -> dict[str, _Change[R]]:
        with self._lock:
            horizon = self._clock() - self._settle
            self._changes = {key: c for key, c in self._changes.items() if c.at > horizon}
            return dict(self._changes)
