"""From when to when a certificate is valid: ``Validity`` of every type as a moment.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_Validity.html
"""

import calendar
from collections.abc import Callable, Mapping
from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import Any, Final

from rolesanywhere.emulator.private_ca import refusals

_BACKDATING: Final = timedelta(minutes=60)  # NotBefore by default: clocks differ
_MONTHS_OF_YEAR: Final = 12
_UTC_TIME_DIGITS: Final = 12  # YYMMDDHHMMSS; GeneralizedTime has two more
_GENERALIZED_TIME_DIGITS: Final = 14
_PIVOT: Final = 50  # UTCTime's YY: up to 49 is 20YY, from 50 19YY (RFC 5280, 4.1.2.5.1)


def not_after(validity: Mapping[str, Any], now: datetime) -> datetime:
    """Give the end of validity, whole seconds. Raises ``AwsError`` (ValidationException).

    DAYS, MONTHS and YEARS count from ``now``; it must lie after ``now`` and before year 10000.
    """
    try:
        end = _READERS[validity["Type"]](validity["Value"], now.replace(microsecond=0))
    except (ValueError, OverflowError, OSError) as error:
        raise _impossible(validity) from error
    if end <= now:
        message = "The certificate validity specified ends in the past"
        raise refusals.validation(message)
    return end


def not_before(validity: Mapping[str, Any] | None, now: datetime) -> datetime:
    """Give the start: an hour ago, or ValidityNotBefore, which must be ABSOLUTE.

    Raises ``AwsError``: InvalidArgsException, ValidationException.
    """
    if validity is None:
        return now.replace(microsecond=0) - _BACKDATING
    if validity["Type"] != "ABSOLUTE":
        message = "ValidityNotBefore must be of type ABSOLUTE"
        raise refusals.invalid_arguments(message)
    try:
        return _absolute(validity["Value"], now)
    except (ValueError, OverflowError, OSError) as error:
        raise _impossible(validity) from error


def _impossible(validity: Mapping[str, Any]) -> Exception:
    message = f"The validity {validity['Value']} {validity['Type']} is not a date"
    return refusals.validation(message)


def _absolute(value: int, _: datetime) -> datetime:
    return datetime.fromtimestamp(value, UTC)


def _end_date(value: int, _: datetime) -> datetime:
    """Read YYMMDDHHMMSS or YYYYMMDDHHMMSS; a number loses the leading zeros of 2000 to 2009."""
    digits = str(value).zfill(_UTC_TIME_DIGITS)
    if len(digits) == _UTC_TIME_DIGITS:
        century = "20" if int(digits[:2]) < _PIVOT else "19"
        digits = century + digits
    if len(digits) != _GENERALIZED_TIME_DIGITS:
        message = f"{value} is neither UTCTime nor GeneralizedTime"
        raise ValueError(message)
    return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def _months(value: int, now: datetime) -> datetime:
    """Add calendar months; a day the month has not becomes its last."""
    year, month = divmod(now.year * _MONTHS_OF_YEAR + now.month - 1 + value, _MONTHS_OF_YEAR)
    if year > MAXYEAR:
        message = f"year {year} is beyond what a certificate can carry"
        raise ValueError(message)
    last_day = calendar.monthrange(year, month + 1)[1]
    return now.replace(year=year, month=month + 1, day=min(now.day, last_day))


_READERS: Final[Mapping[str, Callable[[int, datetime], datetime]]] = {
    "END_DATE": _end_date,
    "ABSOLUTE": _absolute,
    "DAYS": lambda value, now: now + timedelta(days=value),
    "MONTHS": _months,
    "YEARS": lambda value, now: _months(value * _MONTHS_OF_YEAR, now),
}
