"""What the service remembers: immutable records, changed by replacing them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationSetting:
    """One customized notice about an expiry. ``threshold`` is in days."""

    enabled: bool
    threshold: int | None
    channel: str
    configured_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustAnchor:
    """A trust anchor. ``certificates`` (PEM) are those seen at the last create or update.

    A Private CA's later validity counts only once the anchor is updated.
    """

    id: str
    arn: str
    name: str
    source_type: str
    private_ca_arn: str | None
    certificates: str
    enabled: bool
    crl_dp_revocation_enabled: bool
    created_at: datetime
    updated_at: datetime
    alias: str | None = None
    notifications: Mapping[str, NotificationSetting] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A profile. ``mappings``: certificate field to specifiers, in the order they were put."""

    id: str
    arn: str
    name: str
    role_arns: tuple[str, ...]
    managed_policy_arns: tuple[str, ...]
    session_policy: str | None
    duration_seconds: int
    enabled: bool
    accept_role_session_name: bool
    require_instance_properties: bool
    created_by: str
    created_at: datetime
    updated_at: datetime
    mappings: Mapping[str, tuple[str, ...]]
    alias: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crl:
    """An imported revocation list: PEM, its issuer (RFC 4514), the serials it revokes."""

    id: str
    arn: str
    name: str
    enabled: bool
    data: bytes
    issuer: str
    revoked: frozenset[int]
    trust_anchor_arn: str
    created_at: datetime
    updated_at: datetime
    alias: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenCredential:
    """A certificate a subject came with. ``serial`` in hex, as the service writes it."""

    serial: str
    issuer: str
    certificate: str  # PEM
    seen_at: datetime
    failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Everyone of one X.509 subject, and the certificates they came with, by serial."""

    id: str
    arn: str
    x509_subject: str
    created_at: datetime
    updated_at: datetime
    last_seen_at: datetime
    credentials: Mapping[str, SeenCredential]


Resource = TrustAnchor | Profile | Crl
