"""The agent's log: one JSON line per change, on standard error.

Not ``logging``, which would be a tenth of the server's memory. No line holds a credential.
"""

import json
import select
from collections.abc import Callable
from typing import TextIO

from rolesanywhere.agent.instant import show_exactly
from rolesanywhere.agent.standard_stream import say


class Journal:
    """Writes lines of ``{"time", "level", "event", …}``."""

    def __init__(self, stream: TextIO | None, now: Callable[[], float]) -> None:
        """Take the stream to write to, if there is one, and the clock (epoch seconds)."""
        self._stream = stream
        self._now = now

    def info(self, event: str, **details: str | float) -> None:
        """Tell of a change that needs nobody."""
        self._write("info", event, details)

    def warning(self, event: str, **details: str | float) -> None:
        """Tell of a change that someone may have to look at."""
        self._write("warning", event, details)

    def _write(self, level: str, event: str, details: dict[str, str | float]) -> None:
        line = {"time": show_exactly(self._now()), "level": level, "event": event, **details}
        if self._stream is not None and _takes(self._stream):
            say(self._stream, json.dumps(line) + "\n")


def _takes(stream: TextIO) -> bool:
    """Tell whether a line can be written without waiting for whoever reads: a pipe may be full."""
    try:
        waiting = select.poll()
        waiting.register(stream.fileno(), select.POLLOUT)
    except (OSError, ValueError):  # no descriptor behind it
        return True
    return bool(waiting.poll(0))
