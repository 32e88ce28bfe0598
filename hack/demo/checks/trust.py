"""A trust policy somebody changed: how the refusal looks, and whether the operator repairs it."""

import copy
import json
from collections.abc import Iterator
from typing import Final

from hack.demo import objects
from hack.demo.account import Found
from hack.demo.objects import Event, Reference
from hack.demo.pod import Pod
from hack.demo.stage import Stage
from hack.demo.telling import Telling, require

REPAIR_SECONDS: Final = 30.0  # the operator looks every three, and tells before it repairs
REFUSAL_SECONDS: Final = 20.0  # an agent's first answer from AWS
STRANGER: Final = "somebody-else"
_COMMON_NAME: Final = "aws:PrincipalTag/x509Subject/CN"
_NEWS: Final = ("TrustPolicyChanged", "SessionRefused", "TrustPolicyRepaired")  # in this order


def edit(stage: Stage, telling: Telling, role: str) -> Found:
    """Let somebody change a role's trust policy past the operator; give what it was before."""
    before = stage.account.trust_policy(role)
    changed = copy.deepcopy(before)
    required = changed["Statement"][0]["Condition"]["StringEquals"]
    telling.note(
        f"Somebody changes {_COMMON_NAME} in AWS (iam UpdateAssumeRolePolicy), "
        f"from {required[_COMMON_NAME]!r} to {STRANGER!r}."
    )
    required[_COMMON_NAME] = STRANGER
    stage.account.iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(changed))
    return before


def check_refused(telling: Telling, pod: Pod, role_arn: str) -> None:
    """Check that AWS refuses a session to a pod that has just started."""

    def missing() -> Iterator[str]:
        require(not pod.is_ready, "AWS to refuse the session", "it granted one")
        if not pod.refusal():
            yield "AWS has not answered yet"

    with telling.waiting("CreateSession") as words:
        objects.wait_for(missing, "a refusal", words, seconds=REFUSAL_SECONDS)
    refusal = pod.refusal()
    wanted = f"AccessDeniedException: Unable to assume role for {role_arn}"
    require(wanted in refusal, f"CreateSession to answer {wanted!r}", f"it answered {refusal}")
    telling.look("the agent of a new pod")
    telling.fact("CreateSession", f"denied: {wanted}")


def last_event(stage: Stage, identity: Reference) -> int:
    """Give the order of an object's newest event; later ones are greater."""
    return max((event.order for event in objects.events(stage.kubectl, identity)), default=0)


def check_repaired(
    stage: Stage, telling: Telling, identity: Reference, *, after: int, role: str, policy: Found
) -> None:
    """Check that the operator says what happened and why, and that the policy is what it was."""
    found: list[Event] = []

    def missing() -> Iterator[str]:
        stage.require_running()
        events = objects.events(stage.kubectl, identity)
        found[:] = [event for event in events if event.order > after]
        for reason in _NEWS:
            if all(event.reason != reason for event in found):
                yield f"there is no event {reason}"
        whole = objects.read(stage.kubectl, identity)
        if not whole.has("SessionVerified"):
            yield whole.words("SessionVerified")

    with telling.waiting("the operator to repair it") as words:
        expected = f"{identity} to tell of {', '.join(_NEWS)}, and to have SessionVerified"
        objects.wait_for(missing, expected, words, seconds=REPAIR_SECONDS)
    telling.look(f"kubectl events --for {identity.kind}/{identity.name} -n {identity.namespace}")
    news = [next(each for each in found if each.reason == reason) for reason in _NEWS]
    orders = [event.order for event in news]
    require(orders == sorted(orders), f"{', '.join(_NEWS)} in this order", "they came in another")
    for event in news:
        _require_cause(event)
        telling.fact(event.reason, event.message)
    _check_restored(stage, telling, role, policy)


def _require_cause(event: Event) -> None:
    if event.type == "Warning":
        cause = (_COMMON_NAME, f'"{STRANGER}"', '"sample"')
        expected = f"event {event.reason} to say why, with {', '.join(cause)}"
        is_said = all(word in event.message for word in cause)
        require(is_said, expected, f"it says {event.message}")


def _check_restored(stage: Stage, telling: Telling, role: str, policy: Found) -> None:
    now = stage.account.trust_policy(role)
    require(now == policy, "the trust policy to be what it was", f"it is now {json.dumps(now)}")
    telling.look("iam GetRole")
    telling.fact("trust policy", "is what it was before")
