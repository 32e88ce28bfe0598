"""One of our objects, decoded: the shape every use case starts from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

from rolesanywhere.api import names
from rolesanywhere.api.conditions import Reason
from rolesanywhere.api.profile import ProfileSpec, ProfileStatus
from rolesanywhere.api.trust_anchor import TrustAnchorSpec, TrustAnchorStatus
from rolesanywhere.api.workload_identity import WorkloadIdentitySpec, WorkloadIdentityStatus
from rolesanywhere.domain import moments, naming
from rolesanywhere.domain.observed import OwnerReference
from rolesanywhere.domain.trouble import Refusal

Spec = TypeVar("Spec")
Status = TypeVar("Status")
Body = Mapping[str, Any]  # an object's JSON


@dataclass(frozen=True, slots=True)
class Resource(Generic[Spec, Status]):
    """An object of ours. ``namespace`` is None for cluster-scoped kinds."""

    kind: str
    namespace: str | None
    name: str
    uid: str
    generation: int
    created_at: datetime
    is_deleting: bool
    spec: Spec
    status: Status

    def tags(self, cluster_id: str) -> dict[str, str]:
        """Give the tags by which its AWS objects are known."""
        return naming.ownership_tags(
            self.kind, self.namespace, self.name, self.uid, cluster_id=cluster_id
        )

    def owner_reference(self) -> OwnerReference:
        """Give what makes the garbage collector remove a Secret with it."""
        return OwnerReference(names.API_VERSION, self.kind, self.name, self.uid)


TrustAnchor = Resource[TrustAnchorSpec, TrustAnchorStatus]
Profile = Resource[ProfileSpec, ProfileStatus]
WorkloadIdentity = Resource[WorkloadIdentitySpec, WorkloadIdentityStatus]


def trust_anchor(body: Body) -> TrustAnchor:
    """Decode a TrustAnchor. Raises ``Refusal`` for a spec this version cannot read."""
    return _read(names.TRUST_ANCHOR, body, TrustAnchorSpec, TrustAnchorStatus)


def profile(body: Body) -> Profile:
    """Decode a Profile. Raises ``Refusal`` for a spec this version cannot read."""
    return _read(names.PROFILE, body, ProfileSpec, ProfileStatus)


def workload_identity(body: Body) -> WorkloadIdentity:
    """Decode a WorkloadIdentity. Raises ``Refusal`` for a spec this version cannot read."""
    return _read(names.WORKLOAD_IDENTITY, body, WorkloadIdentitySpec, WorkloadIdentityStatus)


def deleted_identity(body: Body) -> WorkloadIdentity:
    """Decode what deletion needs of a WorkloadIdentity: its names, role and policy, no more.

    A field this version cannot read must not keep an object, and its namespace, for ever.
    """
    spec = body.get("spec", {})
    role, certificate = spec.get("role", {}), spec.get("certificate", {})
    managed = role.get("managed")
    needed = {
        "profileRef": spec["profileRef"],
        "serviceAccountName": spec["serviceAccountName"],
        "role": {"arn": role.get("arn")}
        if managed is None
        else {"managed": {"name": managed.get("name")}},
        "certificate": {"secretName": certificate.get("secretName")},
    }
    if "deletionPolicy" in spec:
        needed["deletionPolicy"] = spec["deletionPolicy"]
    return workload_identity({**body, "spec": needed})


def _read(
    kind: str, body: Body, spec_type: type[Spec], status_type: type[Status]
) -> Resource[Spec, Status]:
    metadata = body["metadata"]
    try:
        spec = msgspec.convert(dict(body.get("spec", {})), spec_type)
    except msgspec.ValidationError as error:
        raise Refusal(
            Reason.INVALID_SPEC,
            f"this version of the operator cannot read the spec: {error}; upgrade the operator or "
            "mend the field",
        ) from error
    return Resource(
        kind=kind,
        namespace=metadata.get("namespace"),
        name=metadata["name"],
        uid=metadata["uid"],
        generation=metadata.get("generation", 1),
        created_at=moments.read(metadata["creationTimestamp"]),
        is_deleting="deletionTimestamp" in metadata,
        spec=spec,
        status=read_status(body, status_type),
    )


def read_status(body: Body, status_type: type[Status]) -> Status:
    """Decode a status; one this version cannot read is taken for empty and written anew."""
    try:
        return msgspec.convert(dict(body.get("status") or {}), status_type)
    except msgspec.ValidationError:
        return status_type()
