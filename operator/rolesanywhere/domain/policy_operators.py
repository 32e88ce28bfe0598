"""Condition operators: how one value of a policy is read, and when a request's value meets it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import ipaddress
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from rolesanywhere.domain.policy_patterns import Pieces, Reach, compiled, literal

_CACHED: Final = 4096  # values, read once
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?")
_YEAR_AND_MONTH: Final = re.compile(r"[0-9]{4}-[0-9]{2}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator. ``read`` gives None for a value the policy may not hold.

    ``negated``: the request's value must meet none of the policy's. ``takes_variables``: policy
    variables are replaced in its values.
    """

    read: Callable[[Pieces], Any]
    meets: Callable[[str, Any], bool]
    negated: bool = False
    takes_variables: bool = False


def find(name: str) -> Operator | None:
    """Give the operator of a name in lower case, without prefix and suffix; or None."""
    return _OPERATORS.get(name)


@lru_cache(maxsize=_CACHED)
def number(text: str) -> Decimal | None:
    """Read an integer or decimal number."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


@lru_cache(maxsize=_CACHED)
def moment(text: str) -> Decimal | None:
    """Read a W3C date or a Unix time into seconds since 1970; without a zone it is UTC."""
    if (seconds := number(text)) is not None:
        return seconds
    try:
        read = datetime.fromisoformat(f"{text}-01" if _YEAR_AND_MONTH.fullmatch(text) else text)
    except ValueError:
        return None
    aware = read if read.tzinfo else read.replace(tzinfo=UTC)
    return Decimal(str((aware - _EPOCH).total_seconds()))


@lru_cache(maxsize=_CACHED)
def network(text: str) -> Network | None:
    """Read a CIDR block; an address alone is the block of just itself."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _truth(pieces: Pieces) -> str | None:
    text = literal(pieces).lower()
    return text if text in {"true", "false"} else None


def _fits(actual: str, pattern: re.Pattern[str]) -> bool:
    return pattern.fullmatch(actual) is not None


def _same_ignoring_case(actual: str, wanted: str) -> bool:
    return actual.lower() == wanted.lower()


def _within(actual: str, wanted: Network) -> bool:
    """Tell whether an address lies in a block; what is no address lies in none."""
    block = network(actual)
    if isinstance(block, ipaddress.IPv4Network):
        return isinstance(wanted, ipaddress.IPv4Network) and block.subnet_of(wanted)
    if isinstance(block, ipaddress.IPv6Network):
        return isinstance(wanted, ipaddress.IPv6Network) and block.subnet_of(wanted)
    return False


def _compared(
    read: Callable[[str], Decimal | None], compare: Callable[[Decimal, Decimal], bool]
) -> Operator:
    def meets(actual: str, wanted: Decimal) -> bool:
        value = read(actual)
        return value is not None and compare(value, wanted)

    return Operator(lambda pieces: read(literal(pieces)), meets)


def _not(positive: Operator) -> Operator:
    return Operator(
        positive.read, positive.meets, negated=True, takes_variables=positive.takes_variables
    )


def _ordering(family: str, read: Callable[[str], Decimal | None]) -> dict[str, Operator]:
    return {
        f"{family}Equals": _compared(read, operator.eq),
        f"{family}NotEquals": _not(_compared(read, operator.eq)),
        f"{family}LessThan": _compared(read, operator.lt),
        f"{family}LessThanEquals": _compared(read, operator.le),
        f"{family}GreaterThan": _compared(read, operator.gt),
        f"{family}GreaterThanEquals": _compared(read, operator.ge),
    }


_EQUALS: Final = Operator(literal, operator.eq, takes_variables=True)
_EQUALS_IGNORE_CASE: Final = Operator(literal, _same_ignoring_case, takes_variables=True)
_LIKE: Final = Operator(lambda p: compiled(p, Reach.TEXT), _fits, takes_variables=True)
_ARN: Final = Operator(lambda p: compiled(p, Reach.ARN), _fits, takes_variables=True)
_IP_ADDRESS: Final = Operator(lambda pieces: network(literal(pieces)), _within)

_NAMED: Final[dict[str, Operator]] = {
    "StringEquals": _EQUALS,
    "StringNotEquals": _not(_EQUALS),
    "StringEqualsIgnoreCase": _EQUALS_IGNORE_CASE,
    "StringNotEqualsIgnoreCase": _not(_EQUALS_IGNORE_CASE),
    "StringLike": _LIKE,
    "StringNotLike": _not(_LIKE),
    "ArnEquals": _ARN,  # the two of each pair "behave identically"
    "ArnLike": _ARN,
    "ArnNotEquals": _not(_ARN),
    "ArnNotLike": _not(_ARN),
    **_ordering("Numeric", number),
    **_ordering("Date", moment),
    "Bool": Operator(_truth, _same_ignoring_case, takes_variables=True),
    "BinaryEquals": Operator(literal, operator.eq),  # base64 on both sides
    "IpAddress": _IP_ADDRESS,
    "NotIpAddress": _not(_IP_ADDRESS),
}
_OPERATORS: Final = {name.lower(): each for name, each in _NAMED.items()}
