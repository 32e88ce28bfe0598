"""Words for an exception that nobody expected: its type and where it came from, in one line.

Never its own words: they may quote what was being read, and that may be a key or a password.
"""

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).parents[1]


def describe(error: BaseException) -> str:
    """Name an exception's type and the innermost line of this package that it came through."""
    place = "a library"
    trace = error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(_PACKAGE):
            place = f"{path.relative_to(_PACKAGE)}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return f"unexpected {type(error).__name__}: in {place}; please report this"
