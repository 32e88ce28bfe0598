"""Standard output and standard error: written at once, and nobody has to be listening.

The interpreter flushes its own buffers when it ends: what a full disk or a reader who is gone has
left there would be the exit status.
"""

import os
from io import UnsupportedOperation
from typing import TextIO

from rolesanywhere.agent.in_place import write_all


def say(stream: TextIO | None, text: str) -> None:
    """Write, or give up; None is a stream that was closed before the program began."""
    if stream is None:
        return
    try:
        write_all(stream.fileno(), os.fsencode(text))
    except UnsupportedOperation:  # no descriptor behind it
        stream.write(text)
    except OSError:
        return
