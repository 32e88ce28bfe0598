"""When each object is due for a look: the memory of the event loop, lost without harm.

Everything here runs on the event loop, in one thread.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from rolesanywhere.domain.backoff import LONGEST_SECONDS, delay_seconds
from rolesanywhere.reconcile.outcome import Outcome

RESYNC_JITTER: Final = 0.1  # of the time until the next look, taken off


@dataclass(slots=True)
class _Entry:
    due: float = float("inf")  # monotonic seconds
    failures: int = 0  # in a row
    is_retired: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Agenda:
    """Due times by uid. An object not heard of yet is due when its first handler says so."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        chance: Callable[[], float],
        longest: float = LONGEST_SECONDS,
    ) -> None:
        """``clock`` gives monotonic seconds, ``chance`` a number in [0, 1).

        ``longest`` seconds a failing object waits at most: no longer than one that is well.
        """
        self._clock = clock
        self._chance = chance
        self._longest = min(longest, LONGEST_SECONDS)
        self._entries: dict[str, _Entry] = {}
        self.is_closed = False

    def close(self) -> None:
        """Have nothing be due any more: the program ends."""
        self.is_closed = True
        for uid in self._entries:
            self.retire(uid)

    def turn(self, uid: str) -> asyncio.Lock:
        """Give the lock under which one look at an object happens at a time."""
        return self._entry(uid).turn

    def note(self, uid: str, outcome: Outcome) -> None:
        """Set the next look: growing and jittered after failures, a little early otherwise."""
        entry = self._entry(uid)
        if outcome.failed:
            wait = delay_seconds(
                entry.failures,
                chance=self._chance(),
                longest=self._longest,
                asked=outcome.next_seconds,
            )
            entry.failures += 1
        else:
            wait = outcome.next_seconds * (1 - RESYNC_JITTER * self._chance())
            entry.failures = 0
        self._set(entry, self._clock() + wait)

    def expedite(self, uid: str, *, within: float = 0.0) -> None:
        """Have an object looked at soon: something it depends on changed.

        ``within`` seconds spread a crowd. An object that is not on the agenda stays off it.
        """
        entry = self._entries.get(uid)
        if entry is not None:
            due = self._clock() + within * self._chance()
            self._set(entry, min(entry.due, due))

    def retire(self, uid: str) -> None:
        """Have an object never be due again, and let whoever waits for it go: it is deleted."""
        entry = self._entry(uid)
        entry.is_retired = True
        entry.changed.set()

    def is_retired(self, uid: str) -> bool:
        """Tell whether an object is not to be looked at any more."""
        entry = self._entries.get(uid)
        return self.is_closed or (entry is not None and entry.is_retired)

    def forget(self, uid: str) -> None:
        """Take an object off the agenda, and let whoever waits for it go: it is gone."""
        entry = self._entries.pop(uid, None)
        if entry is not None:
            entry.is_retired = True
            entry.changed.set()

    async def until_due(self, uid: str, *, longest: float) -> bool:
        """Wait until an object is due, ``longest`` seconds at most; tell whether it is."""
        entry = self._entry(uid)
        until = self._clock() + longest
        while (now := self._clock()) < entry.due:
            if now >= until or self.is_closed or entry.is_retired:
                return False
            entry.changed.clear()
            wait = min(entry.due, until) - now
            try:
                await asyncio.wait_for(entry.changed.wait(), wait)
            except TimeoutError:
                continue
        return not (self.is_closed or entry.is_retired)

    def _entry(self, uid: str) -> _Entry:
        return self._entries.setdefault(uid, _Entry())

    def _set(self, entry: _Entry, due: float) -> None:
        entry.due = due
        entry.changed.set()
