"""The list of conditions an object shows: computed whole, from the last list and today's findings.

A transition time moves only when the status does. Nothing here knows when a condition is true.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from rolesanywhere.api.conditions import (
    MESSAGE_LENGTH,
    Condition,
    ConditionStatus,
    ConditionType,
    Reason,
)
from rolesanywhere.domain import moments

TRUE, FALSE, UNKNOWN = ConditionStatus.TRUE, ConditionStatus.FALSE, ConditionStatus.UNKNOWN


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one condition, before times are known."""

    type: ConditionType
    status: ConditionStatus
    reason: Reason
    message: str


def holds(type_: ConditionType, message: str, reason: Reason = Reason.READY) -> Finding:
    """Say that a condition holds."""
    return Finding(type_, TRUE, reason, message)


def fails(type_: ConditionType, reason: Reason, message: str) -> Finding:
    """Say that a condition does not hold, and what to do."""
    return Finding(type_, FALSE, reason, message)


def unknown(type_: ConditionType, reason: Reason, message: str) -> Finding:
    """Say that it cannot be told yet."""
    return Finding(type_, UNKNOWN, reason, message)


def readiness(findings: Sequence[Finding], *, optional: ConditionType | None = None) -> Finding:
    """Sum up: Ready is the first finding that fails, else the first unknown, else true.

    ``optional`` may be unknown without holding Ready back (a proof that waits for its quota).
    """
    failed = next((finding for finding in findings if finding.status is FALSE), None)
    open_ = next((f for f in findings if f.status is UNKNOWN and f.type is not optional), None)
    if cause := failed or open_:
        return Finding(ConditionType.READY, cause.status, cause.reason, cause.message)
    return holds(ConditionType.READY, findings[-1].message if findings else "ready")


def conditions(
    previous: Iterable[Condition], findings: Iterable[Finding], *, generation: int, now: datetime
) -> tuple[Condition, ...]:
    """Turn findings into conditions, keeping transition times where the status stays."""
    last = {condition.type: condition for condition in previous}
    return tuple(_condition(last.get(found.type), found, generation, now) for found in findings)


def find(conditions: Iterable[Condition], type_: ConditionType) -> Condition | None:
    """Give the condition of a type, or None."""
    return next((condition for condition in conditions if condition.type is type_), None)


def is_true(conditions: Iterable[Condition], type_: ConditionType) -> bool:
    """Tell whether a condition is there and true."""
    found = find(conditions, type_)
    return found is not None and found.status is TRUE


def _condition(last: Condition | None, found: Finding, generation: int, now: datetime) -> Condition:
    same = last is not None and last.status is found.status
    return Condition(
        type=found.type,
        status=found.status,
        reason=found.reason,
        message=found.message[:MESSAGE_LENGTH],
        last_transition_time=last.last_transition_time if last and same else moments.show(now),
        observed_generation=generation,
    )


@dataclass(frozen=True, slots=True)
class Announcement:
    """One event to publish. ``warning``: a person should look."""

    warning: bool
    reason: Reason
    message: str


def announcements(
    previous: Iterable[Condition], current: Iterable[Condition]
) -> tuple[Announcement, ...]:
    """Say what to publish: Ready's turning true, each failure and its new reasons, each recovery.

    Not each step on the way to Ready: a thousand new objects would publish several thousand
    events that say nothing but what their conditions show.
    """
    last = {condition.type: condition for condition in previous}
    return tuple(
        Announcement(now.status is FALSE, now.reason, f"{now.type}: {now.message}")
        for now in current
        if _is_news(last.get(now.type), now)
    )


def _is_news(last: Condition | None, now: Condition) -> bool:
    match now.status, now.type:
        case ConditionStatus.TRUE, ConditionType.READY:
            return last is None or last.status is not TRUE
        case ConditionStatus.TRUE, _:
            return last is not None and last.status is FALSE
        case ConditionStatus.FALSE, ConditionType.READY:  # the failure it repeats is told
            return False
        case ConditionStatus.FALSE, _:
            return last is None or (last.status, last.reason) != (now.status, now.reason)
        case _:
            return False
