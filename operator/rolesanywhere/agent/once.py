"""``--once``: stop when everything is delivered, or when it has taken too long."""

from collections.abc import Callable, Sequence
from typing import Final

from rolesanywhere.agent.holder import Holder

REFUSED: Final = 3  # exit status: AWS, or what the identity's files hold, must change first
NOT_IN_TIME: Final = 4  # exit status: AWS did not answer, or the files were not there


class Once:
    """A worker of the server. ``status`` is how the program is to end."""

    def __init__(
        self,
        holders: Sequence[Holder],
        *,
        is_done: Callable[[], bool],
        stop: Callable[[], None],
        clock: Callable[[], float],
        seconds: float,
    ) -> None:
        """``stop`` is called when ``is_done``, or after so many seconds of the ``clock``."""
        self.status = NOT_IN_TIME  # should someone else stop it
        self._holders = holders
        self._is_done = is_done
        self._stop = stop
        self._clock = clock
        self._deadline = clock() + seconds

    def moment(self) -> float:
        """Give the monotonic time at which ``tick`` next has something to do."""
        return self._deadline

    def tick(self) -> None:
        """Look whether it is over."""
        if self._is_done():
            self.status = 0
            self._stop()
        elif self._clock() >= self._deadline:
            failures = [holder.failure for holder in self._holders if holder.failure is not None]
            is_refused = any(failure.refused for failure in failures)
            self.status = REFUSED if is_refused else NOT_IN_TIME
            self._stop()

    def stop(self) -> None:
        """See ``Worker``."""
