"""One Lease of the cluster: read, created, and replaced only as it was read.

https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from rolesanywhere.domain.lease import LEASE_SECONDS, LeaseRecord
from rolesanywhere.domain.trouble import NotFound
from rolesanywhere.kube.client import ApiServer
from rolesanywhere.kube.errors import Call

NAME: Final = "rolesanywhere-controller"  # of the controller's
API: Final = "/apis/coordination.k8s.io/v1"
_LEASES: Final = "leases"


@dataclass(frozen=True, slots=True)
class Lease:
    """A Lease as it was read. ``body`` is its JSON: what others wrote there is written back."""

    record: LeaseRecord
    body: Mapping[str, Any]


class LeaseClient:
    """``controller.candidate.Leases`` over the API server."""

    def __init__(self, server: ApiServer, namespace: str, name: str) -> None:
        """Name the Lease; nothing is asked yet."""
        self._server = server
        self._namespace = namespace
        self._name = name

    def read(self) -> Lease | None:
        """Read it; None if there is none."""
        with suppress(NotFound):
            return _from_json(self._server.request(self._call("get")))
        return None

    def create(self, record: LeaseRecord) -> None:
        """Create it. Raises ``AlreadyExists``."""
        metadata = {"namespace": self._namespace, "name": self._name}
        self._server.request(self._call("create"), _to_json({"metadata": metadata}, record))

    def replace(self, lease: Lease, record: LeaseRecord) -> None:
        """Write a record in place of the one read. Raises ``Conflict`` or ``NotFound``."""
        self._server.request(self._call("update"), _to_json(lease.body, record))

    def _call(self, verb: str) -> Call:
        return Call(verb, _LEASES, self._namespace, self._name, api=API)


def _to_json(body: Mapping[str, Any], record: LeaseRecord) -> dict[str, Any]:
    """Lay a record over what is there; ``resourceVersion`` and uid stay, and guard the write."""
    return {
        **body,
        "apiVersion": API.removeprefix("/apis/"),
        "kind": "Lease",
        "spec": {
            **(body.get("spec") or {}),
            "holderIdentity": record.holder,
            "leaseDurationSeconds": record.duration_seconds,
            "acquireTime": record.acquired_at,
            "renewTime": record.renewed_at,
            "leaseTransitions": record.transitions,
        },
    }


def _from_json(body: Mapping[str, Any]) -> Lease:
    spec = body.get("spec") or {}  # a Lease somebody made by hand may be bare
    record = LeaseRecord(
        holder=spec.get("holderIdentity") or "",
        duration_seconds=spec.get("leaseDurationSeconds") or LEASE_SECONDS,
        acquired_at=spec.get("acquireTime"),
        renewed_at=spec.get("renewTime"),
        transitions=spec.get("leaseTransitions") or 0,
    )
    return Lease(record, body)
