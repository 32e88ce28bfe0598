"""The agent's log: one JSON line per change, on standard error.

Not ``logging``, which would be a tenth of the server's memory. No line holds a credential.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import TextIO


class Journal:
    """Writes lines of ``{"time", "level", "event", …}``."""

    def __init__(self, stream: TextIO, now: Callable[[], datetime]) -> None:
        """Take the stream to write to and the clock (UTC-aware)."""
        self._stream = stream
        self._now = now

    def info(self, event: str, **details: str | float) -> None:
        """Tell of a change that needs nobody."""
        self._write("info", event, details)

    def warning(self, event: str, **details: str | float) -> None:
        """Tell of a change that someone may have to look at."""
        self._write("warning", event, details)

    def _write(self, level: str, event: str, details: dict[str, str | float]) -> None:
        line = {"time": self._now().isoformat(), "level": level, "event": event, **details}
        try:
            self._stream.write(json.dumps(line) + "\n")
            self._stream.flush()
        except OSError:
            return  # nobody reads the log any more; credentials must still be served
