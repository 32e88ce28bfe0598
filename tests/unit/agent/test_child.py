"""A child process: its task, its output, its end, and what is left of it."""

import os
import signal

import pytest

from rolesanywhere.agent.child import Child
from rolesanywhere.agent.poller import Poller

CAT = "/bin/cat"
MUCH = b"x" * 60_000  # less than a pipe takes
TOO_MUCH = b"x" * 100_000


class Bench:
    """A child's owner."""

    def __init__(self) -> None:
        self.poller = Poller()
        self.ends: list[bytes] = []
        self.last: bool | None = None  # what it said of its latest event

    def start(self, *command: str, task: bytes = b"") -> Child:
        """Start a program."""
        return Child(
            list(command),
            task=task,
            environment={},
            poller=self.poller,
            deadline=0.0,
            ended=lambda output, _status: self.ends.append(output),
        )

    def wait(self) -> bytes:
        """Collect a child's output until it ends."""
        while not self.ends:
            for go_on in self.poller.ready(10):
                self.last = go_on()
        return self.ends.pop()


@pytest.fixture
def bench() -> Bench:
    return Bench()


def descriptors() -> set[str]:
    """Give what is open, and the lowest number that is free: the look itself takes it."""
    return set(os.listdir("/proc/self/fd"))  # noqa: PTH208 - only the names


@pytest.mark.parametrize("task", [b"{}", MUCH], ids=["little", "much"])
def test_a_task_comes_in_and_output_out(bench: Bench, task: bytes) -> None:
    """However many pieces either is in; no descriptor is left behind."""
    before = descriptors()
    bench.start(CAT, task=task)
    assert bench.wait() == task
    assert bench.last  # the owner is to look
    assert descriptors() <= before


def test_a_stopped_child_is_gone(bench: Bench) -> None:
    """Its process, its status and its descriptor."""
    before = descriptors()
    child = bench.start("/bin/sleep", "60")
    assert child.stop() == -signal.SIGKILL
    assert descriptors() <= before
    assert bench.ends == []


@pytest.mark.parametrize(("program", "task"), [("/nowhere", b""), (CAT, TOO_MUCH)])
def test_what_cannot_be_started_leaves_nothing(bench: Bench, program: str, task: bytes) -> None:
    """It is tried again and again, for as long as the reason lasts."""
    before = descriptors()
    with pytest.raises(OSError, match=r"No such file|more than a pipe takes"):
        bench.start(program, task=task)
    assert descriptors() <= before
