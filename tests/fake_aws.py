"""AWS in memory: Roles Anywhere, IAM, and sessions granted or refused for the reasons AWS has."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

import msgspec
from tests.fake_private_ca import FakePrivateCA
from tests.fakes import ACCOUNT, FakeClock, Wire, carried

from rolesanywhere.api.conditions import Reason
from rolesanywhere.api.names import ROLES_ANYWHERE_PRINCIPAL
from rolesanywhere.domain.observed import (
    AnchorSource,
    PolicyDocument,
    ProfileRecord,
    ProfileSettings,
    RoleRecord,
    RoleSettings,
    SessionRecord,
    TrustAnchorRecord,
)
from rolesanywhere.domain.policy_evaluation import AccessRequest, Principal, evaluate
from rolesanywhere.domain.principal_tags import session_tags, source_identity
from rolesanywhere.domain.session import SessionRequest
from rolesanywhere.domain.trouble import AlreadyExists, NotFound, Refusal, Trouble
from rolesanywhere.domain.trust_policy import ACTIONS
from rolesanywhere.pki import inspection, pairs, path
from rolesanywhere.pki.certificates import parse_pem, to_der

_SERVICE: Final = Principal("Service", ROLES_ANYWHERE_PRINCIPAL)


@dataclass
class FakeRolesAnywhere:
    """The Roles Anywhere control plane of one region. ``vouched`` is the CA as an anchor knows it.

    AWS reads a Private CA's certificate only when an anchor is created or updated.
    """

    wire: Wire
    authorities: FakePrivateCA
    region: str
    service: str = "ra"
    anchors: dict[str, TrustAnchorRecord] = field(default_factory=dict)
    kept_profiles: dict[str, ProfileRecord] = field(default_factory=dict)
    vouched: dict[str, str] = field(default_factory=dict)
    tags_by_arn: dict[str, dict[str, str]] = field(default_factory=dict)
    _made: int = 0

    @carried
    def trust_anchors(self) -> tuple[TrustAnchorRecord, ...]:
        """List trust anchors."""
        return tuple(self.anchors.values())

    @carried
    def create_trust_anchor(
        self, *, name: str, source: AnchorSource, tags: Mapping[str, str]
    ) -> TrustAnchorRecord:
        """Create one, enabled. No name is ever taken, and there are no tokens."""
        certificate = self._certificate(source)
        anchor_id = self._next_id()
        arn = f"arn:aws:rolesanywhere:{self.region}:{ACCOUNT}:trust-anchor/{anchor_id}"
        self.anchors[anchor_id] = TrustAnchorRecord(anchor_id, arn, name, source, enabled=True)
        self.vouched[anchor_id] = certificate
        self.tags_by_arn[arn] = dict(tags)
        return self.anchors[anchor_id]

    @carried
    def update_trust_anchor(self, anchor_id: str, *, name: str, source: AnchorSource) -> None:
        """Change name and source, of which the kind must stay."""
        held = self._anchor(anchor_id)
        if (held.source.bundle is None) != (source.bundle is None):
            raise Refusal(Reason.AWS_REFUSED, "AWS refused: ValidationException: sourceType")
        self.vouched[anchor_id] = self._certificate(source)
        self.anchors[anchor_id] = replace(held, name=name, source=source)

    @carried
    def enable_trust_anchor(self, anchor_id: str) -> None:
        """Enable one."""
        self.anchors[anchor_id] = replace(self._anchor(anchor_id), enabled=True)

    @carried
    def delete_trust_anchor(self, anchor_id: str) -> None:
        """Delete one."""
        self.anchors.pop(anchor_id, None)

    @carried
    def profiles(self) -> tuple[ProfileRecord, ...]:
        """List profiles."""
        return tuple(self.kept_profiles.values())

    @carried
    def create_profile(
        self, settings: ProfileSettings, *, tags: Mapping[str, str]
    ) -> ProfileRecord:
        """Create one, enabled."""
        profile_id = self._next_id()
        arn = f"arn:aws:rolesanywhere:{self.region}:{ACCOUNT}:profile/{profile_id}"
        self.kept_profiles[profile_id] = ProfileRecord(
            profile_id, arn, enabled=True, settings=_checked(settings)
        )
        self.tags_by_arn[arn] = dict(tags)
        return self.kept_profiles[profile_id]

    @carried
    def update_profile(self, profile_id: str, settings: ProfileSettings) -> None:
        """Change all settings; without a session policy in them the present one stays."""
        held = self._profile(profile_id)
        policy = settings.session_policy or held.settings.session_policy
        changed = replace(_checked(settings), session_policy=policy)
        self.kept_profiles[profile_id] = replace(held, settings=changed)

    @carried
    def enable_profile(self, profile_id: str) -> None:
        """Enable one."""
        self.kept_profiles[profile_id] = replace(self._profile(profile_id), enabled=True)

    @carried
    def delete_profile(self, profile_id: str) -> None:
        """Delete one."""
        self.kept_profiles.pop(profile_id, None)

    @carried
    def tags(self, arn: str) -> Mapping[str, str]:
        """Tags of an anchor or profile."""
        return self.tags_by_arn.get(arn, {})

    def _certificate(self, source: AnchorSource) -> str:
        if source.bundle is not None:
            return source.bundle
        authority = self.authorities.made[source.private_ca_arn or ""]
        if authority.certificate is None or self.authorities.state(authority) != "ACTIVE":
            message = "AWS refused: Given AWS PCA did not allow get request"
            raise Trouble(Reason.CA_NOT_ACTIVE, message)
        return authority.certificate

    def _anchor(self, anchor_id: str) -> TrustAnchorRecord:
        if anchor_id not in self.anchors:
            raise NotFound(Reason.AWS_REFUSED, f"AWS found nothing for {anchor_id}")
        return self.anchors[anchor_id]

    def _profile(self, profile_id: str) -> ProfileRecord:
        if profile_id not in self.kept_profiles:
            raise NotFound(Reason.AWS_REFUSED, f"AWS found nothing for {profile_id}")
        return self.kept_profiles[profile_id]

    def _next_id(self) -> str:
        self._made += 1
        return f"00000000-0000-4000-8000-{self._made:012}"


def _checked(settings: ProfileSettings) -> ProfileSettings:
    if len(settings.role_arns) > 250 or not 900 <= settings.duration_seconds <= 43200:
        raise Refusal(Reason.AWS_REFUSED, "AWS refused: ValidationException")
    return settings


@dataclass
class FakeIam:
    """IAM roles. Policies come back as IAM gives them: in another order, lists of one as values.

    ``outdated`` is what ``role_trust`` still shows.
    """

    wire: Wire
    service: str = "iam"
    roles: dict[str, RoleRecord] = field(default_factory=dict)  # by name in lower case
    outdated: dict[str, RoleRecord | None] = field(default_factory=dict)

    @carried
    def role(self, name: str) -> RoleRecord | None:
        """One role with all that hangs on it."""
        return self.roles.get(name.lower())

    @carried
    def role_trust(self, name: str) -> RoleRecord | None:
        """One role without its policies."""
        role = self.outdated.get(name.lower(), self.roles.get(name.lower()))
        return replace(role, policy_arns=frozenset(), inline_policies={}) if role else None

    @carried
    def fresh_trust(self, name: str) -> RoleRecord | None:
        """One role without its policies, as it is now."""
        role = self.roles.get(name.lower())
        return replace(role, policy_arns=frozenset(), inline_policies={}) if role else None

    @carried
    def tag_role(self, name: str, tags: Mapping[str, str]) -> None:
        """Set tags."""
        self.change(name, tags={**self._get(name).tags, **tags})

    @carried
    def create_role(self, settings: RoleSettings) -> RoleRecord:
        """Create one without policies."""
        if settings.name.lower() in self.roles:
            message = f"AWS refused CreateRole {settings.name}: EntityAlreadyExists"
            raise AlreadyExists(Reason.ROLE_NAME_TAKEN, message)
        self.bring(
            settings.name,
            path=settings.path,
            trust_policy=settings.trust_policy,
            max_session_duration_seconds=settings.max_session_duration_seconds,
            permissions_boundary_arn=settings.permissions_boundary_arn,
            tags=settings.tags,
        )
        return self.roles[settings.name.lower()]

    @carried
    def update_role(self, name: str, *, max_session_duration_seconds: int) -> None:
        """Change the longest session."""
        self.change(name, max_session_duration_seconds=max_session_duration_seconds)

    @carried
    def set_trust_policy(
        self,
        name: str,
        policy: PolicyDocument,
        *,
        replacing: PolicyDocument,  # noqa: ARG002 - the port's; this IAM does not lag
    ) -> None:
        """Replace the trust policy, which must have a statement."""
        if not policy["Statement"]:
            raise Refusal(Reason.AWS_REFUSED, "AWS refused: MalformedPolicyDocument")
        self.change(name, trust_policy=_as_iam_gives_it(policy))

    @carried
    def set_boundary(self, name: str, policy_arn: str | None) -> None:
        """Put or take away the boundary."""
        self.change(name, permissions_boundary_arn=policy_arn)

    @carried
    def attach_policy(self, name: str, policy_arn: str) -> None:
        """Attach a policy."""
        self.change(name, policy_arns=self._get(name).policy_arns | {policy_arn})

    @carried
    def detach_policy(self, name: str, policy_arn: str) -> None:
        """Detach a policy."""
        self.change(name, policy_arns=self._get(name).policy_arns - {policy_arn})

    @carried
    def put_inline_policy(self, name: str, policy_name: str, document: PolicyDocument) -> None:
        """Write an inline policy."""
        policies = {**self._get(name).inline_policies, policy_name: document}
        self.change(name, inline_policies=policies)

    @carried
    def delete_inline_policy(self, name: str, policy_name: str) -> None:
        """Delete an inline policy."""
        policies = {**self._get(name).inline_policies}
        policies.pop(policy_name, None)
        self.change(name, inline_policies=policies)

    @carried
    def delete_role(self, name: str) -> None:
        """Delete one and all that hangs on it."""
        self.roles.pop(name.lower(), None)

    def bring(self, name: str, **given: Any) -> RoleRecord:  # noqa: ANN401 - any field of a record
        """Have a role that somebody made."""
        path_ = given.pop("path", "/")
        role = RoleRecord(
            name=name,
            arn=f"arn:aws:iam::{ACCOUNT}:role{path_}{name}",
            role_id=f"AROA{len(self.wire.calls):016}",
            path=path_,
            trust_policy={"Version": "2012-10-17", "Statement": []},
            max_session_duration_seconds=3600,
            permissions_boundary_arn=None,
            tags={},
            policy_arns=frozenset(),
            inline_policies={},
        )
        self.roles[name.lower()] = role
        self.change(name, **given)
        return self.roles[name.lower()]

    def change(self, name: str, **changes: Any) -> None:  # noqa: ANN401 - any field of a record
        """Change a role, as anybody with rights may."""
        if "trust_policy" in changes:
            changes["trust_policy"] = _as_iam_gives_it(changes["trust_policy"])
        self.roles[name.lower()] = replace(self._get(name), **changes)

    def _get(self, name: str) -> RoleRecord:
        if name.lower() not in self.roles:
            raise NotFound(Reason.ROLE_NOT_FOUND, f"AWS found nothing for role {name}")
        return self.roles[name.lower()]


def _as_iam_gives_it(policy: PolicyDocument) -> dict[str, Any]:
    copy: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(policy))
    for statement in copy["Statement"]:
        actions = statement["Action"]
        listed = sorted(actions, reverse=True) if isinstance(actions, list) else [actions]
        statement["Action"] = listed if len(listed) > 1 else listed[0]
    copy["Statement"].reverse()
    return copy


@dataclass
class FakeSessions:
    """CreateSession, judged from what Roles Anywhere and IAM hold. ``turns``: what is reserved."""

    wire: Wire
    clock: FakeClock
    roles_anywhere: FakeRolesAnywhere
    iam: FakeIam
    service: str = "sessions"
    waits: list[float] = field(default_factory=list)

    @carried
    def reserve(self) -> float:
        """Take a turn: now, unless ``waits`` says otherwise."""
        return self.waits.pop(0) if self.waits else 0.0

    @carried
    def create_session(self, request: SessionRequest) -> SessionRecord:
        """Grant a session or refuse it, in AWS's sparing words."""
        asked = request.configuration
        because = self._refusal(request)
        if because:
            message = (
                f"AWS refused CreateSession for {asked.role_arn}: AccessDeniedException: {because}"
            )
            raise Trouble(Reason.SESSION_REFUSED, message)
        serial = inspection.inspect(request.certificates)[0].serial
        name = asked.role_arn.rpartition("/")[2]
        return SessionRecord(
            assumed_role_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{serial:x}",
            expiration=self.clock.now() + timedelta(seconds=asked.session_duration_seconds),
            packed_policy_size=12,
        )

    def _refusal(self, request: SessionRequest) -> str:
        asked, remote = request.configuration, self.roles_anywhere
        anchors = {each.arn: each for each in remote.anchors.values() if each.enabled}
        anchor = anchors.get(asked.trust_anchor_arn)
        profiles = {each.arn: each for each in remote.kept_profiles.values() if each.enabled}
        profile = profiles.get(asked.profile_arn)
        if anchor is None or not self._is_trusted(request, remote.vouched[anchor.anchor_id]):
            return "Untrusted signing certificate"
        if profile is None or asked.role_arn not in profile.settings.role_arns:
            return "Role not in profile"
        role = {each.arn: each for each in self.iam.roles.values()}.get(asked.role_arn)
        if role is None or not _admits(role, request):
            return f"Unable to assume role for {asked.role_arn}"
        too_long = asked.session_duration_seconds > role.max_session_duration_seconds
        return "The requested DurationSeconds exceeds MaxSessionDuration" if too_long else ""

    def _is_trusted(self, request: SessionRequest, vouched: str) -> bool:
        if not pairs.key_matches(request.private_key, request.certificates):
            return False
        leaf, *others = map(to_der, parse_pem(request.certificates))
        try:
            path.validate(leaf, others, vouched, now=self.clock.now())
        except path.Untrusted:
            return False
        return True


def _admits(role: RoleRecord, request: SessionRequest) -> bool:
    leaf = inspection.inspect(request.certificates)[0]
    context = {f"aws:PrincipalTag/{tag}": (value,) for tag, value in session_tags(leaf).items()}
    context["aws:SourceArn"] = (request.configuration.trust_anchor_arn,)
    context["aws:SourceAccount"] = (ACCOUNT,)
    context["sts:SourceIdentity"] = (source_identity(leaf),)
    asked = [AccessRequest(action, None, _SERVICE, context) for action in ACTIONS]
    return all(evaluate([role.trust_policy], each).allowed for each in asked)


@dataclass
class FakeAws:
    """AWS, by region. ``private_cas`` and the like are for tests to look behind."""

    wire: Wire
    clock: FakeClock
    global_iam: FakeIam = field(init=False)
    private_cas: dict[str, FakePrivateCA] = field(default_factory=dict)
    control_planes: dict[str, FakeRolesAnywhere] = field(default_factory=dict)
    session_services: dict[str, FakeSessions] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with an account that has no roles."""
        self.global_iam = FakeIam(self.wire)

    def roles_anywhere(self, region: str) -> FakeRolesAnywhere:
        """Roles Anywhere of a region."""
        if region not in self.control_planes:
            remote = FakeRolesAnywhere(self.wire, self.private_ca(region), region)
            self.control_planes[region] = remote
        return self.control_planes[region]

    def private_ca(self, region: str) -> FakePrivateCA:
        """Private CA of a region."""
        if region not in self.private_cas:
            self.private_cas[region] = FakePrivateCA(self.wire, self.clock, region)
        return self.private_cas[region]

    def iam(self) -> FakeIam:
        """IAM."""
        return self.global_iam

    def sessions(self, region: str) -> FakeSessions:
        """CreateSession in a region."""
        if region not in self.session_services:
            remote = self.roles_anywhere(region)
            service = FakeSessions(self.wire, self.clock, remote, self.global_iam)
            self.session_services[region] = service
        return self.session_services[region]

    def account(self) -> str:
        """Give the account's id."""
        return ACCOUNT
