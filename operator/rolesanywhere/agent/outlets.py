"""What credentials are delivered to, whatever files it keeps, and how their loss is noticed."""

from collections.abc import Callable, Mapping
from typing import Protocol

from rolesanywhere.agent import atomic_file
from rolesanywhere.agent.report import Grant

# A grant; None: it expired; no entry: none so far, and an earlier run's may still be good.
Grants = Mapping[str, Grant | None]


class Outlet(Protocol):
    """Somewhere files are kept."""

    def deliver(self, grants: Grants, *, now: float) -> float:
        """Bring the files in line; ``now`` is in epoch seconds.

        Gives the moment to be called again, infinite but where an earlier run's file is kept until
        its end.
        Raises ``OSError``; whatever was there is then still whole.
        """

    def lost(self, grants: Grants, *, now: float) -> str | None:
        """Give the path of a file that somebody removed or changed since ``deliver`` was called.

        Cheap while nobody did.
        """


class Watch:
    """Tells whether files are still right: one is read only when it is not the one seen before."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._seen: dict[str, tuple[int, int, int] | None] = {}

    def forget(self) -> None:
        """Look at each file anew: what is right has changed."""
        self._seen.clear()

    def is_right(self, path: str, judge: Callable[[bytes], bool]) -> bool:
        """Tell whether what a file holds is right; a missing one holds nothing."""
        try:
            status = atomic_file.look(path)  # first: what changes behind it is seen the next time
            seen = status and (status.st_ino, status.st_mtime_ns, status.st_size)
            if path in self._seen and self._seen[path] == seen:
                return True
            if not judge(atomic_file.read(path) or b""):
                return False
        except OSError:  # whoever writes it next is told why
            return False
        self._seen[path] = seen
        return True
