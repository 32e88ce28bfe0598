"""Events people see in ``kubectl describe``: published on a condition's transition, never polled.

https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from rolesanywhere.api import names
from rolesanywhere.api.conditions import MESSAGE_LENGTH
from rolesanywhere.domain import moments
from rolesanywhere.domain.trouble import Trouble
from rolesanywhere.kube.client import ApiServer
from rolesanywhere.kube.errors import Call

_NAMESPACE_OF_CLUSTER_SCOPED: Final = "default"  # where the API server wants their events
logger = logging.getLogger(__name__)


class EventType(StrEnum):
    """The two kinds of event Kubernetes knows."""

    NORMAL = "Normal"
    WARNING = "Warning"


class EventsClient:
    """Publishes events in the operator's name."""

    def __init__(self, server: ApiServer, *, now: Callable[[], datetime], instance: str) -> None:
        """``instance`` is this process among its replicas, such as the pod's name."""
        self._server = server
        self._now = now
        self._instance = instance

    def publish(
        self, body: Mapping[str, Any], *, event_type: EventType, reason: str, message: str
    ) -> None:
        """Publish one event about the object ``body`` (its JSON).

        An event is a courtesy: when it cannot be written, that is logged and nothing fails. One
        is created per call; callers call on transitions only, so there is nothing to count up.
        """
        subject = _reference(body)
        namespace = subject.get("namespace") or _NAMESPACE_OF_CLUSTER_SCOPED
        moment = moments.show(self._now())
        event = {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {"generateName": f"{subject['name']}.", "namespace": namespace},
            "involvedObject": subject,
            "type": event_type.value,
            "reason": reason,
            "message": message[:MESSAGE_LENGTH],
            "firstTimestamp": moment,
            "lastTimestamp": moment,
            "count": 1,
            "source": {"component": names.MANAGER},
            "reportingComponent": names.MANAGER,
            "reportingInstance": self._instance,
        }
        try:
            self._server.request(Call("create", "events", namespace), event)
        except Trouble as trouble:
            logger.warning("an event about %s was lost: %s", subject["name"], trouble.message)


def _reference(body: Mapping[str, Any]) -> dict[str, str]:
    metadata = body["metadata"]
    fields = {
        "apiVersion": body["apiVersion"],
        "kind": body["kind"],
        "namespace": metadata.get("namespace"),
        "name": metadata["name"],
        "uid": metadata["uid"],
        "resourceVersion": metadata.get("resourceVersion"),
    }
    return {key: value for key, value in fields.items() if value}
