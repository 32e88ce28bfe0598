"""WorkloadIdentity, namespaced: one ServiceAccount's role, certificate and proof."""

from enum import StrEnum
from typing import Final

import msgspec

from rolesanywhere.api.conditions import Condition
from rolesanywhere.api.profile import Reference
from rolesanywhere.api.trust_anchor import DeletionPolicy

COMMON_NAME_LENGTH: Final = 61  # characters: longer ones lose the "CN=" of the source identity


class KeyFamily(StrEnum):
    """Key families of a workload's certificate."""

    RSA = "RSA"
    ECDSA = "ECDSA"


class PrivateKey(msgspec.Struct, frozen=True, kw_only=True):
    """The workload's key: RSA 2048, 3072, 4096 or ECDSA 256, 384, 521 (bits)."""

    algorithm: KeyFamily = KeyFamily.ECDSA
    size: int | None = None  # None: RSA 2048, ECDSA 256


class ManagedRole(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A role the operator creates, within the Profile's bounds.

    ``trust_conditions``: operator -> key -> value or values, added to the generated conditions.
    """

    name: str | None = None
    policy_arns: tuple[str, ...] = ()
    inline_policies: dict[str, str] = {}
    trust_conditions: dict[str, dict[str, str | list[str]]] = {}


class RoleChoice(msgspec.Struct, frozen=True, kw_only=True):
    """The identity's role: exactly one of an existing role's ARN and a managed one."""

    arn: str | None = None
    managed: ManagedRole | None = None


class CertificateRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What the certificate shall be. ``renew_at`` is a share of its life since issue, ``67%``."""

    common_name: str | None = None  # None: <serviceAccount>.<namespace>
    duration: str = "168h"
    renew_at: str = "67%"
    private_key: PrivateKey = PrivateKey()
    secret_name: str | None = None  # None: derived from the identity's name


class WorkloadIdentitySpec(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """``spec`` of a WorkloadIdentity."""

    profile_ref: Reference
    service_account_name: str
    role: RoleChoice
    certificate: CertificateRequest = CertificateRequest()
    deletion_policy: DeletionPolicy = DeletionPolicy.DELETE


class CertificateStatus(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True
):
    """The certificate in the Secret. ``issued_at`` is ours: NotBefore is backdated."""

    serial: str  # hex, as AWS names sessions
    subject: str  # RFC 4514
    issuer: str  # RFC 4514
    not_before: str
    not_after: str
    issued_at: str
    renew_at: str
    arn: str | None = None  # Private CA only


class IssuanceStatus(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """An issue in flight: persisted in its Secret before the call, shown here."""

    token: str
    started_at: str
    not_after: str
    certificate_arn: str | None = None


class SessionStatus(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The latest proof: AWS's answer to CreateSession as the workload."""

    assumed_role_arn: str
    expiration: str
    checked_at: str
    certificate_serial: str  # which certificate was tried
    role_arn: str
    packed_policy_size: int | None = None  # percent


class WorkloadIdentityStatus(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True
):
    """``status`` of a WorkloadIdentity."""

    observed_generation: int | None = None
    role_arn: str | None = None
    profile_arn: str | None = None
    trust_anchor_arn: str | None = None
    secret_name: str | None = None
    certificate: CertificateStatus | None = None
    issuance: IssuanceStatus | None = None
    session: SessionStatus | None = None
    conditions: tuple[Condition, ...] = ()
