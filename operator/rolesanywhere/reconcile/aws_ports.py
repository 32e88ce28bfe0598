"""What the use cases need from AWS. ``aws`` fits these ports by shape.

Every method may raise ``domain.trouble.Trouble``; no other exception is expected from an adapter.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from rolesanywhere.api.trust_anchor import CreatePrivateCA
from rolesanywhere.domain.observed import (
    AnchorSource,
    AuthorityRecord,
    IssuedCertificate,
    PolicyDocument,
    ProfileRecord,
    ProfileSettings,
    RoleRecord,
    RoleSettings,
    SessionRecord,
    TrustAnchorRecord,
)
from rolesanywhere.domain.session import SessionRequest


class RolesAnywhere(Protocol):
    """The Roles Anywhere control plane of one account and region.

    Listings are shared: at most one List call per interval, and one after each change of ours.
    """

    def trust_anchors(self) -> tuple[TrustAnchorRecord, ...]:
        """List every trust anchor."""

    def create_trust_anchor(
        self, *, name: str, source: AnchorSource, tags: Mapping[str, str]
    ) -> TrustAnchorRecord:
        """Create one, enabled, with END_ENTITY expiry notices off (7-day leaves always fire)."""

    def update_trust_anchor(self, anchor_id: str, *, name: str, source: AnchorSource) -> None:
        """Bring name and source in line. The kind of source must be the same."""

    def enable_trust_anchor(self, anchor_id: str) -> None:
        """Enable one."""

    def delete_trust_anchor(self, anchor_id: str) -> None:
        """Delete one; quietly if it is gone."""

    def profiles(self) -> tuple[ProfileRecord, ...]:
        """List every profile."""

    def create_profile(
        self, settings: ProfileSettings, *, tags: Mapping[str, str]
    ) -> ProfileRecord:
        """Create one, enabled."""

    def update_profile(self, profile_id: str, settings: ProfileSettings) -> None:
        """Bring all settings in line. A session policy cannot be taken away: see ``replace``."""

    def enable_profile(self, profile_id: str) -> None:
        """Enable one."""

    def delete_profile(self, profile_id: str) -> None:
        """Delete one; quietly if it is gone."""

    def tags(self, arn: str) -> Mapping[str, str]:
        """Tags of a trust anchor or profile."""


class PrivateCA(Protocol):
    """acm-pca of one account and region."""

    def create(self, wanted: CreatePrivateCA, *, token: str, tags: Mapping[str, str]) -> str:
        """Ask for a CA; gives its ARN. The same ``token`` within 5 minutes gives the same CA."""

    def authorities(self) -> tuple[AuthorityRecord, ...]:
        """List our account's CAs, deleted ones left out."""

    def describe(self, arn: str) -> AuthorityRecord:
        """One CA. Raises ``NotFound``."""

    def tags(self, arn: str) -> Mapping[str, str]:
        """Tags of a CA."""

    def csr(self, arn: str) -> str | None:
        """PEM of the request for the CA's own certificate; None while it is in the making."""

    def issue(
        self,
        arn: str,
        *,
        csr: bytes,
        signing_algorithm: str,
        template: str,
        not_after: datetime,
        token: str,
    ) -> str:
        """Ask for a certificate; gives its ARN. ``template`` as ``EndEntityClientAuth…/V1``.

        Validity is sent as ABSOLUTE. The same arguments and token within 5 minutes give the same
        certificate (https://docs.aws.amazon.com/privateca/latest/APIReference/API_IssueCertificate.html).
        """

    def certificate(self, arn: str, certificate_arn: str) -> IssuedCertificate | None:
        """Give an issued certificate, or None while acm-pca is still at it."""

    def install(self, arn: str, certificate: str) -> None:
        """Install a root CA's own certificate."""

    def authority_certificate(self, arn: str) -> IssuedCertificate:
        """Give the CA's own certificate (and its chain, empty for a root)."""

    def delete(self, arn: str, *, restorable_days: int) -> None:
        """Disable and delete a CA; quietly if it is gone or deleted already."""


class Iam(Protocol):
    """IAM of one account."""

    def role(self, name: str) -> RoleRecord | None:
        """One role with everything attached, or None."""

    def role_trust(self, name: str) -> RoleRecord | None:
        """One role, trust policy and tags only; answers may be a few seconds old and shared."""

    def fresh_trust(self, name: str) -> RoleRecord | None:
        """One role, trust policy and tags only, asked for now: to be changed and written back."""

    def create_role(self, settings: RoleSettings) -> RoleRecord:
        """Create a role without policies yet. Raises ``AlreadyExists``."""

    def update_role(self, name: str, *, max_session_duration_seconds: int) -> None:
        """Change the longest session."""

    def set_trust_policy(
        self, name: str, policy: PolicyDocument, *, replacing: PolicyDocument
    ) -> None:
        """Replace the trust policy; ``replacing`` is what was read before.

        For a while after, a read that shows it again is IAM's lag, and gives ``policy`` instead.
        """

    def tag_role(self, name: str, tags: Mapping[str, str]) -> None:
        """Set tags; others stay."""

    def set_boundary(self, name: str, policy_arn: str | None) -> None:
        """Put or take away the permissions boundary."""

    def attach_policy(self, name: str, policy_arn: str) -> None:
        """Attach a managed policy."""

    def detach_policy(self, name: str, policy_arn: str) -> None:
        """Detach a managed policy; quietly if it is not attached."""

    def put_inline_policy(self, name: str, policy_name: str, document: PolicyDocument) -> None:
        """Write an inline policy."""

    def delete_inline_policy(self, name: str, policy_name: str) -> None:
        """Delete an inline policy; quietly if it is gone."""

    def delete_role(self, name: str) -> None:
        """Detach and delete all that hangs on a role, then the role; quietly if it is gone."""


class Sessions(Protocol):
    """CreateSession, as a workload does it."""

    def reserve(self) -> float:
        """Take the next turn within the account's rate; gives seconds until it comes."""

    def create_session(self, request: SessionRequest) -> SessionRecord:
        """Ask for a session. AWS's refusal is a ``Trouble`` with SESSION_REFUSED."""


class Aws(Protocol):
    """AWS, by region. Clients are shared; calls pass one throttle per account, region, family."""

    def roles_anywhere(self, region: str) -> RolesAnywhere:
        """Roles Anywhere of a region."""

    def private_ca(self, region: str) -> PrivateCA:
        """Private CA of a region."""

    def iam(self) -> Iam:
        """IAM (global within the partition)."""

    def sessions(self, region: str) -> Sessions:
        """CreateSession in a region."""

    def account(self) -> str:
        """Give the account's id, 12 digits."""
