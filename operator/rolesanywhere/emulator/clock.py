"""The emulator's time: the machine's, plus what a test moved it by. Thread-safe."""

import threading
from datetime import UTC, datetime, timedelta


class Clock:
    """UTC now, movable: certificates and sessions can be made to expire without waiting."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Give the emulator's now, UTC-aware."""
        with self._lock:
            return datetime.now(UTC) + self._offset

    @property
    def offset(self) -> timedelta:
        """Give what the clock was moved by."""
        with self._lock:
            return self._offset

    def advance(self, by: timedelta) -> None:
        """Move the clock; backwards with a negative ``by``."""
        with self._lock:
            self._offset += by

    def reset(self) -> None:
        """Go back to the machine's time."""
        with self._lock:
            self._offset = timedelta()
