"""What a command says on its standard streams, each of which may be closed, full or nobody's.

An answer that cannot be printed is an error; words beside it that nobody can read are none.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # at run time a cached run would wait for it
    from typing import TextIO


def say(words: str) -> None:
    """Write a line on standard error, if anybody can read it."""
    try:
        if sys.stderr is not None:
            sys.stderr.write(f"{words}\n")
            sys.stderr.flush()
    except OSError:
        _give_up_on(sys.stderr)


def is_read_by_people() -> bool:
    """Tell whether standard error is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


def put(answer: str) -> str | None:
    """Print an answer whole; gives what is in the way of it, or None."""
    if sys.stdout is None:
        return "standard output is closed"
    try:
        sys.stdout.write(answer)
        sys.stdout.flush()
    except OSError as error:
        _give_up_on(sys.stdout)
        return f"standard output cannot be written: {error.strerror}"
    return None


def _give_up_on(stream: TextIO) -> None:
    """Have nothing of it tried again at the end of the process: that would be the exit status."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except OSError:
        return
