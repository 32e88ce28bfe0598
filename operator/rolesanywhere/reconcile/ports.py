"""What the use cases need from the world. ``aws``, ``kube`` and ``pki`` fit these by shape.

Every method may raise ``domain.trouble.Trouble``; no other exception is expected from an adapter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from rolesanywhere.api.authority import CASubject, KeyAlgorithm
from rolesanywhere.api.trust_anchor import CreatePrivateCA
from rolesanywhere.domain.certificate import CertificateFacts, KeyPair
from rolesanywhere.domain.observed import (
    AnchorSource,
    AuthorityRecord,
    IssuedCertificate,
    PolicyDocument,
    ProfileRecord,
    ProfileSettings,
    RoleRecord,
    RoleSettings,
    SecretRecord,
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

    def create_role(self, settings: RoleSettings) -> RoleRecord:
        """Create a role without policies yet. Raises ``AlreadyExists``."""

    def update_role(self, name: str, *, max_session_duration_seconds: int) -> None:
        """Change the longest session."""

    def set_trust_policy(self, name: str, policy: PolicyDocument) -> None:
        """Replace the trust policy."""

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


class OwnAuthority(Protocol):
    """A loaded own CA: signs leaves. Its key never shows."""

    @property
    def facts(self) -> CertificateFacts:
        """The CA certificate."""

    @property
    def certificate(self) -> str:
        """The CA certificate, PEM."""

    def issue(self, csr: bytes, *, not_before: datetime, not_after: datetime) -> bytes:
        """Sign a request as acm-pca's EndEntityClientAuthCertificate/V1 would; gives PEM."""


class Pki(Protocol):
    """Keys and certificates."""

    def request(
        self,
        algorithm: KeyAlgorithm,
        *,
        common_name: str,
        organizational_unit: str | None,
        organization: str | None,
        uri: str,
    ) -> KeyPair:
        """Make a new key and a request for it; ``uri`` is the first and only SAN."""

    def create_own_authority(
        self,
        algorithm: KeyAlgorithm,
        subject: CASubject,
        *,
        not_before: datetime,
        not_after: datetime,
    ) -> KeyPair:
        """Make a new self-signed CA: CA:true, pathLen 0, keyCertSign and cRLSign."""

    def load_own_authority(self, private_key: bytes, certificate: bytes) -> OwnAuthority:
        """Load a CA. Raises ``Refusal`` (CA_SECRET_INVALID): unreadable, key differs, not a CA."""

    def inspect(self, certificates: bytes) -> tuple[CertificateFacts, ...]:
        """Parse a PEM bundle, in order. Raises ``Refusal`` when there is no certificate in it."""

    def key_matches(self, private_key: bytes, certificate: bytes) -> bool:
        """Tell whether the first certificate belongs to the key; False for unreadable input."""

    def chain_for(self, issued: IssuedCertificate) -> tuple[bytes, bytes]:
        """Split into (leaf + intermediates without root, root), both PEM."""


class Secrets(Protocol):
    """Secrets of the cluster."""

    def read(self, namespace: str, name: str) -> SecretRecord | None:
        """Read one; None if there is none."""

    def create(self, secret: SecretRecord) -> SecretRecord:
        """Create one. Raises ``AlreadyExists``."""

    def replace(self, secret: SecretRecord) -> SecretRecord:
        """Replace all of one at its ``resource_version``. Raises ``Conflict`` or ``NotFound``."""

    def delete(self, secret: SecretRecord) -> None:
        """Delete exactly the one read (by uid); quietly if it is gone."""


class Namespaces(Protocol):
    """Namespaces of the cluster."""

    def labels(self, name: str) -> Mapping[str, str]:
        """Labels of a namespace, a few seconds old at most. Raises ``NotFound``."""


@dataclass(frozen=True, slots=True)
class KubernetesObject:
    """One of our objects as last seen: ``body`` is its JSON."""

    namespace: str | None
    name: str
    uid: str
    body: Mapping[str, object]


class Objects(Protocol):
    """Our own kinds as the watch last showed them: cheap, and maybe a moment old."""

    def trust_anchor(self, name: str) -> KubernetesObject | None:
        """One TrustAnchor."""

    def profile(self, name: str) -> KubernetesObject | None:
        """One Profile."""

    def profiles_of(self, trust_anchor: str) -> Iterable[KubernetesObject]:
        """List the Profiles that refer to a TrustAnchor."""

    def identities_of(self, profile: str) -> Iterable[KubernetesObject]:
        """List the WorkloadIdentities that refer to a Profile."""


class Clock(Protocol):
    """Time as an argument."""

    def now(self) -> datetime:
        """UTC now."""
