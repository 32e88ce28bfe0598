"""How many exchanges may be started at once, of all identities together.

They are due together when all Secrets rotate, and each takes 25 MiB and a tenth of a second of a
whole CPU: with a small container's share of it, too many at once would all be too late. One that
takes long is not computing but waits for AWS, and keeps nobody else waiting.
"""

from typing import Final

HELD_SECONDS: Final = 3.0  # then its place is another's


class Places:
    """A queue for whoever wants to start an exchange; who has just failed stands behind others."""

    def __init__(self, count: int = 2) -> None:
        self._free = count
        self._waiting: dict[object, bool] = {}  # in order of coming; True: has just failed

    def wait(self, who: object, *, has_failed: bool) -> None:
        """Stand in the queue; nothing more where one stands already."""
        self._waiting[who] = has_failed

    def is_held_up(self, who: object) -> bool:
        """Tell whether somebody waits whose turn it is not."""
        if who not in self._waiting:
            return False
        queue = sorted(self._waiting, key=self._waiting.__getitem__)
        return queue.index(who) >= self._free

    def take(self, who: object) -> None:
        """Leave the queue for a place."""
        self._waiting.pop(who, None)
        self._free -= 1

    def give_back(self) -> None:
        """Leave a place to whoever is next."""
        self._free += 1
