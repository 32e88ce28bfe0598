"""The conditions an object shows, and what of their changes is worth an event."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rolesanywhere.api.conditions import (
    MESSAGE_LENGTH,
    Condition,
    ConditionStatus,
    ConditionType,
    Reason,
)
from rolesanywhere.domain import conditions, moments
from rolesanywhere.domain.conditions import (
    FALSE,
    TRUE,
    UNKNOWN,
    Announcement,
    Finding,
    fails,
    holds,
    unknown,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
READY, ADMITTED = ConditionType.READY, ConditionType.ADMITTED
ROLE, SESSION = ConditionType.ROLE_READY, ConditionType.SESSION_VERIFIED

ADMITTED_WELL = holds(ADMITTED, "admitted")
ROLE_WELL = holds(ROLE, "role is there")
ROLE_FAILS = fails(ROLE, Reason.ROLE_NOT_FOUND, "create the role")
ROLE_OPEN = unknown(ROLE, Reason.PENDING, "waits for Admitted")
SESSION_FAILS = fails(SESSION, Reason.SESSION_REFUSED, "AWS refuses")
SESSION_OPEN = unknown(SESSION, Reason.WAITING_FOR_QUOTA, "waits for its turn")


def shown(
    type_: ConditionType, status: ConditionStatus, reason: Reason = Reason.READY
) -> Condition:
    return Condition(
        type=type_,
        status=status,
        reason=reason,
        message="as it was",
        last_transition_time=moments.show(NOON),
        observed_generation=1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("findings", "optional", "ready"),
    [
        ([], None, holds(READY, "ready")),
        ([ADMITTED_WELL, ROLE_WELL], None, holds(READY, "role is there")),
        (
            [ADMITTED_WELL, ROLE_FAILS, SESSION_FAILS],
            None,
            fails(READY, Reason.ROLE_NOT_FOUND, "create the role"),
        ),
        (
            [ROLE_OPEN, SESSION_FAILS],  # a failure outranks what is open, wherever it stands
            None,
            fails(READY, Reason.SESSION_REFUSED, "AWS refuses"),
        ),
        (
            [ADMITTED_WELL, ROLE_OPEN, SESSION_OPEN],
            None,
            unknown(READY, Reason.PENDING, "waits for Admitted"),
        ),
        (
            [ADMITTED_WELL, SESSION_OPEN],
            None,
            unknown(READY, Reason.WAITING_FOR_QUOTA, "waits for its turn"),
        ),
        ([ADMITTED_WELL, SESSION_OPEN], SESSION, holds(READY, "waits for its turn")),
        ([SESSION_FAILS], SESSION, fails(READY, Reason.SESSION_REFUSED, "AWS refuses")),
        ([ROLE_OPEN, SESSION_OPEN], SESSION, unknown(READY, Reason.PENDING, "waits for Admitted")),
    ],
)
def test_ready_sums_up(
    findings: list[Finding], optional: ConditionType | None, ready: Finding
) -> None:
    """The first failure decides, then the first open question; an optional one may stay open."""
    assert conditions.readiness(findings, optional=optional) == ready


def test_a_holding_finding_may_have_a_reason_of_its_own() -> None:
    """Something repaired holds, and says that it was repaired."""
    assert holds(ROLE, "repaired", Reason.TRUST_POLICY_REPAIRED).reason == "TrustPolicyRepaired"


FINDINGS = st.lists(
    st.builds(
        Finding,
        type=st.sampled_from(ConditionType),
        status=st.sampled_from(ConditionStatus),
        reason=st.sampled_from(Reason),
        message=st.text(max_size=3),
    ),
    unique_by=lambda finding: finding.type,
)


@settings(max_examples=40, deadline=None)
@given(first=FINDINGS, second=FINDINGS)
def test_a_transition_time_moves_only_with_the_status(
    first: list[Finding], second: list[Finding]
) -> None:
    """Reason and message may change as they like; generation and order are today's."""
    later = NOON + timedelta(hours=1)
    before = conditions.conditions([], first, generation=1, now=NOON)
    after = conditions.conditions(before, second, generation=2, now=later)
    assert [(c.type, c.status, c.reason, c.message) for c in after] == [
        (found.type, found.status, found.reason, found.message) for found in second
    ]
    for condition in after:
        last = conditions.find(before, condition.type)
        stays = last is not None and last.status is condition.status
        assert condition.last_transition_time == moments.show(NOON if stays else later)
        assert condition.observed_generation == 2


def test_a_long_message_is_cut() -> None:
    """The API server takes a bounded text."""
    long = fails(ROLE, Reason.AWS_REFUSED, "x" * (MESSAGE_LENGTH + 1))
    (condition,) = conditions.conditions([], [long], generation=1, now=NOON)
    assert condition.message == "x" * MESSAGE_LENGTH


@pytest.mark.parametrize(
    ("held", "true"),
    [
        ([], False),
        ([shown(READY, TRUE)], False),  # another one
        ([shown(ROLE, FALSE)], False),
        ([shown(ROLE, UNKNOWN)], False),
        ([shown(READY, FALSE), shown(ROLE, TRUE)], True),
    ],
)
def test_a_condition_is_true_or_not(held: list[Condition], *, true: bool) -> None:
    """Only a condition that is there and true is true."""
    assert conditions.is_true(held, ROLE) is true


@pytest.mark.parametrize(
    ("last", "now", "news"),
    [
        (None, shown(ROLE, TRUE), False),  # a step on the way to Ready
        (shown(ROLE, UNKNOWN), shown(ROLE, TRUE), False),
        (None, shown(READY, TRUE), True),
        (shown(READY, UNKNOWN), shown(READY, TRUE), True),
        (shown(READY, TRUE), shown(READY, TRUE), False),
        (None, shown(ROLE, FALSE), True),
        (None, shown(ROLE, UNKNOWN), False),
        (shown(ROLE, TRUE), shown(ROLE, UNKNOWN), False),
        (shown(ROLE, TRUE), shown(ROLE, TRUE, Reason.TRUST_POLICY_REPAIRED), False),
        (shown(ROLE, FALSE), shown(ROLE, TRUE), True),
        (shown(ROLE, TRUE), shown(ROLE, FALSE), True),
        (shown(ROLE, FALSE), shown(ROLE, FALSE), False),
        (shown(ROLE, FALSE), shown(ROLE, FALSE, Reason.THROTTLED), True),  # another trouble
        (shown(READY, FALSE), shown(READY, TRUE), True),
        (shown(READY, TRUE), shown(READY, FALSE), False),  # the condition below tells it
    ],
)
def test_changes_are_announced(last: Condition | None, now: Condition, *, news: bool) -> None:
    """An event tells a change of status or a new trouble, once; never what is open."""
    expected = Announcement(now.status is FALSE, now.reason, f"{now.type}: as it was")
    found = conditions.announcements([last] if last else [], [now])
    assert found == ((expected,) if news else ())
