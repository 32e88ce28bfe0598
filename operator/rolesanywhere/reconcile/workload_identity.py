"""WorkloadIdentity: admitted, given a role, a certificate and a proof, in this order."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from rolesanywhere.api.conditions import ConditionStatus, ConditionType, Reason
from rolesanywhere.domain import moments
from rolesanywhere.domain.conditions import Finding, holds
from rolesanywhere.domain.observed import SecretRecord
from rolesanywhere.domain.trouble import Refusal, Trouble
from rolesanywhere.reconcile import (
    dependencies,
    identity_certificate,
    identity_role,
    identity_secret,
    private_issuance,
    proof,
    remote_profile,
    resource,
)
from rolesanywhere.reconcile import identity as identities
from rolesanywhere.reconcile.draft import IdentityDraft
from rolesanywhere.reconcile.identity import Case
from rolesanywhere.reconcile.outcome import (
    UNDER_WAY_SECONDS,
    Calm,
    Outcome,
    Step,
    climb,
    conclude,
)
from rolesanywhere.reconcile.resource import Body, WorkloadIdentity
from rolesanywhere.reconcile.world import World

NOT_ADMITTED: Final = frozenset({Reason.NAMESPACE_NOT_ALLOWED, Reason.ROLE_NOT_ALLOWED})


def reconcile(body: Body, world: World) -> Outcome:
    """Bring role, certificate and Secret in line, and prove that they work.

    Raises ``Refusal`` for a spec that cannot be read.
    """
    identity = resource.workload_identity(body)
    run = _Run(identity, IdentityDraft.of(identity.status), world)
    climbed = climb(
        (
            Step(ConditionType.ADMITTED, run.admit),
            Step(ConditionType.ROLE_READY, run.role, needs=(ConditionType.ADMITTED,)),
            # Not the role: a certificate is renewed also while IAM is away.
            Step(ConditionType.CERTIFICATE_READY, run.certificate, needs=(ConditionType.ADMITTED,)),
            Step(
                ConditionType.SESSION_VERIFIED,
                run.proof,
                needs=(ConditionType.ROLE_READY, ConditionType.CERTIFICATE_READY),
            ),
        )
    )
    outcome = conclude(
        run.draft.status(),
        identity.status.conditions,
        climbed,
        generation=identity.generation,
        now=world.clock.now(),
        calm=Calm(_well_seconds(run.draft, world), world.settings.refused_seconds),
        optional=ConditionType.SESSION_VERIFIED,
    )
    return _hurried(outcome, climbed.findings)


def delete(body: Body, world: World) -> None:
    """Take everything back, in whatever state things are. Raises ``Trouble`` to come again."""
    identity = resource.deleted_identity(body)
    private_issuance.discard(identity, world)
    for name in {identity_secret.name_of(identity), identity.status.secret_name} - {None}:
        identity_secret.delete(identity, name or "", world)
    identity_role.delete(identity, world)
    _leave_profile(identity, world)


@dataclass(slots=True)
class _Run:
    """The steps of one pass; each builds on what those it needs left here."""

    identity: WorkloadIdentity
    draft: IdentityDraft
    world: World
    case: Case = field(init=False)
    secret: SecretRecord = field(init=False)
    role_is_well: bool = False

    def admit(self) -> Finding:
        identity_role.leave_previous(self.identity, self.draft, self.world)
        try:
            self.case = identities.admit(self.identity, self.draft, self.world)
        except Refusal as refusal:
            if refusal.reason in NOT_ADMITTED:
                identity_role.withdraw(self.identity, self.world)
            raise
        return holds(
            ConditionType.ADMITTED,
            f"Profile {self.case.profile.name} allows namespace {self.case.namespace} and the role",
        )

    def role(self) -> Finding:
        finding = identity_role.ensure(self.case, self.world)
        self.role_is_well = finding.status is ConditionStatus.TRUE
        return finding

    def certificate(self) -> Finding:
        if self.draft.role_arn is None or self.draft.profile_arn is None:
            raise Trouble(Reason.PENDING, "waits for the role, which the agent must be told")
        self.secret, finding = identity_certificate.ensure(self.case, self.world)
        return finding

    def proof(self) -> Finding:
        return proof.ensure(
            self.case, self.secret, role_is_well=self.role_is_well, world=self.world
        )


def _well_seconds(draft: IdentityDraft, world: World) -> float:
    """Give when to look again at an identity that is well: in time for its renewal."""
    if draft.issuance is not None:
        return UNDER_WAY_SECONDS
    if draft.certificate is None:
        return world.settings.resync_seconds
    left = (moments.read(draft.certificate.renew_at) - world.clock.now()).total_seconds()
    if left <= 0:  # near its CA's end there is nothing to renew it to
        return world.settings.resync_seconds
    return max(UNDER_WAY_SECONDS, min(world.settings.resync_seconds, left))


def _hurried(outcome: Outcome, findings: tuple[Finding, ...]) -> Outcome:
    """Come back at once to repair what was only said, and with growing patience to a refusal."""
    reasons = {finding.reason for finding in findings if finding.status is ConditionStatus.FALSE}
    if Reason.TRUST_POLICY_CHANGED in reasons:
        return replace(outcome, next_seconds=UNDER_WAY_SECONDS, failed=False)
    if Reason.SESSION_REFUSED in reasons:
        return replace(outcome, next_seconds=0.0, failed=True)
    return outcome


def _leave_profile(identity: WorkloadIdentity, world: World) -> None:
    """Take the role off the profile's list, unless another identity has it too.

    As well as it can be done now: the Profile looks at its list by itself, and what is wrong with
    the Profile must not hold an identity's deletion up.
    """
    with suppress(Trouble):
        profile = dependencies.profile_named(identity.spec.profile_ref.name, world)
        if identity.status.role_arn is not None:
            world.joining.forget(profile.uid, identity.status.role_arn)
        if not profile.is_deleting and profile.status.profiles:
            region = dependencies.anchorage_of(profile, world).region
            remote_profile.ensure(profile, region, world)
