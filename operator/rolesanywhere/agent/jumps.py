"""Jumps of the wall clock: it was set, or the machine was off and its uptime with it.

Nobody on the machine can tell which. Says how far it jumped and when to heed that; what to do then
is the refresher's.
"""

from collections.abc import Callable
from math import inf
from typing import Final

_LEAST_SECONDS: Final = 60.0  # less is mended all the time; often, it adds up
_CALM_SECONDS: Final = 60.0  # from one that is heeded to the next
_LEAST_FALL_SECONDS: Final = 1.0


class Jumps:
    """Both clocks side by side since the last jump that was heeded."""

    def __init__(self, *, monotonic: Callable[[], float], wall: Callable[[], float]) -> None:
        """Both in seconds; the wall clock's is the epoch's."""
        self._monotonic = monotonic
        self._wall = wall
        self._heeded_at = -inf
        self._ahead = self._lowest = self.ahead()

    def ahead(self) -> float:
        """Give how far the wall clock is ahead of the other, which means nothing by itself."""
        return self._wall() - self._monotonic()

    def settle(self) -> None:
        """Forget what was before now, as far as ``fall`` goes."""
        self._lowest = self.ahead()

    def fall(self) -> float:
        """Give by how many seconds the wall clock was set back below where it was; each one once.

        No pause does that: it was set, and if it was fast, it is less so.
        """
        fall = self._lowest - self.ahead()
        if fall < _LEAST_FALL_SECONDS:
            return 0.0
        self._lowest -= fall
        return fall

    def heed(self, *, is_urgent: bool) -> float:
        """Give a jump that is to be heeded, in seconds, once; 0 if there is none, or not yet."""
        now, jump = self._monotonic(), self.ahead() - self._ahead
        is_calm = now >= self._heeded_at + _CALM_SECONDS
        if abs(jump) < _LEAST_SECONDS or not (is_calm or is_urgent):
            return 0.0
        self._heeded_at = now
        self._ahead += jump
        return jump
