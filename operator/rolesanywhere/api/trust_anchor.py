"""TrustAnchor, cluster-scoped: a certificate authority and the trust anchor that names it."""

from enum import StrEnum

import msgspec

from rolesanywhere.api.authority import (
    DEFAULT_CA_VALIDITY,
    CASubject,
    CAValidity,
    KeyAlgorithm,
    SigningAlgorithm,
    UsageMode,
)
from rolesanywhere.api.conditions import Condition


class DeletionPolicy(StrEnum):
    """What becomes of the AWS objects when the Kubernetes object is deleted."""

    DELETE = "Delete"
    RETAIN = "Retain"


class CreatePrivateCA(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A Private CA the operator creates, activates with its own root certificate, and owns."""

    subject: CASubject
    usage_mode: UsageMode = UsageMode.SHORT_LIVED
    key_algorithm: KeyAlgorithm = KeyAlgorithm.RSA_2048
    signing_algorithm: SigningAlgorithm | None = None  # None: the key algorithm's usual one
    validity: CAValidity = DEFAULT_CA_VALIDITY


class AwsPrivateCA(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """AWS Private CA: exactly one of an existing CA's ``arn`` and ``create``."""

    arn: str | None = None
    create: CreatePrivateCA | None = None


class CreateOwnCA(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An own CA the operator makes when its Secret does not exist."""

    subject: CASubject
    key_algorithm: KeyAlgorithm = KeyAlgorithm.EC_PRIME256V1
    validity: CAValidity = DEFAULT_CA_VALIDITY


class OwnCA(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A CA whose key and certificate are a kubernetes.io/tls Secret in the operator's namespace."""

    secret_name: str
    create: CreateOwnCA | None = None


class Source(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename={"aws_private_ca": "awsPrivateCA", "own_ca": "ownCA"},
):
    """Where certificates come from: exactly one. The kind of source never changes."""

    aws_private_ca: AwsPrivateCA | None = None
    own_ca: OwnCA | None = None


class TrustAnchorSpec(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """``spec`` of a TrustAnchor."""

    region: str
    source: Source
    deletion_policy: DeletionPolicy = DeletionPolicy.RETAIN


class CertificateAuthorityStatus(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True
):
    """What is known of the CA. ``not_before`` and ``not_after`` are those of its certificate.

    ``state`` is acm-pca's word (CREATING, PENDING_CERTIFICATE, ACTIVE, …); an own CA's is ACTIVE
    or EXPIRED.
    """

    arn: str | None = None
    secret_name: str | None = None
    state: str | None = None
    subject: str | None = None  # RFC 4514
    key_algorithm: str | None = None
    usage_mode: UsageMode | None = None
    serial: str | None = None  # hex
    not_before: str | None = None
    not_after: str | None = None
    certificate: str | None = None  # PEM: public, and what leaves and trust policies are built on


class TrustAnchorStatus(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True
):
    """``status`` of a TrustAnchor. ``arn`` is the trust anchor's own, not the CA's."""

    observed_generation: int | None = None
    arn: str | None = None
    anchor_id: str | None = None
    account: str | None = None
    certificate_authority: CertificateAuthorityStatus | None = None
    conditions: tuple[Condition, ...] = ()
