"""Whose turn it is to ask AWS for a session, and what the last one who asked in vain was told.

CreateSession's quota is ten a second for a whole account: twenty commands started together make
one call. Its failure lies beside the lock, so that those who waited are spared asking again.
"""

from __future__ import annotations

import fcntl
import os
import time

from rolesanywhere.cli.no_session import NoSession
from rolesanywhere.cli.private_files import open_private, read_private, remove, write_private

_LOCK_FLAGS = os.O_RDWR | os.O_CREAT
_POLL_SECONDS = 0.02
_FIRST_REST = 10.0  # seconds in which a kept session is printed without asking again
_LONGEST_REST = 300.0
_MOST_DOUBLINGS = 16


class Failure:
    """What was said when AWS was asked in vain, and when (epoch seconds)."""

    def __init__(self, moment: float, in_a_row: int, status: int, message: str) -> None:
        self.moment = moment
        self.in_a_row = in_a_row
        self.no_session = NoSession(status, message)

    def is_of(self, started: float, now: float) -> bool:
        """Tell whether it came while a run that started then was waiting."""
        return started <= self.moment <= now

    def is_at_rest(self, now: float) -> bool:
        """Tell whether it is too early to ask again, for whoever has a session still."""
        rest = min(_FIRST_REST * 2.0 ** min(self.in_a_row - 1, _MOST_DOUBLINGS), _LONGEST_REST)
        return self.moment <= now < self.moment + rest  # a clock set back ends it too


class Turn:
    """The right to ask AWS. ``is_mine``: nobody else has it."""

    def __init__(self, path: str | None) -> None:
        """``path`` is the kept session's; None, or a folder that cannot be used: all may ask."""
        self.is_mine = False
        self._path = path
        self._descriptor = None if path is None else open_private(f"{path}.lock", _LOCK_FLAGS)

    def take(self, *, seconds: float) -> bool:
        """Wait for it so long; tells whether it is mine."""
        self.is_mine = self._descriptor is None or _locked(self._descriptor, seconds)
        if self.is_mine and self._descriptor is not None:
            os.utime(self._descriptor)  # it is in use: not to be cleared out
        return self.is_mine

    def release(self) -> None:
        """Let the next one ask."""
        self.is_mine = False
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def failure(self) -> Failure | None:
        """Give the last failure, unless there was a session since."""
        text = None if self._path is None else read_private(f"{self._path}.failure")
        try:
            moment, in_a_row, status, message = (text or b"").decode().split(" ", 3)
            return Failure(float(moment), int(in_a_row), int(status), message)
        except ValueError:
            return None

    def failed(self, error: NoSession, now: float) -> None:
        """Leave a failure for those who wait, and for later runs that have a session still."""
        if self._path is not None:
            last = self.failure()
            in_a_row = 1 if last is None else last.in_a_row + 1
            text = f"{now:.6f} {in_a_row} {error.status} {error}"
            write_private(f"{self._path}.failure", text.encode(errors="replace"))

    def succeeded(self) -> None:
        """Forget failures."""
        if self._path is not None:
            remove(f"{self._path}.failure")


def _locked(descriptor: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(_POLL_SECONDS)
        except OSError:  # a file system without locks: as without a folder
            return True
        else:
            return True
