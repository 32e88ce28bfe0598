"""Runs the agent's server by a clock that a test moves: ``moved_clock.py FILE python -m … WORD…``.

``MovedClock`` is the test's side of FILE, which holds seconds. The server's own code is as it is,
its waits for events are the machine's, and the exchange it starts lives by the machine's clock.
"""

import mmap
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rolesanywhere.agent import launch

SECONDS_BYTES = 8
MOVE = """
import mmap, os, time
file = os.open({name!r}, os.O_RDONLY)
seconds = memoryview(mmap.mmap(file, {size}, prot=mmap.PROT_READ)).cast("d")
read_clock, read_time = time.clock_gettime, time.time
time.clock_gettime = lambda clock: read_clock(clock) + seconds[0]
time.time = lambda: read_time() + seconds[0]
"""


class MovedClock:
    """How far the server's clock is ahead of the machine's."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self._file.write_bytes(bytes(SECONDS_BYTES))
        with self._file.open("r+b") as file:
            self._seconds = memoryview(mmap.mmap(file.fileno(), SECONDS_BYTES)).cast("d")

    @property
    def wrapper(self) -> Sequence[str]:
        """Give what goes before the agent's own command."""
        return (sys.executable, __file__, str(self._file))

    def advance(self, seconds: float) -> None:
        """Move it."""
        self._seconds[0] += seconds


def main(name: str, *words: str) -> None:
    """Become the server; ``words`` are the agent's."""
    vector = launch.command(launch.SERVER, launch.roots(), words)
    boot = vector.index("-c") + 1
    vector[boot] = MOVE.format(name=name, size=SECONDS_BYTES) + vector[boot]
    os.execv(vector[0], vector)  # noqa: S606 - our own interpreter, no shell


if __name__ == "__main__":
    main(sys.argv[1], *sys.argv[5:])
