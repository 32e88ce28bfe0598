"""When files are written again, and what "ready" means."""

import errno
import io
import json
import os
from math import inf
from pathlib import Path

import pytest
from tests.unit.agent.holding import NOON, WALL_NOON, Held, grant

from rolesanywhere.agent.journal import Journal
from rolesanywhere.agent.outlets import Grants
from rolesanywhere.agent.publisher import Publisher
from rolesanywhere.agent.ready_file import ReadyFile

FULL = OSError(28, "No space left on device", "/run/x")


class FakeOutlet:
    """Remembers what it was given, and can be full."""

    def __init__(self) -> None:
        self.given: list[dict[str, str | None]] = []
        self.moments: list[float] = []  # at which it was given something
        self.error: OSError | None = None
        self.end = inf
        self.undone: str | None = None
        self.looks = 0

    def deliver(self, grants: Grants, *, now: float) -> float:
        """Take it, or not."""
        if self.error is not None:
            raise self.error
        self.moments.append(now - WALL_NOON)
        self.given.append({name: grant and grant.access_key_id for name, grant in grants.items()})
        return now + self.end

    def lost(self, grants: Grants, *, now: float) -> str | None:  # noqa: ARG002 - as Outlet
        """Tell what somebody did to it."""
        self.looks += 1
        return self.undone


class Bench:
    """A publisher with a clock of ours."""

    def __init__(self, ready: Path | None = None, outlets: int = 1, **holders: Held) -> None:
        self.time = NOON
        self.ahead = 0.0  # the wall clock
        self.outlets = [FakeOutlet() for _ in range(outlets)]
        self.log = io.StringIO()
        self.publisher = Publisher(
            holders,
            self.outlets,
            ReadyFile(None if ready is None else str(ready)),
            journal=Journal(self.log, lambda: 0.0),
            clock=lambda: self.time,
            now=lambda: self.time - NOON + WALL_NOON + self.ahead,
        )

    def run(self, seconds: float) -> None:
        """Let time pass as the server's loop does."""
        end = self.time + seconds
        self.publisher.tick()
        while (moment := self.publisher.moment()) <= end:
            self.time = max(self.time, moment)
            self.publisher.tick()
        self.time = end

    @property
    def outlet(self) -> FakeOutlet:
        """Give the only one, or the first."""
        return self.outlets[0]

    @property
    def events(self) -> list[str]:
        """Give the log's events."""
        return [json.loads(line)["event"] for line in self.log.getvalue().splitlines()]


def test_each_change_is_delivered_once() -> None:
    """Nothing is written while nothing changes."""
    held = Held()
    bench = Bench(one=held)
    bench.run(10)
    held.grant = grant("first")
    bench.run(10)
    bench.run(10)
    assert bench.outlet.given == [{}, {"one": "first"}]


def test_an_end_is_delivered_in_time() -> None:
    """Expired credentials are taken back before their end, without anybody asking."""
    bench = Bench(one=Held(grant("first", seconds_left=60)))
    bench.run(54.9)
    assert bench.outlet.given == [{"one": "first"}]
    assert bench.publisher.is_ready
    bench.run(0.2)
    assert bench.outlet.given[-1] == {"one": None}
    assert not bench.publisher.is_ready


def test_what_the_machine_slept_through_is_taken_back() -> None:
    """Its own clock knows nothing of a pause; the wall clock does, at the next look."""
    bench = Bench(one=Held(grant("first", wall_left=60)))
    bench.run(1)
    assert bench.publisher.is_ready
    bench.ahead = 55
    bench.run(1)
    assert bench.outlet.given == [{"one": "first"}, {"one": None}]
    assert not bench.publisher.is_ready


def test_a_full_disk_is_told_once_and_tried_again() -> None:
    """Not ready while a file is missing; when there is room again all is well."""
    bench = Bench(one=Held(grant("first")))
    bench.outlet.error = FULL
    bench.run(20)
    assert not bench.publisher.is_ready
    assert bench.publisher.failures == 5
    assert bench.events == ["delivery-failed"]
    assert "/run/x cannot be written: No space left on device" in bench.log.getvalue()
    assert (bench.publisher.is_stuck, bench.publisher.is_hopeless) == (True, False)
    bench.outlet.error = None
    bench.run(5)
    assert bench.publisher.is_ready
    assert not bench.publisher.is_stuck
    assert bench.events == ["delivery-failed", "delivered"]


def test_what_somebody_undid_is_delivered_again_and_told_once() -> None:
    """However often it happens; and told anew of the next session."""
    held = Held(grant("first"))
    bench = Bench(one=held)
    bench.run(11)
    assert len(bench.outlet.given) == 1
    assert bench.outlet.looks == 2
    bench.outlet.undone = "/run/x"
    bench.run(10)
    assert bench.outlet.given == [{"one": "first"}] * 3
    assert bench.publisher.is_ready
    bench.run(60)
    assert bench.events == ["delivery-undone"]
    assert "/run/x was removed or changed by somebody else" in bench.log.getvalue()
    held.grant = grant("second")
    bench.run(6)
    assert bench.events == ["delivery-undone"] * 2


def test_a_file_that_another_keeps_changing_is_not_fought_over() -> None:
    """It is delivered ever more seldom, until there is something new to deliver."""
    held = Held(grant("first"))
    bench = Bench(one=held)
    bench.outlet.undone = "/run/x"
    bench.run(1000)
    assert bench.outlet.moments == [0, 5, 10, 20, 40, 80, 160, 320, 620, 920]
    held.grant = grant("second")
    bench.run(40)
    assert bench.outlet.moments[10:] == [1000, 1005, 1010, 1020, 1040]


def test_a_file_that_is_left_to_another_is_missed() -> None:
    """Ready again when it is ours again, whoever did that."""
    bench = Bench(one=Held(grant("first")))
    bench.outlet.undone = "/run/x"
    bench.run(24)
    assert bench.outlet.moments == [0, 5, 10, 20]
    assert bench.publisher.is_ready
    bench.run(10)
    assert not bench.publisher.is_ready
    bench.outlet.undone = None
    bench.run(5)
    assert bench.publisher.is_ready
    assert len(bench.outlet.moments) == 4


def test_a_file_that_is_changed_now_and_then_is_no_fight() -> None:
    """Each time it is delivered at once."""
    bench = Bench(one=Held(grant("first")))
    for _ in range(20):
        bench.run(59)
        bench.outlet.undone = "/run/x"
        bench.run(1)
        bench.outlet.undone = None
    assert bench.outlet.moments == [0, *range(60, 1201, 60)]


def test_a_file_that_another_keeps_changing_holds_up_no_other() -> None:
    """The loss of the other is its first."""
    bench = Bench(one=Held(grant("first")), outlets=2)
    bench.outlets[0].undone = "/run/x"
    bench.run(101)
    bench.outlets[1].undone = "/run/y"
    bench.run(6)
    assert bench.outlets[1].moments == [0, 5, 10, 20, 40, 80, 105]
    assert bench.events == ["delivery-undone"] * 2


def test_what_cannot_be_delivered_again_is_missed() -> None:
    """Ready means that it is there, not that it was."""
    bench = Bench(one=Held(grant("first")))
    bench.run(1)
    bench.outlet.undone, bench.outlet.error = "/run/x", FULL
    bench.run(20)
    assert not bench.publisher.is_ready
    assert bench.events == ["delivery-undone", "delivery-failed"]
    bench.outlet.undone = bench.outlet.error = None
    bench.run(6)
    assert bench.publisher.is_ready
    assert bench.events == ["delivery-undone", "delivery-failed", "delivered"]


def test_without_files_there_is_nothing_to_look_at() -> None:
    """An agent that only answers sleeps until the credentials end."""
    bench = Bench(one=Held(grant("first", seconds_left=3600)), outlets=0)
    bench.run(1)
    assert bench.publisher.moment() == NOON + 3595


def test_a_ready_file_that_somebody_removed_comes_back(tmp_path: Path) -> None:
    """Whoever waits for it waits a few seconds."""
    ready = tmp_path / "ready"
    bench = Bench(ready, one=Held(grant("first")))
    bench.run(1)
    ready.unlink()
    bench.run(6)
    assert ready.exists()
    assert bench.events == ["delivery-undone"]


def test_a_ready_file_that_somebody_made_goes(tmp_path: Path) -> None:
    """Nobody is to start before there are credentials."""
    ready = tmp_path / "ready"
    bench = Bench(ready, one=Held())
    bench.run(1)
    ready.touch()
    bench.run(6)
    assert not ready.exists()


@pytest.mark.parametrize(
    ("numbers", "is_hopeless"),
    [
        ([errno.EACCES], True),
        ([errno.ENOENT], True),
        ([errno.EAGAIN], False),  # another writer
        ([errno.EDQUOT], False),
        ([errno.ENOSPC], False),
        ([errno.EACCES, errno.ENOSPC], True),
        ([errno.ENOSPC, errno.EACCES], True),
        ([errno.EAGAIN, errno.ENOSPC], False),
    ],
)
def test_what_does_not_pass_needs_people(numbers: list[int], *, is_hopeless: bool) -> None:
    """Unlike a full disk, a used-up quota or another writer; one such file among all is enough."""
    bench = Bench(one=Held(grant("first")), outlets=len(numbers))
    for outlet, number in zip(bench.outlets, numbers, strict=True):
        outlet.error = OSError(number, os.strerror(number), "/run/x")
    bench.run(1)
    assert (bench.publisher.is_stuck, bench.publisher.is_hopeless) == (True, is_hopeless)
    for outlet in bench.outlets:
        outlet.error = None
    bench.run(5)
    assert (bench.publisher.is_stuck, bench.publisher.is_hopeless) == (False, False)


def test_an_end_is_no_delivery() -> None:
    """What could not be written is not, then."""
    bench = Bench(one=Held(grant("first")))
    bench.outlet.error = FULL
    bench.run(1)
    bench.publisher.stop()
    assert bench.events == ["delivery-failed"]


def test_what_an_earlier_run_left_is_looked_at_again_at_its_end() -> None:
    """The outlet says when."""
    bench = Bench(one=Held())
    bench.outlet.end = 30.0
    bench.run(29)
    assert len(bench.outlet.given) == 1
    bench.outlet.end = inf
    bench.run(2)
    assert len(bench.outlet.given) == 2


def test_ready_means_every_identity(tmp_path: Path) -> None:
    """One of two is not enough; the ready file says the same."""
    ready = tmp_path / "ready"
    second = Held()
    bench = Bench(ready, one=Held(grant("first")), two=second)
    bench.run(1)
    assert not ready.exists()
    second.grant = grant("second")
    bench.run(1)
    assert ready.exists()
    bench.publisher.stop()
    assert not ready.exists()


def test_a_ready_file_that_cannot_be_made_is_told_and_made_later(tmp_path: Path) -> None:
    """Credentials are served meanwhile."""
    folder = tmp_path / "run"
    folder.mkdir()
    bench = Bench(folder / "ready", one=Held(grant("first")))
    folder.rmdir()
    bench.run(4)
    assert not bench.publisher.is_ready
    assert bench.events == ["delivery-failed"]
    words = "run/ready cannot be written: No such file"
    assert words in bench.log.getvalue()
    assert words in bench.publisher.lacking()  # as any other file
    folder.mkdir()
    bench.run(6)
    assert bench.publisher.is_ready
    assert (folder / "ready").exists()
    assert bench.events == ["delivery-failed", "delivered"]


def test_an_end_without_a_place_for_the_ready_file(tmp_path: Path) -> None:
    """The program still ends well."""
    folder = tmp_path / "run"
    folder.mkdir()
    bench = Bench(folder / "ready", one=Held(grant("first")))
    bench.run(1)
    (folder / "ready").unlink()
    (folder / "ready").mkdir()
    bench.publisher.stop()
    assert bench.events == ["delivery-failed"]


def test_what_is_missing_is_told_by_name(tmp_path: Path) -> None:
    """Which identity, which file: whoever asks sees what to look at."""
    second = Held()
    bench = Bench(tmp_path / "ready", one=Held(grant("first")), two=second, three=Held())
    assert bench.publisher.lacking() == "no credentials for one, two, three"
    bench.outlet.error = FULL
    bench.run(1)
    full = "/run/x cannot be written: No space left on device"
    assert bench.publisher.lacking() == f"no credentials for two, three\n{full}"


def test_what_is_in_the_way_of_files_is_told() -> None:
    """Though all credentials are there."""
    bench = Bench(one=Held(grant("first")))
    bench.outlet.error = FULL
    bench.run(1)
    assert bench.publisher.lacking() == "/run/x cannot be written: No space left on device"
    bench.outlet.error = None
    bench.run(5)
    assert bench.publisher.lacking() == ""
    bench.outlet.undone = "/run/x"
    bench.run(30)
    assert bench.publisher.lacking() == "/run/x is left to somebody else for now"
    bench.outlet.undone = None
    bench.run(300)
    bench.publisher.stop()
    assert bench.publisher.lacking() == "it is about to end"
