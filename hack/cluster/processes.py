"""Processes by identity: a pid alone may meanwhile belong to somebody else.

Linux only: start times and command lines are read from ``/proc``.
"""

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_POLL_SECONDS: Final = 0.05
_START_TIME: Final = (
    19  # place of `starttime`, counted from `state` (proc_pid_stat(5) fields 22, 3)
)
_ZOMBIE: Final = "Z"


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """One process of one boot. ``started`` is in clock ticks since boot."""

    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> "ProcessIdentity":
        """Identify a running process. Raises ``ProcessLookupError`` when there is none."""
        fields = _stat(pid)
        if fields is None:
            message = f"no process {pid}"
            raise ProcessLookupError(message)
        return cls(pid, int(fields[_START_TIME]))

    def is_running(self) -> bool:
        """Tell whether this very process still runs; one that only awaits its parent does not."""
        fields = _stat(self.pid)
        return (
            fields is not None and int(fields[_START_TIME]) == self.started and fields[0] != _ZOMBIE
        )

    def mentions(self, text: str) -> bool:
        """Tell whether the process's command line contains ``text``."""
        with suppress(OSError):
            return text in Path(f"/proc/{self.pid}/cmdline").read_text(errors="replace")
        return False

    def send(self, number: signal.Signals) -> None:
        """Send a signal; quietly if the process is gone."""
        if self.is_running():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def wait(self, seconds: float) -> bool:
        """Wait until the process is gone, at most ``seconds``; tell whether it is."""
        deadline = time.monotonic() + seconds
        while self.is_running():
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True


def _stat(pid: int) -> list[str] | None:
    """Fields of ``/proc/PID/stat`` from ``state`` on: the name before may hold spaces."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
