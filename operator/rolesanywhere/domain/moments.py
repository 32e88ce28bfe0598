"""Durations, shares and times as users write them and Kubernetes shows them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_DURATION: Final = re.compile(r"(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?")
_SHARE: Final = re.compile(r"([0-9]{1,2})%")
_LONGEST_DATE: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)  # X.509's "no end"


def duration_seconds(text: str) -> int:
    """Give ``1h30m`` in seconds, as Go and Kubernetes write durations; ValueError otherwise."""
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        message = f"{text!r} is not a duration such as 1h, 90m or 1h30m"
        raise ValueError(message)
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


def share(text: str) -> float:
    """Give ``67%`` as 0.67; ValueError for anything but 1% to 99%."""
    match = _SHARE.fullmatch(text)
    if match is None or not int(match[1]):
        message = f"{text!r} is not a share such as 67%, from 1% to 99%"
        raise ValueError(message)
    return int(match[1]) / 100


def show(moment: datetime) -> str:
    """Write a UTC-aware time as RFC 3339 in whole seconds: ``2026-11-23T20:23:13Z``."""
    local = moment.astimezone(UTC).replace(tzinfo=None)
    return f"{local.isoformat(timespec='seconds')}Z"  # strftime's years before 1000 lack digits


def read(text: str) -> datetime:
    """Read RFC 3339 into a UTC-aware time; ValueError otherwise."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        message = f"{text!r} has no time zone; end it with Z for UTC"
        raise ValueError(message)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        message = f"{text!r} is not between the years 1 and 9999 in UTC"
        raise ValueError(message) from None


def end_of(start: datetime, *, years: int) -> datetime:
    """Give the same day ``years`` later (28 February for 29), at most 9999-12-31."""
    year = start.year + years
    if year > _LONGEST_DATE.year:
        return _LONGEST_DATE
    try:
        return start.replace(year=year)
    except ValueError:  # 29 February
        return start.replace(year=year, day=28)


def whole_seconds(moment: datetime) -> datetime:
    """Cut a time to whole seconds: X.509 and status know no fractions."""
    return moment.replace(microsecond=0)


def after(start: datetime, seconds: float) -> datetime:
    """Give the time ``seconds`` after ``start``, at most the end of 9999."""
    return start + min(timedelta(seconds=seconds), _LONGEST_DATE - start)
