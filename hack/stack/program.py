"""One program of the product as a child process, with its log in a file.

It dies with the process that started it, however that ends.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

START_SECONDS: Final = 30.0  # on a busy machine; idle it takes one
STOP_SECONDS: Final = 15.0
_LINES_SHOWN: Final = 20  # of the log of a program that did not start
_POLL_SECONDS: Final = 0.05
_PR_SET_PDEATHSIG: Final = 1  # prctl(2)
_KEPT: Final = ("PATH", "HOME", "LANG")  # of the environment; the rest is ours to say


class ProgramError(Exception):
    """A program did not start or ended by itself; the message holds the end of its log."""


class Program:
    """A child process. ``command`` is what follows ``python -m``."""

    def __init__(
        self, name: str, command: Sequence[str], *, log: Path, environment: Mapping[str, str]
    ) -> None:
        """Start it; its standard output stays readable through ``read_line``."""
        self.name = name
        self.log = log
        with log.open("ab") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
                start_new_session=True,  # a terminal's Ctrl-C is for us, who stop it in turn
                env={**{key: os.environ[key] for key in _KEPT if key in os.environ}, **environment},
                preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - few threads, one system call
            )

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it."""
        self.stop()

    @property
    def is_running(self) -> bool:
        """Tell whether the process still runs."""
        return self.process.poll() is None

    def read_line(self) -> str:
        """Give the next line of its standard output. Raises ``ProgramError`` when it ended."""
        line = self.process.stdout.readline() if self.process.stdout is not None else ""
        if not line:
            raise self.failed()
        return line

    def wait_for(self, ready: Callable[[], bool], *, seconds: float = START_SECONDS) -> None:
        """Wait until ``ready``. Raises ``ProgramError`` when the process ends or time is up."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.is_running or time.monotonic() > deadline:
                raise self.failed()
            time.sleep(_POLL_SECONDS)

    def said(self, text: str) -> bool:
        """Tell whether a text is in its log."""
        return text in self.log.read_text(errors="replace")

    def failed(self) -> ProgramError:
        """Make the error that shows the end of its log."""
        ending = "\n".join(self.log.read_text(errors="replace").splitlines()[-_LINES_SHOWN:])
        state = "is not ready" if self.is_running else f"ended ({self.process.returncode})"
        return ProgramError(f"{self.name} {state}; its log {self.log} ends:\n{ending}")

    def stop(self) -> int:
        """Ask it to end and give its exit status; it is killed if it does not."""
        if self.is_running:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        if self.process.stdout is not None:
            self.process.stdout.close()
        return self.process.wait()

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()


def _die_with(parent: int) -> Callable[[], None]:
    """Give what a new child does first: ask the kernel to be killed when ``parent`` dies."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl  # loaded here: after a fork little is safe

    def ask() -> None:
        if prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL)) != 0 or os.getppid() != parent:
            os._exit(1)

    return ask
