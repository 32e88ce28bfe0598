"""How ``--once`` ends."""

import pytest
from tests.unit.agent.holding import Held

from rolesanywhere.agent.once import Once
from rolesanywhere.agent.report import Failure

DENIED = Failure("SessionRefused", "no", refused=True)
BUSY = Failure("AWSUnavailable", "later", refused=False)


@pytest.mark.parametrize(
    ("failures", "done", "seconds", "status"),
    [
        ([None], True, 0, 0),
        ([DENIED], True, 99, 0),
        ([DENIED], False, 60, 3),
        ([BUSY, DENIED], False, 60, 3),
        ([BUSY], False, 60, 4),
        ([None], False, 60, 4),
    ],
)
def test_it_ends_well_or_says_why(
    failures: list[Failure | None], *, done: bool, seconds: float, status: int
) -> None:
    """0 when all is delivered, 3 when someone must change something, 4 when time was up."""
    stopped: list[bool] = []
    time = 0.0
    once = Once(
        [Held(failure=failure) for failure in failures],
        is_done=lambda: done,
        stop=lambda: stopped.append(True),
        clock=lambda: time,
        seconds=60,
    )
    time = seconds
    once.tick()
    assert (once.status, len(stopped)) == (status, 1)


def test_until_then_it_waits() -> None:
    """A refusal may be over in a moment: a trust policy takes a while to arrive."""
    stopped: list[bool] = []
    once = Once(
        [Held(failure=DENIED)],
        is_done=lambda: False,
        stop=lambda: stopped.append(True),
        clock=lambda: 0.0,
        seconds=60,
    )
    once.tick()
    assert not stopped
    assert once.moment() == 60
    assert once.status == 4, "if it is ended before its time"
