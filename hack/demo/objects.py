"""Objects of the cluster as kubectl gives them: conditions, Secrets, events, and waiting."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from hack.cluster.kubectl import Kubectl
from hack.demo.telling import Words, require

from rolesanywhere.api.names import (
    GROUP,
    PROFILE,
    PROFILES,
    TRUST_ANCHOR,
    TRUST_ANCHORS,
    WORKLOAD_IDENTITIES,
    WORKLOAD_IDENTITY,
)

OUR_KINDS: Final = (TRUST_ANCHOR, PROFILE, WORKLOAD_IDENTITY)
# All objects of our kinds, for ``kubectl get``.
KINDS: Final = ",".join(
    f"{plural}.{GROUP}" for plural in (TRUST_ANCHORS, PROFILES, WORKLOAD_IDENTITIES)
)
WAIT_SECONDS: Final = 60.0  # for anything the operator does; idle it takes three
_POLL_SECONDS: Final = 0.3


@dataclass(frozen=True, slots=True)
class Reference:
    """An object's kind, name, and namespace if it has one."""

    kind: str
    name: str
    namespace: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """Give what follows ``kubectl get``."""
        group = f".{GROUP}" if self.kind in OUR_KINDS else ""  # others may have a Profile too
        place = (f"--namespace={self.namespace}",) if self.namespace else ()
        return (f"{self.kind.lower()}{group}/{self.name}", *place)

    def __str__(self) -> str:
        return f"{self.kind} {f'{self.namespace}/' if self.namespace else ''}{self.name}"


@dataclass(frozen=True, slots=True)
class Event:
    """An event about an object. ``order`` grows with time."""

    order: int
    type: str
    reason: str
    message: str


class Object:
    """One object of the cluster as it was when it was read."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.uid: str = document["metadata"]["uid"]
        self.status: dict[str, Any] = document.get("status", {})

    def condition(self, type_: str) -> dict[str, Any]:
        """Give a condition; an empty one when it is not there."""
        conditions = self.status.get("conditions", ())
        return next((each for each in conditions if each["type"] == type_), {})

    def has(self, type_: str) -> bool:
        """Tell whether a condition holds, and for the spec as it is now."""
        condition = self.condition(type_)
        generation = self.document["metadata"].get("generation")
        is_current = condition.get("observedGeneration") == generation
        return condition.get("status") == "True" and is_current

    def words(self, type_: str) -> str:
        """Say what a condition says."""
        condition = self.condition(type_)
        if not condition:
            return f"it has no condition {type_} yet"
        return f"{type_} is {condition['status']}: {condition['reason']}: {condition['message']}"

    @property
    def data(self) -> dict[str, bytes]:
        """Give a Secret's content."""
        return {key: base64.b64decode(text) for key, text in self.document["data"].items()}


def read(kubectl: Kubectl, reference: Reference) -> Object:
    """Read an object. Raises ``ClusterError`` when it is not there."""
    return Object(json.loads(kubectl("get", *reference.words, "--output=json").stdout))


def events(kubectl: Kubectl, reference: Reference) -> list[Event]:
    """Give the events about an object in their order."""
    kind, name, namespace = reference.kind, reference.name, reference.namespace or "default"
    field = f"--field-selector=involvedObject.kind={kind},involvedObject.name={name}"
    answer = kubectl("get", "events", f"--namespace={namespace}", field, "--output=json")
    found = [
        Event(
            int(each["metadata"]["resourceVersion"]), each["type"], each["reason"], each["message"]
        )
        for each in json.loads(answer.stdout)["items"]
    ]
    return sorted(found, key=lambda each: each.order)


def wait_for(
    look: Callable[[], Iterator[str]],
    expected: str,
    words: Words,
    *,
    seconds: float = WAIT_SECONDS,
    pause: Callable[[], object] = partial(time.sleep, _POLL_SECONDS),  # noqa: B008 - no state
) -> None:
    """Look until nothing is missing; ``look`` gives what still is.

    Raises ``ExpectationError`` with what was still missing when the time is up.
    """
    deadline = time.monotonic() + seconds
    while (missing := next(look(), None)) is not None:
        words(missing)
        in_time = time.monotonic() < deadline
        require(in_time, f"{expected} within {seconds:.0f} s", missing)
        pause()
