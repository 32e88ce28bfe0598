"""When the agent fetches new credentials: after a grant, and after a failure.

Arithmetic alone, on the standard library alone: the agent's server imports it, and that process
must stay small.

SDKs ask the endpoint again whenever less than 15 minutes are left (botocore:
``RefreshableCredentials._advisory_refresh_timeout``), so what is served should have more.
"""

from typing import Final

from rolesanywhere.domain.backoff import delay_seconds

SDK_ADVISORY_SECONDS: Final = 900.0  # with less left, SDKs ask on every call
_LEAST_LEAD_SECONDS: Final = SDK_ADVISORY_SECONDS + 300.0  # five minutes for AWS to come back
_LEAD: Final = 1 / 3  # of life, for long sessions: the longer, the more trouble is ridden out
_LARGEST_LEAD: Final = 1 / 2  # of life, for short ones: 15 minutes is the shortest AWS grants
_JITTER: Final = 1 / 10  # of life, earlier: the agents of one rollout drift apart

_SHORTEST_SECONDS: Final = 900.0  # of a session, CreateSession's durationSeconds
_DATE_SECONDS: Final = 60.0  # how much older than its answer a Date may be: of a try before it

_ODD_SECONDS: Final = 60.0  # no session is shorter: two clocks or a date are wrong

_LONGEST_WAIT_SECONDS: Final = 60.0  # AWS or the network is away: be there when it is back
_LONGEST_REFUSED_WAIT_SECONDS: Final = 300.0  # someone must change something first
_REFUSED_HEAD_START: Final = 3  # doublings: a refusal is first tried again after 8 s, not 1 s
_LONGEST_ASKED_SECONDS: Final = 900.0  # a Retry-After beyond this is a proxy's, not AWS's


def seconds_left(end: float, *, now: float, skew: float | None, asked: float) -> float:
    """Give how long a session that was just granted lasts, by AWS's clock if that can be right.

    ``end`` and ``now`` are epoch seconds, ``skew`` is how many seconds AWS's clock is ahead of this
    machine's, ``asked`` the seconds that were asked for. Nobody is given more than that, or less
    than 15 minutes: a Date header by which it were so is a gateway's or a cache's, not AWS's. Then
    this machine's clock is believed; if that cannot be right either, whichever leaves something,
    and else the earlier end.
    """
    by_this_machine = end - now
    by_aws = by_this_machine - (skew or 0.0)
    for least in (_SHORTEST_SECONDS - _DATE_SECONDS, 0.0):
        for left in (by_aws, by_this_machine):
            if least < left <= asked + _DATE_SECONDS:
                return min(left, asked)
    return min(by_aws, by_this_machine, asked)


def lead_seconds(life: float, *, chance: float) -> float:
    """Give how long before the end of credentials their successor is to be fetched.

    ``life`` is in seconds, ``chance`` in [0, 1) is the jitter. One hour: 20 to 26 minutes before
    the end. Fifteen minutes: at 40 to 50 % of life.
    """
    lead = min(max(_LEAST_LEAD_SECONDS, life * _LEAD), life * _LARGEST_LEAD)
    return lead + life * _JITTER * chance


def is_odd(life: float) -> bool:
    """Tell whether a new session has less left, in seconds, than AWS grants anybody."""
    return life < _ODD_SECONDS


def rest_seconds(life: float, *, odd_in_a_row: int, chance: float) -> float:
    """Give seconds from a grant to the asking for its successor, see ``lead_seconds``.

    ``odd_in_a_row`` sessions were almost over when they came, this one the last of them: then AWS
    is asked ever more seldom, as after failures.
    """
    rest = life - lead_seconds(life, chance=chance)
    if odd_in_a_row:
        return max(rest, retry_seconds(odd_in_a_row, refused=False, chance=chance))
    return rest


def retry_seconds(
    failures: int, *, refused: bool, chance: float, asked: float | None = None
) -> float:
    """Give seconds to wait after the ``failures``-th failure in a row (1 is the first).

    ``refused``: AWS said no (CreateSession has 10 calls a second for a whole account and region,
    so a fleet of refused agents must be slow). ``asked`` is AWS's own Retry-After.
    """
    tries = failures - 1 + (_REFUSED_HEAD_START if refused else 0)
    longest = _LONGEST_REFUSED_WAIT_SECONDS if refused else _LONGEST_WAIT_SECONDS
    bounded = None if asked is None else min(asked, _LONGEST_ASKED_SECONDS)
    return delay_seconds(tries, chance=chance, longest=longest, asked=bounded)
