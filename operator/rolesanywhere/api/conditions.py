"""Conditions and their reasons: closed enums, so that alerts and tools can rely on the words."""

from enum import StrEnum
from typing import Final

import msgspec


class ConditionType(StrEnum):
    """What a condition speaks about."""

    READY = "Ready"  # every kind: everything below holds
    CA_READY = "CAReady"  # TrustAnchor: the certificate authority can sign
    SYNCED = "Synced"  # TrustAnchor, Profile: AWS holds what the spec asks
    ADMITTED = "Admitted"  # WorkloadIdentity: the Profile allows this namespace and role
    ROLE_READY = "RoleReady"  # WorkloadIdentity: role, trust policy and profile membership
    CERTIFICATE_READY = "CertificateReady"  # WorkloadIdentity: a good certificate in the Secret
    SESSION_VERIFIED = "SessionVerified"  # WorkloadIdentity: CreateSession was tried


class ConditionStatus(StrEnum):
    """The three answers of a Kubernetes condition."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


class Reason(StrEnum):
    """Why a condition is what it is. New reasons are added here and nowhere else."""

    # all is well
    READY = "Ready"
    # under way: nothing to do but wait
    PENDING = "Pending"
    CREATING = "Creating"
    DELETING = "Deleting"
    ISSUING = "Issuing"
    WAITING_FOR_QUOTA = "WaitingForQuota"
    # another object is not ready or not there
    TRUST_ANCHOR_NOT_FOUND = "TrustAnchorNotFound"
    TRUST_ANCHOR_NOT_READY = "TrustAnchorNotReady"
    PROFILE_NOT_FOUND = "ProfileNotFound"
    PROFILE_NOT_READY = "ProfileNotReady"
    STILL_REFERENCED = "StillReferenced"
    # the spec asks for what is not allowed or cannot be
    NAMESPACE_NOT_ALLOWED = "NamespaceNotAllowed"
    ROLE_NOT_ALLOWED = "RoleNotAllowed"
    INVALID_SPEC = "InvalidSpec"
    SOURCE_CHANGED = "SourceChanged"
    # certificate authority
    CA_NOT_FOUND = "CANotFound"
    CA_SECRET_INVALID = "CASecretInvalid"
    CA_EXPIRED = "CAExpired"
    CA_NOT_ACTIVE = "CANotActive"
    # role and trust policy
    ROLE_NOT_FOUND = "RoleNotFound"
    ROLE_NAME_TAKEN = "RoleNameTaken"
    TRUST_POLICY_CHANGED = "TrustPolicyChanged"
    TRUST_POLICY_REPAIRED = "TrustPolicyRepaired"
    # the Secret
    SECRET_NAME_TAKEN = "SecretNameTaken"
    # answers of AWS and of the API server
    ACCESS_DENIED = "AccessDenied"
    THROTTLED = "Throttled"
    AWS_REFUSED = "AWSRefused"
    AWS_UNAVAILABLE = "AWSUnavailable"
    FORBIDDEN = "Forbidden"
    API_SERVER_UNAVAILABLE = "APIServerUnavailable"
    SESSION_REFUSED = "SessionRefused"
    INTERNAL_ERROR = "InternalError"


MESSAGE_LENGTH: Final = 1024  # characters; longer messages are cut, the CRDs allow 32,768


class Condition(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One condition, in the shape of ``metav1.Condition``. Times are RFC 3339, UTC, seconds."""

    type: ConditionType
    status: ConditionStatus
    reason: Reason
    message: str
    last_transition_time: str
    observed_generation: int
