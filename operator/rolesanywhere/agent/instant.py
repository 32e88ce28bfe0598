"""Moments as text and back, by arithmetic: ``datetime`` would cost the server 0.7 MB."""

import re
import time
from typing import Final

_SHAPE: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:Z|\+00:00)"
)
_EPOCH_DAYS: Final = 719_468  # from 0000-03-01 to 1970-01-01


def show(epoch: float) -> str:
    """Write epoch seconds as RFC 3339, UTC, whole seconds: ``2026-11-23T20:23:13Z``."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch))


def show_exactly(epoch: float) -> str:
    """Write epoch seconds as RFC 3339, UTC, with milliseconds."""
    return f"{show(epoch)[:-1]}.{int(epoch % 1 * 1000):03d}Z"


def read(text: str) -> float:
    """Read RFC 3339 in UTC into epoch seconds, cut to whole ones. Raises ``ValueError``."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        message = f"{text!r} is not a moment such as 2026-11-23T20:23:13Z"
        raise ValueError(message)
    year, month, day, hours, minutes, seconds = (int(part) for part in match.groups())
    return _days(year, month, day) * 86_400.0 + hours * 3_600 + minutes * 60 + seconds


def _days(year: int, month: int, day: int) -> int:
    """Count the days since 1970-01-01, in years that begin in March: leap days come last."""
    year -= month <= 2  # noqa: PLR2004 - February
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return 365 * year + year // 4 - year // 100 + year // 400 + of_year - _EPOCH_DAYS
