"""Leading: waited for, kept while something runs, lost in time, given back when it is over."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import pytest
from tests.unit.controller.fake_leases import Contender, FakeLeases, Fate, Seconds

from rolesanywhere.controller.leadership import Leadership
from rolesanywhere.domain.lease import LEASE_SECONDS, RENEW_SECONDS, LeaseRecord

PATIENCE_SECONDS: Final = 5.0
STRANGER: Final = LeaseRecord("c", renewed_at="long ago")


@dataclass
class Stand:
    """A leadership whose waits are pauses of its clock; its threads run a hundred times a second.

    ``meanwhile`` happens in each pause.
    """

    meanwhile: Callable[[], None] = lambda: None
    paused: list[float] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with no lease in the cluster."""
        self.server = FakeLeases()
        self.clock = Seconds()
        self.contender = Contender(self.server, self.clock, "a")
        self.is_lost = threading.Event()
        self.leadership = Leadership(
            self.contender.candidate,
            chance=lambda: 0.5,
            pause=self._pause,
            lost=self._lost,
            retry_seconds=0.01,
            watch_seconds=0.01,
        )

    def until_lost(self) -> str:
        """Wait until it is, and give what was told."""
        assert self.is_lost.wait(PATIENCE_SECONDS)
        return self.told[0]

    def _pause(self, seconds: float) -> None:
        self.paused.append(seconds)
        self.clock.now += 1
        self.meanwhile()

    def _lost(self, message: str) -> None:
        self.told.append(message)
        self.is_lost.set()


@pytest.fixture
def stand(caplog: pytest.LogCaptureFixture) -> Iterator[Stand]:
    """Give a stand, and see that its threads end."""
    caplog.set_level(logging.INFO)
    yield Stand()
    for thread in threading.enumerate():
        if thread.name.startswith("lease"):
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()


def test_it_waits_until_the_holder_goes_silent(
    stand: Stand, caplog: pytest.LogCaptureFixture
) -> None:
    """Looking again and again, jittered; said once, with whom it waits for."""
    stand.server.put(STRANGER)
    with stand.leadership.held():
        assert stand.server.holder == "a"
    assert stand.paused == [pytest.approx(0.011)] * LEASE_SECONDS
    assert caplog.messages == ["waits for the lease held by c", "leads as a"]


def test_it_says_so_when_another_leads(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever looks for the leader finds it in any log."""
    stand.server.put(STRANGER)

    def change() -> None:
        if len(stand.paused) == 3:
            stand.server.put(LeaseRecord("d"))
        if len(stand.paused) == 6:
            stand.server.put(LeaseRecord())

    stand.meanwhile = change
    with stand.leadership.held():
        pass
    assert [each.rpartition(" ")[2] for each in caplog.messages] == ["c", "d", "a"]


def test_it_waits_for_the_api_server(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    """An operator may be started before its cluster answers, or before its rights are there."""
    stand.contender.way.is_cut = True

    def mend() -> None:
        stand.contender.way.is_cut = len(stand.paused) < 4

    stand.meanwhile = mend
    with stand.leadership.held():
        assert len(stand.paused) == 4
    assert caplog.messages == [
        "cannot take the lease: no answer from the API server",
        "leads as a",
    ]


def test_it_renews_and_gives_back(stand: Stand) -> None:
    """All the while the body runs, and nobody has to wait after it."""
    renewed = threading.Event()

    def note() -> None:
        if stand.server.written >= 5:
            renewed.set()

    with stand.leadership.held():
        stand.contender.way.fates.extend([Fate(coming=note)] * 1000)
        assert renewed.wait(PATIENCE_SECONDS)
        stand.contender.way.fates.clear()
    assert stand.server.holder == ""
    assert not stand.told


def test_what_is_not_renewed_in_time_is_lost(stand: Stand) -> None:
    """With the reason why it could not be."""
    with stand.leadership.held():
        stand.contender.way.is_cut = True
        stand.clock.now += RENEW_SECONDS - 0.1
        assert not stand.is_lost.wait(0.05)
        stand.clock.now += 0.1
        assert stand.until_lost() == (
            "the lease is not renewed: no answer from the API server; another controller may lead "
            "now, so this one ends"
        )
    assert stand.server.holder == "a"  # it expires


def test_an_api_server_that_hangs_does_not_hide_that_time_is_up(stand: Stand) -> None:
    """The watch waits for no call."""
    goes_on = threading.Event()
    with stand.leadership.held():
        stand.contender.way.fates.append(Fate(going=lambda: _wait(goes_on)))
        stand.clock.now += RENEW_SECONDS
        assert stand.until_lost().startswith("the lease was not renewed in time; ")
        goes_on.set()


def test_a_lease_taken_away_is_lost_at_once(stand: Stand) -> None:
    """Not only when time is up: the other one has begun."""
    with stand.leadership.held():
        stand.server.put(STRANGER)
        assert stand.until_lost().startswith("the lease is held by c; another controller may lead")
    assert stand.server.holder == "c"


def test_after_a_failure_it_is_not_given_back(stand: Stand) -> None:
    """What failed may have left threads that still write: nobody may take over yet."""
    with pytest.raises(ZeroDivisionError), stand.leadership.held():
        raise ZeroDivisionError
    assert stand.server.holder == "a"
    stand.server.put(STRANGER)  # ends the threads, as the process's end does
    stand.until_lost()


@pytest.mark.parametrize(("is_taken", "left"), [(False, "c"), (True, "")])
def test_a_signal_ends_the_wait(stand: Stand, left: str, *, is_taken: bool) -> None:
    """And a lease that was taken just then, though nobody heard the answer, is given back."""
    stand.server.put(LeaseRecord() if is_taken else STRANGER)
    stand.contender.way.fates.extend([Fate(), Fate(answer_is_lost=True)])

    def end() -> None:
        sys.exit(0)

    stand.meanwhile = end
    with pytest.raises(SystemExit), stand.leadership.held():
        pytest.fail("it does not lead")
    assert stand.server.holder == left


def test_a_lease_that_cannot_be_given_back_expires(
    stand: Stand, caplog: pytest.LogCaptureFixture
) -> None:
    """The end is clean all the same."""
    with stand.leadership.held():
        stand.contender.way.is_cut = True
    assert caplog.messages[-1] == (
        "the lease is not given back, it expires: no answer from the API server"
    )


ENDS = """
import logging, threading, time
from rolesanywhere.controller.leadership import end_at_once
logging.basicConfig()
threading.Thread(target=time.sleep, args=(60,)).start()
{before}
end_at_once("somebody else leads")
"""
HOLDS_THE_LOG = "logging.root.handlers[0].acquire()"


def test_it_ends_the_process_with_a_sentence() -> None:
    """With a status that is no success, whatever else still runs."""
    run = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", ENDS.format(before="")],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert run.returncode == 1
    assert "somebody else leads" in run.stderr


def test_it_ends_the_process_without_one_too() -> None:
    """A log that nobody reads holds up whoever writes to it, but not this."""
    run = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", ENDS.format(before=HOLDS_THE_LOG)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert run.returncode == 1
    assert run.stderr == ""


def _wait(event: threading.Event) -> None:
    assert event.wait(PATIENCE_SECONDS)
