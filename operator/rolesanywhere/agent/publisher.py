"""Keeps files and the ready file in line with the credentials held: on each change, and at ends.

And when somebody else removed or changed them: at once, but ever more seldom for whoever does it
again and again, such as another agent with the same profile.
"""

import errno
from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Final

from rolesanywhere.agent.holder import Holder, served_until, valid_grant
from rolesanywhere.agent.journal import Journal
from rolesanywhere.agent.metrics import Family
from rolesanywhere.agent.outlets import Outlet
from rolesanywhere.agent.ready_file import ReadyFile
from rolesanywhere.agent.report import Grant

_LOOK_SECONDS: Final = 5.0  # at what is written, and at a disk that was full: it may have room
_LONGEST_SECONDS: Final = 300.0  # for which a file is left to whoever keeps changing it
_PASSING: Final = (errno.EAGAIN, errno.EDQUOT, errno.ENOSPC)  # another writer, no room for now


class Publisher:
    """A worker of the server. ``is_ready``: every identity is valid and every file written."""

    def __init__(
        self,
        holders: Mapping[str, Holder],
        outlets: Sequence[Outlet],
        ready_file: ReadyFile,
        *,
        journal: Journal,
        clock: Callable[[], float],
        now: Callable[[], float],
    ) -> None:
        """``clock`` is monotonic, ``now`` gives epoch seconds."""
        self.is_ready = False
        self.is_hopeless = False  # something cannot be written until people have done something
        self.failures = 0  # of writing, so far
        self._holders = holders
        self._outlets = outlets
        self._ready_file = ready_file
        self._journal = journal
        self._clock = clock
        self._now = now
        self._published: dict[str, Grant | None] | None = None
        self._again = inf  # when to deliver again though nothing changed
        self._look = inf  # when to look at what was delivered
        # of these credentials, what was told: when to answer again, and how long to wait then
        self._undone: dict[str, tuple[float, float]] = {}
        self._yielded: list[str] = []  # files that are not ours for now
        self._missing = list(holders)  # identities without credentials
        self._trouble = ""  # with the outlets
        self._unseen = ""  # trouble with the ready file
        self._told = ""
        self._end = clock()  # of the credentials that end first

    def moment(self) -> float:
        """Give the monotonic time at which ``tick`` next has something to do."""
        return min(self._end, self._again, self._look)

    def tick(self) -> None:
        """Publish what changed."""
        clock, now = self._clock(), self._now()
        grants = {
            name: valid_grant(holder, clock, now)
            for name, holder in self._holders.items()
            if holder.grant is not None
        }
        if grants != self._published:
            self._undone.clear()
            self._again = clock
        if clock >= self._again or self._is_undone(grants, clock):
            self._published = grants
            self._trouble = self._deliver(grants, clock)
        held = [grant for grant in grants.values() if grant is not None]
        self._end = min(map(served_until, held), default=inf)
        self._missing = [name for name in self._holders if grants.get(name) is None]
        self.is_ready = not (self._missing or self._trouble or self._yielded)
        self._unseen = self._show_ready(clock)
        self._tell(self._trouble or self._unseen)

    def lacking(self) -> str:
        """Say what is missing to be ready, for people: a line for each thing; nothing, if ready."""
        if self.is_ready:
            return ""
        lines = [f"no credentials for {', '.join(self._missing)}"] if self._missing else []
        lines += [words for words in (self._trouble or self._unseen,) if words]
        lines += [f"{path} is left to somebody else for now" for path in self._yielded]
        return "\n".join(lines) or "it is about to end"

    @property
    def is_stuck(self) -> bool:
        """Tell whether there is something to deliver that cannot be."""
        return bool(self._trouble)

    def stop(self) -> None:
        """Be ready no more. Files stay: they are good until their credentials end."""
        self.is_ready = False
        self._unseen = self._show_ready(self._clock())
        self._tell(self._trouble or self._unseen)

    def families(self) -> tuple[Family, ...]:
        """Give its numbers."""
        ready = "1 while every identity has valid credentials and every file is written."
        failures = "Files that could not be written."
        return (
            Family("ready", "gauge", ready, [({}, self.is_ready)]),
            Family("delivery_failures_total", "counter", failures, [({}, self.failures)]),
        )

    def _show_ready(self, clock: float) -> str:
        """Keep the ready file in line; gives what is in the way."""
        try:
            self._ready_file.show(ready=self.is_ready)
        except OSError as error:
            self.is_ready = False
            return self._failed(error, clock)
        return ""

    def _deliver(self, grants: dict[str, Grant | None], clock: float) -> str:
        """Bring every outlet in line; gives what is in the way of the last that could not be."""
        now = self._now()
        self._again = inf
        self._look = clock + _LOOK_SECONDS if self._outlets or self._ready_file.path else inf
        trouble = ""
        self.is_hopeless = False
        self._yielded = []
        for outlet in self._outlets:
            try:
                again = outlet.deliver(grants, now=now)
            except OSError as error:
                trouble = self._failed(error, clock)
                self.is_hopeless = self.is_hopeless or error.errno not in _PASSING
            else:
                self._again = min(self._again, clock + again - now)
        return trouble

    def _is_undone(self, grants: dict[str, Grant | None], clock: float) -> bool:
        """Look, when it is time, for files that somebody removed or changed; each is told once.

        Gives whether they are to be delivered now.
        """
        if clock < self._look:
            return False
        self._look = clock + _LOOK_SECONDS
        now = self._now()
        lost = [outlet.lost(grants, now=now) for outlet in self._outlets]
        yielded = [path for path in lost if path is not None]
        paths = {path for path in (*yielded, self._ready_file.lost()) if path is not None}
        for path in sorted(paths - self._undone.keys()):
            words = f"{path} was removed or changed by somebody else: delivering again"
            self._journal.warning("delivery-undone", message=f"{words}, more seldom if it goes on")
        due = False
        for path in paths:
            moment, pause = self._undone.get(path, (clock, _LOOK_SECONDS))
            if clock >= moment + pause:
                pause = _LOOK_SECONDS  # it was left alone for long
            if clock >= moment:
                self._undone[path] = (clock + pause, min(2 * pause, _LONGEST_SECONDS))
                due = True
        self._yielded = yielded
        return due

    def _failed(self, error: OSError, clock: float) -> str:
        self.failures += 1
        self._again = min(self._again, clock + _LOOK_SECONDS)
        return f"{error.filename or 'a file'} cannot be written: {error.strerror}"

    def _tell(self, trouble: str) -> None:
        if trouble and trouble != self._told:
            self._journal.warning("delivery-failed", message=trouble)
        elif self._told and not trouble:
            self._journal.info("delivered")
        self._told = trouble
