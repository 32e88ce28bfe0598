"""Asking AWS some times, as the Go helper does: one lost packet is no failed AWS CLI command."""

from collections.abc import Callable
from typing import Final, NamedTuple, TypeVar

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.trouble import Trouble

PASSING: Final = frozenset({Reason.AWS_UNAVAILABLE, Reason.THROTTLED})  # a refusal is not
_FIRST_WAIT: Final = 0.2  # seconds
_GROWTH: Final = 3.0

Result = TypeVar("Result")


class Clocks(NamedTuple):
    """Time and chance as arguments."""

    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    chance: Callable[[], float]  # in [0, 1)


def persist(work: Callable[[], Result], *, attempts: int, seconds: float, clocks: Clocks) -> Result:
    """Give the work's result, or raise its ``Trouble`` when trying again is of no use.

    Of no use: after a refusal, after so many attempts, or when the wait, which is at least what
    AWS asked for, would not end within so many seconds of the first.
    """
    end = clocks.monotonic() + seconds
    for attempt in range(attempts - 1):
        try:
            return work()
        except Trouble as trouble:
            wait = _wait(attempt, clocks.chance(), trouble.retry_after)
            if trouble.reason not in PASSING or clocks.monotonic() + wait >= end:
                raise
            clocks.sleep(wait)
    return work()


def _wait(attempt: int, chance: float, asked: float | None) -> float:
    return max(_FIRST_WAIT * _GROWTH**attempt * (0.5 + chance), asked or 0.0)
