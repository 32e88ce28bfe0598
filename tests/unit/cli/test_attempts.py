"""Asking AWS some times."""

import pytest

from rolesanywhere.api.conditions import Reason
from rolesanywhere.cli.attempts import Clocks, persist
from rolesanywhere.domain.trouble import Trouble

AWAY = Trouble(Reason.AWS_UNAVAILABLE, "later")
BUSY = Trouble(Reason.THROTTLED, "slower", retry_after=3)
BUSY_FOR_LONG = Trouble(Reason.THROTTLED, "much slower", retry_after=30)
DENIED = Trouble(Reason.SESSION_REFUSED, "no")
WRONG = Trouble(Reason.INVALID_SPEC, "no URL")


class Bench:
    """A clock that only sleep moves, and work that answers by the script."""

    def __init__(self, *answers: Trouble | str) -> None:
        self.answers = list(answers)
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.waits.append(round(seconds, 3))

    def work(self) -> str:
        """Answer."""
        answer = self.answers.pop(0)
        if isinstance(answer, Trouble):
            raise answer
        return answer

    def persist(self, *, attempts: int = 3, chance: float = 0.5) -> str:
        """Try."""
        clocks = Clocks(lambda: sum(self.waits), self.sleep, lambda: chance)
        return persist(self.work, attempts=attempts, seconds=25, clocks=clocks)


@pytest.mark.parametrize(
    ("answers", "waits"),
    [
        (["ok"], []),
        ([AWAY, "ok"], [0.2]),
        ([AWAY, AWAY, "ok"], [0.2, 0.6]),
        ([BUSY, AWAY, "ok"], [3, 0.6]),
    ],
)
def test_what_passes_is_ridden_out(answers: list[Trouble | str], waits: list[float]) -> None:
    """After growing waits, or those AWS asks for."""
    bench = Bench(*answers)
    assert bench.persist() == "ok"
    assert bench.waits == waits


@pytest.mark.parametrize(
    ("answers", "error", "waits"),
    [
        ([DENIED], DENIED, []),
        ([WRONG], WRONG, []),
        ([AWAY, DENIED], DENIED, [0.2]),
        ([AWAY, AWAY, AWAY], AWAY, [0.2, 0.6]),
        ([BUSY_FOR_LONG], BUSY_FOR_LONG, []),
    ],
)
def test_what_does_not_pass_is_raised(
    answers: list[Trouble | str], error: Trouble, waits: list[float]
) -> None:
    """A refusal at once, the third failure, and a wait that does not fit."""
    bench = Bench(*answers)
    with pytest.raises(Trouble) as caught:
        bench.persist()
    assert caught.value is error
    assert bench.waits == waits


def test_one_attempt_is_one() -> None:
    """For whoever has something else to print."""
    bench = Bench(AWAY)
    with pytest.raises(Trouble):
        bench.persist(attempts=1)
    assert bench.waits == []


def test_waits_differ() -> None:
    """Those who failed together do not come back together."""
    waits = []
    for chance in (0.0, 0.99):
        bench = Bench(AWAY, "ok")
        bench.persist(chance=chance)
        waits += bench.waits
    assert waits == [0.1, 0.298]
