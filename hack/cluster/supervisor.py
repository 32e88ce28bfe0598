"""The process that owns a control plane's programs: none of them outlives it, however it ends.

Run as ``python -m hack.cluster.supervisor FOLDER``, in a session of its own. Its standard input is
the lifeline of whoever started it: at its end everything stops. Lines on it are requests: ``next``
starts the next stage of the plan, ``detach`` means that the lifeline's end is no reason to stop.
Any program's exit ends all. Standard library only: it shall start at once.
"""

import ctypes
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from hack.cluster.folder import Command, Folder
from hack.cluster.processes import ProcessIdentity

NEXT: Final = b"next"
DETACH: Final = b"detach"
GRACE_SECONDS: Final = 5.0  # for each program between the polite signal and the last one
_PR_SET_PDEATHSIG: Final = 1  # prctl(2)
_ENOUGH_BYTES: Final = 4096


class Supervisor:
    """Starts stages, waits for a reason to stop, stops in reverse order."""

    def __init__(self, folder: Folder) -> None:
        """Read the folder's plan; nothing starts yet."""
        self._folder = folder
        stages, self._temporary = folder.read_plan()
        self._stages = iter(stages)
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._identities = {"supervisor": ProcessIdentity.of(os.getpid())}
        self._detached = False
        self._received = b""

    def run(self) -> int:
        """Run until told to stop (0) or until a program ends by itself (1)."""
        wakeup = _signals_as_bytes()
        try:
            self._start_stage()
            status = self._wait(wakeup)
        finally:
            self._stop()
        self._tidy(asked_to=status == 0)
        return status

    def _start_stage(self) -> None:
        for command in next(self._stages, ()):
            self._running[command.name] = process = self._start(command)
            self._identities[command.name] = ProcessIdentity.of(process.pid)
        self._folder.write_record(self._identities)

    def _start(self, command: Command) -> subprocess.Popen[bytes]:
        with (self._folder.logs / f"{command.name}.log").open("wb") as log:
            return subprocess.Popen(
                command.arguments,
                cwd=self._folder.path,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509 - no threads in this process
            )

    def _wait(self, wakeup: socket.socket) -> int:
        """Sleep until the lifeline, a signal or a program's end says something."""
        with selectors.DefaultSelector() as selector:
            selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
            selector.register(wakeup, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is wakeup:
                        if set(wakeup.recv(_ENOUGH_BYTES)) - {signal.SIGCHLD}:
                            return 0
                    elif not self._listen():
                        selector.unregister(key.fileobj)
                        if not self._detached:
                            return 0
                if any(each.poll() is not None for each in self._running.values()):
                    return 1

    def _listen(self) -> bool:
        """Do what the lifeline asks for; tell whether it is still there."""
        chunk = os.read(sys.stdin.fileno(), _ENOUGH_BYTES)
        *lines, self._received = (self._received + chunk).split(b"\n")
        for line in lines:
            if line == NEXT:
                self._start_stage()
            elif line == DETACH:
                self._detached = True
        return bool(chunk)

    def _stop(self) -> None:
        for process in reversed(self._running.values()):
            process.terminate()
            try:
                process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _tidy(self, *, asked_to: bool) -> None:
        """Remove a temporary folder; the logs of an unasked end stay for whoever started us."""
        if asked_to and self._temporary:
            shutil.rmtree(self._folder.path, ignore_errors=True)
        else:
            self._folder.record.unlink(missing_ok=True)


def _signals_as_bytes() -> socket.socket:
    """Turn signals into bytes on a socket, so that one ``select`` waits for everything."""
    reader, writer = socket.socketpair()
    for each in (reader, writer):
        each.settimeout(0)
    signal.set_wakeup_fd(writer.detach(), warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    return reader


def _die_with(parent: int) -> Callable[[], None]:
    """Give what a new child does first: ask the kernel to be killed when ``parent`` dies."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl  # loaded here: after a fork little is safe

    def ask() -> None:
        if prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL)) != 0 or os.getppid() != parent:
            os._exit(1)

    return ask


if __name__ == "__main__":
    sys.exit(Supervisor(Folder(Path(sys.argv[1]))).run())
