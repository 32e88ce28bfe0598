"""Profile, cluster-scoped: who may use a trust anchor, with which roles, under what bounds."""

import msgspec

from rolesanywhere.api.conditions import Condition
from rolesanywhere.api.trust_anchor import DeletionPolicy


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster-scoped object by name."""

    name: str


class SelectorRequirement(msgspec.Struct, frozen=True, kw_only=True):
    """One ``matchExpressions`` entry. ``operator``: In, NotIn, Exists or DoesNotExist."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


class LabelSelector(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A Kubernetes label selector: all of its parts must hold. Empty selects everything."""

    match_labels: dict[str, str] = {}
    match_expressions: tuple[SelectorRequirement, ...] = ()


class AllowedNamespaces(msgspec.Struct, frozen=True, kw_only=True):
    """Namespaces that may use a Profile: named, or selected by label. Neither given: none."""

    names: tuple[str, ...] = ()
    selector: LabelSelector | None = None


class CertificateSubject(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What certificates carry beside their common name. Only the administrator decides it."""

    organizational_unit: str | None = None
    organization: str | None = None


class ExistingRole(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Existing roles identities may name. ``arn`` may hold ``*`` in the role's path or name."""

    arn: str
    manage_trust_policy: bool = True  # keep the identities' statements in the role's trust policy


class ManagedRoles(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Bounds of the roles the operator creates for this Profile. Durations as ``1h30m``."""

    path: str = "/rolesanywhere/"
    permissions_boundary_arn: str | None = None
    allowed_policy_arns: tuple[str, ...] = ()
    allow_inline_policies: bool = False
    max_session_duration: str = "1h"


class RoleRules(msgspec.Struct, frozen=True, kw_only=True):
    """Which roles identities may have. ``managed`` absent: the operator creates none."""

    existing: tuple[ExistingRole, ...] = ()
    managed: ManagedRoles | None = None


class ProfileSpec(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """``spec`` of a Profile."""

    trust_anchor_ref: Reference
    session_duration: str = "1h"
    session_policy: str | None = None  # JSON
    allowed_namespaces: AllowedNamespaces = AllowedNamespaces()
    subject: CertificateSubject = CertificateSubject()
    roles: RoleRules = RoleRules()
    deletion_policy: DeletionPolicy = DeletionPolicy.DELETE


class ProfileEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One profile in AWS and how many roles it lists."""

    arn: str
    roles: int


class ProfileStatus(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """``status`` of a Profile. ``profiles`` has one entry; more when roles pass 250."""

    observed_generation: int | None = None
    profiles: tuple[ProfileEntry, ...] = ()
    conditions: tuple[Condition, ...] = ()
