"""A status in the making: what a step reached is kept when a later one fails."""

from dataclasses import dataclass

from rolesanywhere.api.profile import ProfileEntry, ProfileStatus
from rolesanywhere.api.trust_anchor import CertificateAuthorityStatus, TrustAnchorStatus
from rolesanywhere.api.workload_identity import (
    CertificateStatus,
    IssuanceStatus,
    SessionStatus,
    WorkloadIdentityStatus,
)


@dataclass(slots=True)
class AnchorDraft:
    """A TrustAnchor's status without conditions."""

    arn: str | None
    anchor_id: str | None
    account: str | None
    authority: CertificateAuthorityStatus | None

    @classmethod
    def of(cls, status: TrustAnchorStatus) -> "AnchorDraft":
        """Begin with what is known."""
        return cls(status.arn, status.anchor_id, status.account, status.certificate_authority)

    def status(self) -> TrustAnchorStatus:
        """Give the status so far."""
        return TrustAnchorStatus(
            arn=self.arn,
            anchor_id=self.anchor_id,
            account=self.account,
            certificate_authority=self.authority,
        )


@dataclass(slots=True)
class ProfileDraft:
    """A Profile's status without conditions."""

    profiles: tuple[ProfileEntry, ...]

    @classmethod
    def of(cls, status: ProfileStatus) -> "ProfileDraft":
        """Begin with what is known."""
        return cls(status.profiles)

    def status(self) -> ProfileStatus:
        """Give the status so far."""
        return ProfileStatus(profiles=self.profiles)


@dataclass(slots=True)
class IdentityDraft:
    """A WorkloadIdentity's status without conditions."""

    role_arn: str | None
    profile_arn: str | None
    trust_anchor_arn: str | None
    secret_name: str | None
    certificate: CertificateStatus | None
    issuance: IssuanceStatus | None
    session: SessionStatus | None

    @classmethod
    def of(cls, status: WorkloadIdentityStatus) -> "IdentityDraft":
        """Begin with what is known."""
        return cls(
            role_arn=status.role_arn,
            profile_arn=status.profile_arn,
            trust_anchor_arn=status.trust_anchor_arn,
            secret_name=status.secret_name,
            certificate=status.certificate,
            issuance=status.issuance,
            session=status.session,
        )

    def status(self) -> WorkloadIdentityStatus:
        """Give the status so far."""
        return WorkloadIdentityStatus(
            role_arn=self.role_arn,
            profile_arn=self.profile_arn,
            trust_anchor_arn=self.trust_anchor_arn,
            secret_name=self.secret_name,
            certificate=self.certificate,
            issuance=self.issuance,
            session=self.session,
        )
