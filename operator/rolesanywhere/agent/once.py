"""``--once``: stop when everything is delivered, or when it has taken too long."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from rolesanywhere.agent.holder import Holder
from rolesanywhere.agent.report import Failure

STUCK: Final = 1  # exit status: a file cannot be written
WRONG: Final = 2  # exit status: the configuration; AWS was not asked
REFUSED: Final = 3  # exit status: something must change first, mostly at AWS
NOT_IN_TIME: Final = 4  # exit status: AWS did not answer, or the files would not do
_SIGNALLED: Final = 128  # and the signal's number: exit status, as a shell tells it
USUAL_SECONDS: Final = 60
_NO_FILES: Final = "Pending"  # they are missing, of no use, or do not belong together
_WRONG: Final = "InvalidSpec"


class Delivery(Protocol):
    """How far the files are."""

    @property
    def is_ready(self) -> bool:
        """All is there, and written."""

    @property
    def is_stuck(self) -> bool:
        """Something cannot be written."""

    @property
    def is_hopeless(self) -> bool:
        """Nor will it, until somebody has done something about it."""


class Once:
    """A worker of the server. ``status`` is how the program is to end."""

    def __init__(
        self,
        holders: Sequence[Holder],
        *,
        delivery: Delivery,
        stop: Callable[[], None],
        clock: Callable[[], float],
        seconds: float,
    ) -> None:
        """``stop`` is called when all is delivered, or after so many seconds of the ``clock``.

        With 0 it gives AWS a minute to answer, and no time to people: a refusal, a file that cannot
        be written and identity files that will not do are the end. In a pod all of it may be over
        in a moment; at a shell it is not.
        """
        self.status = NOT_IN_TIME  # should someone else stop it
        self._holders = holders
        self._delivery = delivery
        self._stop = stop
        self._clock = clock
        self._is_patient = seconds > 0
        self._deadline = clock() + (seconds or USUAL_SECONDS)
        self._is_over = False

    def moment(self) -> float:
        """Give the monotonic time at which ``tick`` next has something to do."""
        return self._deadline

    def tick(self) -> None:
        """Look whether it is over."""
        if self._delivery.is_ready:
            self._end(0)
            return
        failures = [holder.failure for holder in self._holders if holder.failure is not None]
        if self._clock() >= self._deadline or self._is_hopeless(failures):
            is_ours = self._delivery.is_stuck and not failures
            self._end(STUCK if is_ours else _status(failures))

    def interrupt(self, number: int) -> None:
        """Take note of a signal that ends the program; what was over by then stays as it is."""
        if not self._is_over:
            self.status = _SIGNALLED + number

    def _end(self, status: int) -> None:
        self.status = status
        self._is_over = True
        self._stop()

    def _is_hopeless(self, failures: Sequence[Failure]) -> bool:
        needs_people = any(failure.refused or failure.reason == _NO_FILES for failure in failures)
        return (needs_people or self._delivery.is_hopeless) and not self._is_patient

    def stop(self) -> None:
        """See ``Worker``."""


def _status(failures: Sequence[Failure]) -> int:
    refusals = [failure for failure in failures if failure.refused]
    if not refusals:
        return NOT_IN_TIME
    return WRONG if all(failure.reason == _WRONG for failure in refusals) else REFUSED
