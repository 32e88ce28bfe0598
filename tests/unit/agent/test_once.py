"""How ``--once`` ends."""

import signal
from typing import NamedTuple

import pytest
from tests.unit.agent.holding import Held

from rolesanywhere.agent.once import Once
from rolesanywhere.agent.report import Failure

DENIED = Failure("SessionRefused", "no", refused=True)
BUSY = Failure("AWSUnavailable", "later", refused=False)
NO_FILES = Failure("Pending", "no tls.key", refused=False)
WRONG = Failure("InvalidSpec", "no URL", refused=True)


class Delivery(NamedTuple):
    """How far the files are."""

    is_ready: bool
    is_stuck: bool
    is_hopeless: bool


class Bench:
    """A run of ``--once`` with a clock of ours."""

    def __init__(
        self,
        *failures: Failure | None,
        done: bool = False,
        stuck: bool = False,
        hopeless: bool = False,
        patience: float = 60,
    ) -> None:
        self.time = 0.0
        self.stops = 0
        self.once = Once(
            [Held(failure=failure) for failure in failures],
            delivery=Delivery(done, stuck, hopeless),
            stop=self.stop,
            clock=lambda: self.time,
            seconds=patience,
        )

    def stop(self) -> None:
        """Count."""
        self.stops += 1

    def status_after(self, seconds: float) -> int | None:
        """Give how it ended; None when it goes on."""
        self.time = seconds
        self.once.tick()
        return self.once.status if self.stops == 1 else None


@pytest.mark.parametrize(
    ("failures", "done", "seconds", "status"),
    [
        ([None], True, 0, 0),
        ([DENIED], True, 99, 0),
        ([DENIED], False, 60, 3),
        ([BUSY, DENIED], False, 60, 3),
        ([BUSY], False, 60, 4),
        ([NO_FILES], False, 60, 4),
        ([WRONG], False, 60, 2),
        ([WRONG, DENIED], False, 60, 3),
        ([None], False, 60, 4),
    ],
)
def test_it_ends_well_or_says_why(
    failures: list[Failure | None], *, done: bool, seconds: float, status: int
) -> None:
    """0 when all is delivered, 3 when someone must change something, 4 when time was up."""
    assert Bench(*failures, done=done).status_after(seconds) == status


@pytest.mark.parametrize(
    ("failure", "seconds", "status"),
    [
        (DENIED, 0, 3),
        (NO_FILES, 0, 4),
        (WRONG, 0, 2),
        (BUSY, 0, None),
        (None, 0, None),
        (BUSY, 60, 4),
        (None, 60, 4),
    ],
)
def test_without_patience_what_needs_people_is_the_end(
    failure: Failure | None, seconds: float, status: int | None
) -> None:
    """At once; an AWS that does not answer has a minute."""
    assert Bench(failure, patience=0).status_after(seconds) == status


@pytest.mark.parametrize("failure", [DENIED, NO_FILES, WRONG])
def test_until_then_it_waits(failure: Failure) -> None:
    """A refusal may be over in a moment: a trust policy takes a while to arrive."""
    bench = Bench(failure)
    assert bench.status_after(0) is None
    assert bench.once.moment() == 60
    assert bench.once.status == 4, "if it is ended before its time"


@pytest.mark.parametrize(
    ("failure", "hopeless", "patience", "seconds", "status"),
    [
        (None, True, 60, 60, 1),
        (None, True, 60, 59, None),
        (None, True, 0, 0, 1),
        (None, False, 0, 0, None),  # another writer, or a full disk
        (None, False, 0, 60, 1),
        (DENIED, True, 60, 60, 3),
        (NO_FILES, True, 0, 0, 4),
    ],
)
def test_a_file_that_cannot_be_written(
    failure: Failure | None, *, hopeless: bool, patience: float, seconds: float, status: int | None
) -> None:
    """It is nothing that AWS did; what is in the way before that comes first."""
    bench = Bench(failure, stuck=True, hopeless=hopeless, patience=patience)
    assert bench.status_after(seconds) == status


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_an_interrupted_run_ends_as_a_shell_tells_it(number: int, status: int) -> None:
    """Nothing was found out: it is neither AWS's silence nor its refusal."""
    bench = Bench(BUSY)
    bench.status_after(1)
    bench.once.interrupt(number)
    assert bench.once.status == status


def test_a_signal_that_comes_too_late_changes_nothing() -> None:
    """What was delivered is."""
    bench = Bench(None, done=True)
    assert bench.status_after(1) == 0
    bench.once.interrupt(signal.SIGTERM)
    assert bench.once.status == 0
