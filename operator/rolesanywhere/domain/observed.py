"""What AWS holds, free of any SDK: the records adapters return and plans compare with specs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

PolicyDocument = Mapping[str, Any]  # an IAM policy, parsed


@dataclass(frozen=True, slots=True)
class AnchorSource:
    """A trust anchor's source: exactly one of a Private CA's ARN and a PEM bundle."""

    private_ca_arn: str | None = None
    bundle: str | None = None


@dataclass(frozen=True, slots=True)
class TrustAnchorRecord:
    """A trust anchor in AWS."""

    anchor_id: str
    arn: str
    name: str
    source: AnchorSource
    enabled: bool


@dataclass(frozen=True, slots=True)
class ProfileSettings:
    """What of a profile we decide: compared whole. ``role_arns`` are sorted."""

    name: str
    role_arns: tuple[str, ...]
    duration_seconds: int
    session_policy: str | None


@dataclass(frozen=True, slots=True)
class ProfileRecord:
    """A profile in AWS."""

    profile_id: str
    arn: str
    enabled: bool
    settings: ProfileSettings


@dataclass(frozen=True, slots=True)
class AuthorityRecord:
    """A Private CA. ``state`` and ``usage_mode``, algorithms: acm-pca's words."""

    arn: str
    state: str
    usage_mode: str
    key_algorithm: str
    signing_algorithm: str
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """PEM of a leaf and of its chain as acm-pca gives it: issuing CA first, root last."""

    certificate: str
    chain: str


@dataclass(frozen=True, slots=True)
class RoleRecord:
    """An IAM role with what is attached to it. ``inline_policies`` maps name to document."""

    name: str
    arn: str
    role_id: str
    path: str
    trust_policy: PolicyDocument
    max_session_duration_seconds: int
    permissions_boundary_arn: str | None
    tags: Mapping[str, str]
    policy_arns: frozenset[str]
    inline_policies: Mapping[str, PolicyDocument]


@dataclass(frozen=True, slots=True)
class RoleSettings:
    """What of a managed role we decide. ``path`` cannot change after creation."""

    name: str
    path: str
    trust_policy: PolicyDocument
    max_session_duration_seconds: int
    permissions_boundary_arn: str | None
    tags: Mapping[str, str]
    policy_arns: frozenset[str]
    inline_policies: Mapping[str, PolicyDocument]


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """What CreateSession granted, without the credentials."""

    assumed_role_arn: str
    expiration: datetime
    packed_policy_size: int | None


@dataclass(frozen=True, slots=True)
class SecretRecord:
    """A Kubernetes Secret. ``data`` is decoded; its repr hides the values."""

    namespace: str
    name: str
    type: str
    data: Mapping[str, bytes]
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    uid: str = ""
    resource_version: str = ""
    owner: "OwnerReference | None" = None

    def __repr__(self) -> str:
        """Name the keys, never the values: a Secret may be printed by accident."""
        return f"SecretRecord({self.namespace}/{self.name}, keys={sorted(self.data)})"


@dataclass(frozen=True, slots=True)
class OwnerReference:
    """The controlling owner written into a Secret, for garbage collection."""

    api_version: str
    kind: str
    name: str
    uid: str
