"""Runs the agent's server by a clock that a test moves: ``moved_clock.py FILE python -m … WORD…``.

``MovedClock`` is the test's side of FILE, which holds seconds: how far time is ahead, and how far
the wall clock is beside that. Time passes as while a machine sleeps: CLOCK_MONOTONIC does not know.
The server's own code is as it is, its waits for events are the machine's, and the exchange it
starts lives by the machine's clock.
"""

import mmap
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rolesanywhere.agent import launch

FILE_BYTES = 16  # two numbers
MOVE = """
import mmap, os, time
file = os.open({name!r}, os.O_RDONLY)
seconds = memoryview(mmap.mmap(file, {size}, prot=mmap.PROT_READ)).cast("d")
read_clock, read_time = time.clock_gettime, time.time
moved = {{
    time.CLOCK_BOOTTIME: lambda: seconds[0],
    time.CLOCK_REALTIME: lambda: seconds[0] + seconds[1],
}}
time.clock_gettime = lambda clock: read_clock(clock) + moved.get(clock, float)()
time.time = lambda: read_time() + seconds[0] + seconds[1]
"""


class MovedClock:
    """How far the server's clock is ahead of the machine's."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self._file.write_bytes(bytes(FILE_BYTES))
        with self._file.open("r+b") as file:
            self._seconds = memoryview(mmap.mmap(file.fileno(), FILE_BYTES)).cast("d")

    @property
    def wrapper(self) -> Sequence[str]:
        """Give what goes before the agent's own command."""
        return (sys.executable, __file__, str(self._file))

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._seconds[0] += seconds

    def set_wall(self, seconds: float) -> None:
        """Set the wall clock so far ahead, as a person or NTP does; no time passes."""
        self._seconds[1] = seconds


def main(name: str, *words: str) -> None:
    """Become the server; ``words`` are the agent's."""
    vector = launch.command(launch.SERVER, launch.roots(), words)
    boot = vector.index("-c") + 1
    vector[boot] = MOVE.format(name=name, size=FILE_BYTES) + vector[boot]
    os.execv(vector[0], vector)  # noqa: S606 - our own interpreter, no shell


if __name__ == "__main__":
    main(sys.argv[1], *sys.argv[5:])
