"""How a pass went: the steps it took, the conditions they leave, and when to look again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec

from rolesanywhere.api.conditions import Condition, ConditionType, Reason
from rolesanywhere.domain.conditions import (
    Announcement,
    Finding,
    announcements,
    conditions,
    fails,
    readiness,
    unknown,
)
from rolesanywhere.domain.trouble import Refusal, Trouble

Status = TypeVar("Status", bound=msgspec.Struct)

UNDER_WAY: Final = frozenset(
    {Reason.PENDING, Reason.CREATING, Reason.ISSUING, Reason.DELETING, Reason.WAITING_FOR_QUOTA}
)
# Not known rather than wrong: what these build on is in the making, or nobody answers.
UNKNOWN: Final = UNDER_WAY | {
    Reason.TRUST_ANCHOR_NOT_READY,
    Reason.PROFILE_NOT_READY,
    Reason.THROTTLED,
    Reason.AWS_UNAVAILABLE,
    Reason.API_SERVER_UNAVAILABLE,
}
UNDER_WAY_SECONDS: Final = 1.0  # until the next look at something that only takes its time


@dataclass(frozen=True, slots=True)
class Outcome:
    """The whole new status as JSON, what to announce, and seconds until the next look.

    ``failed``: ``next_seconds`` is a floor, and grows with every failure in a row.
    """

    status: dict[str, Any]
    news: tuple[Announcement, ...]
    next_seconds: float
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to bring in line, its condition, and the conditions it cannot do without."""

    type: ConditionType
    take: Callable[[], Finding]
    needs: tuple[ConditionType, ...] = ()


@dataclass(frozen=True, slots=True)
class Climb:
    """What the steps found; ``trouble`` is the first that stood in the way of one, if any did."""

    findings: tuple[Finding, ...]
    trouble: Trouble | None


def climb(steps: Sequence[Step]) -> Climb:
    """Take the steps in order; one whose needs are in trouble stays unknown."""
    findings: list[Finding] = []
    troubles: dict[ConditionType, Trouble] = {}
    for step in steps:
        hindrance = next((troubles[need] for need in step.needs if need in troubles), None)
        try:
            if hindrance is not None:
                findings.append(unknown(step.type, Reason.PENDING, f"waits: {hindrance.message}"))
                troubles[step.type] = hindrance
            else:
                findings.append(step.take())
        except Trouble as raised:
            troubles[step.type] = raised
            findings.append(finding_of(step.type, raised))
    return Climb(tuple(findings), next(iter(troubles.values()), None))


def finding_of(type_: ConditionType, trouble: Trouble) -> Finding:
    """Say what a trouble means for a condition: what cannot be told has not failed."""
    say = unknown if trouble.reason in UNKNOWN else fails
    return say(type_, trouble.reason, trouble.message)


@dataclass(frozen=True, slots=True)
class Calm:
    """Seconds until the next look: when all is well, and when a spec must change first."""

    well_seconds: float
    refused_seconds: float


def conclude(
    status: Status,
    previous: Sequence[Condition],
    climbed: Climb,
    *,
    generation: int,
    now: datetime,
    calm: Calm,
    optional: ConditionType | None = None,
) -> Outcome:
    """Sum a pass up: Ready in front of the steps' conditions, and the next look."""
    findings = (readiness(climbed.findings, optional=optional), *climbed.findings)
    found = conditions(previous, findings, generation=generation, now=now)
    whole = msgspec.structs.replace(
        status,
        conditions=found,
        observed_generation=generation,
    )
    seconds, failed = _next_look(climbed.trouble, calm)
    return Outcome(as_json(whole), announcements(previous, found), seconds, failed)


def as_json(status: object) -> Any:  # noqa: ANN401 - what JSON may hold
    """Give a status in the very types the API server's answers have: lists, never tuples."""
    return msgspec.json.decode(msgspec.json.encode(status))


def _next_look(trouble: Trouble | None, calm: Calm) -> tuple[float, bool]:
    if trouble is None:
        return calm.well_seconds, False
    if trouble.reason in UNDER_WAY:
        return trouble.retry_after or UNDER_WAY_SECONDS, False
    if isinstance(trouble, Refusal):
        return calm.refused_seconds, False
    return trouble.retry_after or 0.0, True
