"""From a use case to an ``Outcome``, whatever happens: nothing crashes, nothing loops hot."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from rolesanywhere.api.conditions import Condition, ConditionType, Reason
from rolesanywhere.domain.conditions import Finding, announcements, conditions, fails
from rolesanywhere.domain.trouble import Refusal, Trouble
from rolesanywhere.reconcile.outcome import Outcome, as_json
from rolesanywhere.reconcile.resource import Body
from rolesanywhere.reconcile.world import World

UseCase = Callable[[Body, World], Outcome]
logger: Final = logging.getLogger(__name__)


class _WithConditions(msgspec.Struct):
    conditions: tuple[Condition, ...] = ()


def attempt(use_case: UseCase, body: Body, world: World) -> Outcome:
    """Run a pass. What it does not handle itself becomes Ready=False, with a log of the cause."""
    try:
        return use_case(body, world)
    except Trouble as trouble:
        return _unready(body, trouble, world)
    except Exception as error:
        logger.exception("a pass over %s failed", body["metadata"]["name"])
        return _unready(body, internal_error(error), world)


def internal_error(error: Exception) -> Trouble:
    """Say that the fault is ours; the error's own text, which could quote anything, is not said."""
    return Trouble(
        Reason.INTERNAL_ERROR,
        f"the operator met an error of its own ({type(error).__name__}): its log says more; "
        "it is tried again",
    )


def _unready(body: Body, trouble: Trouble, world: World) -> Outcome:
    is_refusal = isinstance(trouble, Refusal)
    seconds = world.settings.refused_seconds if is_refusal else trouble.retry_after or 0.0
    finding = fails(ConditionType.READY, trouble.reason, trouble.message)
    return with_ready(body, finding, world, seconds=seconds, failed=not is_refusal)


def with_ready(
    body: Body, finding: Finding, world: World, *, seconds: float, failed: bool
) -> Outcome:
    """Give an object's status as it is, but for Ready."""
    status: Mapping[str, Any] = dict(body.get("status") or {})
    generation = body["metadata"].get("generation", 1)
    previous = _previous(status)
    found = conditions(previous, [finding], generation=generation, now=world.clock.now())
    others = [each for each in previous if each.type is not ConditionType.READY]
    whole = {
        **status,
        "observedGeneration": generation,
        "conditions": as_json([*found, *others]),
    }
    return Outcome(whole, announcements(previous, found), seconds, failed=failed)


def _previous(status: Mapping[str, Any]) -> tuple[Condition, ...]:
    try:
        return msgspec.convert(
            {"conditions": status.get("conditions", ())}, _WithConditions
        ).conditions
    except msgspec.ValidationError:
        return ()
