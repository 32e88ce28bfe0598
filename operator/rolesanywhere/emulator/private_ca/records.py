"""What Private CA remembers: certificate authorities and what they issued.

Plain records of JSON-able values, so that a snapshot is these records and nothing else. Times are
UTC. Parsed keys are ``vault``'s.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """https://docs.aws.amazon.com/privateca/latest/userguide/creating-managing.html."""

    CREATING = "CREATING"
    PENDING_CERTIFICATE = "PENDING_CERTIFICATE"
    ACTIVE = "ACTIVE"
    DELETED = "DELETED"
    DISABLED = "DISABLED"
    EXPIRED = "EXPIRED"


class Kind(StrEnum):
    """``CertificateAuthorityType``."""

    ROOT = "ROOT"
    SUBORDINATE = "SUBORDINATE"


@dataclass(slots=True)
class Revocation:
    """When and why a certificate was revoked; ``reason`` as RevokeCertificate spells it."""

    at: datetime
    reason: str


@dataclass(slots=True)
class Certificate:
    """One issued certificate. ``asks_left``: how often it still is in the making."""

    arn: str
    serial: int
    pem: str
    chain: str | None  # PEM, the issuer first; None for a root's own certificate
    template_arn: str
    issued_at: datetime
    not_after: datetime
    asks_left: int
    requester: str  # the account that asked, 12 digits
    revocation: Revocation | None = None


@dataclass(slots=True)
class OwnCertificate:
    """The certificate a CA has for itself, and the chain above it (PEM; None for a root).

    ``issued_chain`` is both, as GetCertificate answers with it: made once for all it issues.
    """

    pem: str
    chain: str | None
    issued_chain: str
    serial: int
    not_before: datetime
    not_after: datetime
    path_length: int | None


@dataclass(slots=True)
class Permission:
    """What ACM may do with a CA; ``actions`` as CreatePermission spells them."""

    principal: str
    source_account: str
    actions: list[str]
    created_at: datetime


@dataclass(slots=True)
class AuditReport:
    """A report written to S3."""

    identifier: str
    bucket: str
    key: str
    created_at: datetime
    asks_left: int  # how often it is still CREATING


@dataclass(slots=True)
class PublishedList:
    """The revocation list last written to S3: where, when, and until when it holds."""

    bucket: str
    key: str
    at: datetime
    next_update: datetime


@dataclass(slots=True)
class Authority:
    """A certificate authority. ``status`` is the stored one: EXPIRED follows from the clock."""

    arn: str
    account: str
    kind: Kind
    configuration: dict[str, Any]  # CertificateAuthorityConfiguration, as sent
    revocation_configuration: dict[str, Any]
    usage_mode: str
    key_storage: str
    private_key: bytes = field(repr=False)  # PKCS#8 PEM
    csr: str
    created_at: datetime
    state_changed_at: datetime
    asks_left: int  # how often it is still CREATING
    status: Status
    own: OwnCertificate | None = None
    tags: dict[str, str | None] = field(default_factory=dict)
    certificates: dict[str, Certificate] = field(default_factory=dict)  # by ARN
    permissions: list[Permission] = field(default_factory=list)
    policy: str | None = None
    published: PublishedList | None = None
    partition_id: str = ""  # names the one partition of a partitioned revocation list
    reports: dict[str, AuditReport] = field(default_factory=dict)  # by identifier
    restorable_until: datetime | None = None
    status_before_deletion: Status | None = None

    @property
    def identifier(self) -> str:
        """The last part of its ARN."""
        return self.arn.rpartition("/")[2]

    @property
    def partition(self) -> str:
        """The part of AWS it lives in: ``aws``, ``aws-cn`` and such."""
        return self.arn.split(":")[1]

    @property
    def region(self) -> str:
        """Where it lives."""
        return self.arn.split(":")[3]


@dataclass(slots=True)
class Remembered:
    """The answer to a request with an idempotency token, and until when it is given again."""

    arn: str
    until: datetime


@dataclass(slots=True)
class State:
    """Everything of all accounts and regions."""

    authorities: dict[str, Authority] = field(default_factory=dict)  # by ARN
    remembered: dict[str, Remembered] = field(default_factory=dict)  # by what was asked
