"""What a process takes: memory and CPU time, from /proc (proc(5))."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")
_AFTER_NAME: Final = 2  # fields of /proc/PID/stat in front of those counted here, state first
_USER_TIME: Final = 14 - 1 - _AFTER_NAME
_SYSTEM_TIME: Final = 15 - 1 - _AFTER_NAME


@dataclass(frozen=True, slots=True)
class ProcessUsage:
    """One process. It must be there."""

    pid: int

    @property
    def cpu_seconds(self) -> float:
        """Give CPU time so far, of all threads, in user and system mode."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[_USER_TIME]) + int(fields[_SYSTEM_TIME])) / _TICKS_PER_SECOND

    @property
    def resident_mib(self) -> float:
        """Give resident memory now."""
        return self._mib("VmRSS")

    @property
    def peak_mib(self) -> float:
        """Give the most resident memory there ever was."""
        return self._mib("VmHWM")

    def _mib(self, name: str) -> float:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            key, _, value = line.partition(":")
            if key == name:
                return int(value.split()[0]) / 1024
        message = f"process {self.pid} has no {name}"
        raise RuntimeError(message)
