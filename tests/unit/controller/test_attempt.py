"""From a use case to an outcome: whatever happens, the object says so and is looked at again."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.reconcile.cluster import Cluster

from rolesanywhere.api.conditions import ConditionType, Reason
from rolesanywhere.controller.attempt import attempt, internal_error, with_ready
from rolesanywhere.domain.conditions import fails, unknown
from rolesanywhere.domain.trouble import NotFound, Refusal, Trouble
from rolesanywhere.reconcile.outcome import Outcome

WORLD = Cluster().world


def condition(type_: str, status: str, reason: str = "Ready") -> dict[str, Any]:
    return {
        "type": type_,
        "status": status,
        "reason": reason,
        "message": "as it was",
        "lastTransitionTime": "2026-11-20T00:00:00Z",
        "observedGeneration": 3,
    }


def body(**status: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {
        "metadata": {"name": "report", "namespace": "shop", "generation": 4},
        "status": status,
    }


def raising(error: Exception) -> Callable[..., Outcome]:
    def use_case(*_: object) -> Outcome:
        raise error

    return use_case


def test_an_outcome_passes_through() -> None:
    """A pass that handles its own trouble has the last word."""
    outcome = Outcome({"a": 1}, (), 5.0)
    assert attempt(lambda _body, _world: outcome, body(), WORLD) is outcome


@pytest.mark.parametrize(
    ("error", "reason", "seconds", "failed"),
    [
        (Trouble(Reason.THROTTLED, "slow down"), "Throttled", 0.0, True),
        (Trouble(Reason.THROTTLED, "slow down", retry_after=9.0), "Throttled", 9.0, True),
        (NotFound(Reason.PENDING, "not there"), "Pending", 0.0, True),
        (Refusal(Reason.INVALID_SPEC, "mend it"), "InvalidSpec", 60.0, False),
        (KeyError("x"), "InternalError", 0.0, True),
    ],
)
def test_trouble_becomes_a_condition(
    error: Exception, reason: str, seconds: float, *, failed: bool
) -> None:
    """With its reason; the status is otherwise as it was, and the next look is settled."""
    before = body(arn="a", conditions=[condition("Ready", "True"), condition("Synced", "True")])
    outcome = attempt(raising(error), before, WORLD)
    ready, synced = outcome.status["conditions"]
    assert (ready["type"], ready["status"], ready["reason"]) == ("Ready", "False", reason)
    assert (ready["observedGeneration"], ready["lastTransitionTime"]) == (4, "2026-11-24T12:00:00Z")
    assert synced == condition("Synced", "True")
    assert (outcome.status["arn"], outcome.status["observedGeneration"]) == ("a", 4)
    assert (outcome.next_seconds, outcome.failed) == (seconds, failed)


def test_an_error_of_our_own_quotes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """It could hold anything; the log has where it came from."""
    with caplog.at_level(logging.ERROR):
        outcome = attempt(raising(ValueError("-----BEGIN PRIVATE KEY-----")), body(), WORLD)
    assert "PRIVATE KEY" not in json.dumps(outcome.status)
    assert "PRIVATE KEY" not in "".join(each.message for each in outcome.news)
    (record,) = caplog.records
    assert record.getMessage() == "a pass over report failed"
    assert record.exc_info is not None
    assert "(ValueError)" in internal_error(ValueError("secret")).message


@pytest.mark.parametrize(
    "conditions",
    [None, [], [{"type": "Ready"}], [condition("Ready", "True", "ReasonOfAnotherVersion")]],
    ids=["none", "empty", "broken", "unknown"],
)
def test_conditions_that_cannot_be_read_are_written_anew(conditions: Any) -> None:  # noqa: ANN401 - JSON
    """Another version wrote them, or nobody."""
    before = {**body(), "status": None} if conditions is None else body(conditions=conditions)
    finding = fails(ConditionType.READY, Reason.THROTTLED, "slow down")
    outcome = with_ready(before, finding, WORLD, seconds=1.0, failed=True)
    (ready,) = outcome.status["conditions"]
    assert ready["reason"] == "Throttled"


def test_an_object_without_a_generation_is_of_the_first() -> None:
    """As the API server gives it to every object of a kind with a status."""
    finding = unknown(ConditionType.READY, Reason.DELETING, "going")
    outcome = with_ready({"metadata": {"name": "a"}}, finding, WORLD, seconds=1.0, failed=False)
    assert outcome.status["observedGeneration"] == 1


def test_a_status_that_stays_keeps_its_time() -> None:
    """Only a change of status moves it."""
    before = body(conditions=[condition("Ready", "False", "Throttled")])
    finding = fails(ConditionType.READY, Reason.ACCESS_DENIED, "no")
    outcome = with_ready(before, finding, WORLD, seconds=1.0, failed=True)
    (ready,) = outcome.status["conditions"]
    assert ready["lastTransitionTime"] == "2026-11-20T00:00:00Z"
    assert outcome.news == ()
