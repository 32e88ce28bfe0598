"""What an identity's certificate and role must be, from its own spec and its Profile's."""

from dataclasses import dataclass
from typing import Final

from rolesanywhere.api.authority import KeyAlgorithm, UsageMode
from rolesanywhere.api.conditions import Reason
from rolesanywhere.api.profile import ManagedRoles, ProfileSpec
from rolesanywhere.api.workload_identity import ManagedRole, RoleChoice, WorkloadIdentitySpec
from rolesanywhere.domain import admission, moments, naming, trust_policy
from rolesanywhere.domain.certificate import CertificateFacts
from rolesanywhere.domain.observed import RoleSettings
from rolesanywhere.domain.rotation import WantedCertificate
from rolesanywhere.domain.trouble import Refusal
from rolesanywhere.domain.trust_policy import TrustTerms

# https://docs.aws.amazon.com/privateca/latest/userguide/short-lived-certificates.html
LONGEST_ON_SHORT_LIVED_SECONDS: Final = 168 * 3600


@dataclass(frozen=True, slots=True)
class Who:
    """An identity and where it lives."""

    namespace: str
    name: str
    uid: str
    cluster_id: str
    trust_domain: str

    @property
    def sid(self) -> str:
        """Give the id of its statement in a trust policy."""
        return naming.statement_id(self.cluster_id, self.uid)


@dataclass(frozen=True, slots=True)
class Terms:
    """One identity's certificate, and the statement that admits exactly this certificate."""

    certificate: WantedCertificate
    algorithm: KeyAlgorithm
    trust: TrustTerms


def terms(
    who: Who,
    spec: WorkloadIdentitySpec,
    profile: ProfileSpec,
    *,
    anchor_arn: str,
    authority: CertificateFacts,
    usage_mode: UsageMode | None,
) -> Terms:
    """Work the terms out. Raises ``Refusal`` for what AWS would not take."""
    wanted = spec.certificate
    name = admission.common_name(spec, who.namespace)
    uri = naming.workload_uri(who.trust_domain, who.namespace, spec.service_account_name)
    algorithm = admission.key_algorithm(wanted.private_key)
    extra = spec.role.managed.trust_conditions if spec.role.managed is not None else {}
    return Terms(
        certificate=WantedCertificate(
            common_name=name,
            organizational_unit=profile.subject.organizational_unit,
            organization=profile.subject.organization,
            uri=uri,
            key_algorithm=algorithm.value,
            duration_seconds=_duration_seconds(wanted.duration, usage_mode),
            renew_at=moments.share(wanted.renew_at),
            identity_uid=who.uid,
        ),
        algorithm=algorithm,
        trust=TrustTerms(
            authority=authority,
            anchor_arn=anchor_arn,
            common_name=name,
            organizational_unit=profile.subject.organizational_unit,
            uri=uri,
            extra=extra,
        ),
    )


def role_name(who: Who, wanted: ManagedRole) -> str:
    """Give a managed role's name: given, or derived."""
    return wanted.name or naming.role_name(who.namespace, who.name, cluster_id=who.cluster_id)


def is_role_of(who: Who, choice: RoleChoice, role_arn: str) -> bool:
    """Tell whether a role is the one a spec chooses: this very ARN, or the managed one's name."""
    if choice.managed is not None:
        return role_arn.rpartition("/")[2].lower() == role_name(who, choice.managed).lower()
    return role_arn == choice.arn


def managed_role(
    who: Who,
    wanted: ManagedRole,
    bounds: ManagedRoles,
    trust: TrustTerms,
    tags: dict[str, str],
) -> RoleSettings:
    """Give the role to be created. Raises ``Refusal`` for a policy that is none."""
    return RoleSettings(
        name=role_name(who, wanted),
        path=bounds.path,
        trust_policy=trust_policy.document([trust_policy.statement(who.sid, trust)]),
        max_session_duration_seconds=moments.duration_seconds(bounds.max_session_duration),
        permissions_boundary_arn=bounds.permissions_boundary_arn,
        tags=tags,
        policy_arns=frozenset(wanted.policy_arns),
        inline_policies={
            name: admission.policy_json(text, f"spec.role.managed.inlinePolicies.{name}")
            for name, text in wanted.inline_policies.items()
        },
    )


def check_session_duration(role: str, longest_seconds: int, profile: str, asked: str) -> None:
    """Refuse sessions longer than the role's: AWS does not cut them, CreateSession fails.

    https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-create-session.html
    """
    if moments.duration_seconds(asked) <= longest_seconds:
        return
    raise Refusal(
        Reason.ROLE_NOT_ALLOWED,
        f"role {role} allows sessions of {longest_seconds} s, Profile {profile} asks for {asked}: "
        "raise the role's maximum session duration (spec.roles.managed.maxSessionDuration for "
        "managed roles), or lower the Profile's spec.sessionDuration",
    )


def _duration_seconds(text: str, usage_mode: UsageMode | None) -> int:
    seconds = moments.duration_seconds(text)
    if usage_mode is UsageMode.SHORT_LIVED and seconds > LONGEST_ON_SHORT_LIVED_SECONDS:
        raise Refusal(
            Reason.INVALID_SPEC,
            f"spec.certificate.duration {text} is more than the 168h a short-lived Private CA "
            "issues for: ask for 168h or less",
        )
    return seconds
