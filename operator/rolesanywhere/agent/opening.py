"""When people are let in: once there is an answer for them, be it what is in the way of one.

Until then they wait outside, in the kernel: some SDKs ask once, and take "not yet" for "never".
"""

from collections.abc import Callable, Sequence
from math import inf
from typing import Final

from rolesanywhere.agent.gate import Gate
from rolesanywhere.agent.holder import Holder

LONGEST_SECONDS: Final = 5.0  # then "not yet" is the answer


class Opening:
    """A worker of the server. Opens the gates, then calls ``announce``."""

    def __init__(
        self,
        gates: Sequence[Gate],
        holders: Sequence[Holder],
        *,
        announce: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        """``clock`` is monotonic."""
        self._gates = gates
        self._holders = holders
        self._announce = announce
        self._clock = clock
        self._due = clock() + LONGEST_SECONDS

    def moment(self) -> float:
        """Give the monotonic time at which ``tick`` next has something to do."""
        return self._due

    def tick(self) -> None:
        """Open when every identity has its first answer, or when that takes too long."""
        if self._due == inf:
            return
        is_answered = all(each.grant or each.failure for each in self._holders)
        if is_answered or self._clock() >= self._due:
            self._due = inf
            for gate in self._gates:
                gate.open()
            self._announce()

    def stop(self) -> None:
        """See ``Worker``."""
