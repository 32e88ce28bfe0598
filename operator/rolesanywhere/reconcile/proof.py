"""The proof that an identity works: CreateSession as the workload, recorded in its status."""

from datetime import timedelta
from typing import Final

from rolesanywhere.api import names
from rolesanywhere.api.conditions import ConditionStatus, ConditionType, Reason
from rolesanywhere.api.workload_identity import SessionStatus
from rolesanywhere.domain import conditions, moments
from rolesanywhere.domain.conditions import Finding, fails, holds
from rolesanywhere.domain.observed import SecretRecord
from rolesanywhere.domain.session import SessionRequest
from rolesanywhere.domain.trouble import Trouble
from rolesanywhere.domain.trust_explanation import refusals
from rolesanywhere.reconcile import identity_secret
from rolesanywhere.reconcile.identity import Case
from rolesanywhere.reconcile.world import World

TURNS: Final = "session"
# IAM says that changes take some seconds to be seen everywhere:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
SETTLING: Final = timedelta(seconds=30)
SETTLING_SECONDS: Final = 3.0  # until the next try meanwhile


def ensure(case: Case, secret: SecretRecord, *, role_is_well: bool, world: World) -> Finding:
    """Prove it unless it is proven. Raises ``Trouble``: AWS is away, or the quota is used up."""
    if role_is_well and _is_proven(case, world):
        return holds(ConditionType.SESSION_VERIFIED, _message(case.draft.session))
    _wait_for_turn(case, world)
    try:
        session = world.aws.sessions(case.anchorage.region).create_session(
            SessionRequest(
                configuration=identity_secret.agent_configuration(case, world),
                private_key=secret.data[names.TLS_KEY],
                certificates=secret.data[names.TLS_CRT],
            )
        )
    except Trouble as trouble:
        return _refused(case, trouble, role_is_well=role_is_well, world=world)
    certificate = case.draft.certificate
    case.draft.session = SessionStatus(
        assumed_role_arn=session.assumed_role_arn,
        expiration=moments.show(session.expiration),
        checked_at=moments.show(world.clock.now()),
        certificate_serial=certificate.serial if certificate is not None else "",
        role_arn=case.draft.role_arn or "",
        packed_policy_size=session.packed_policy_size,
    )
    return holds(ConditionType.SESSION_VERIFIED, _message(case.draft.session))


def _message(session: SessionStatus | None) -> str:
    return f"AWS granted {session.assumed_role_arn}" if session is not None else ""


def _is_proven(case: Case, world: World) -> bool:
    """Tell whether the last proof still speaks of what is there now."""
    status, session, certificate = case.identity.status, case.draft.session, case.draft.certificate
    if session is None or certificate is None:
        return False
    age = world.clock.now() - moments.read(session.checked_at)
    return (
        conditions.is_true(status.conditions, ConditionType.SESSION_VERIFIED)
        and session.certificate_serial == certificate.serial
        and session.role_arn == case.draft.role_arn
        and status.profile_arn == case.draft.profile_arn
        and status.trust_anchor_arn == case.draft.trust_anchor_arn
        and timedelta() <= age < timedelta(seconds=world.settings.proof_seconds)
    )


def _wait_for_turn(case: Case, world: World) -> None:
    """Take a turn within CreateSession's rate; a turn once promised is kept."""
    now, uid = world.clock.now(), case.identity.uid
    turn = world.turns.get(TURNS, uid)
    if turn is None:
        wait = world.aws.sessions(case.anchorage.region).reserve()
        turn = moments.after(now, wait)
        world.turns.note(TURNS, uid, turn)
    if turn > now:
        # The time, not the seconds left: they would be another status at each look.
        raise Trouble(
            Reason.WAITING_FOR_QUOTA,
            f"CreateSession waits its turn within the account's rate, at {moments.show(turn)}",
            retry_after=(turn - now).total_seconds(),
        )
    world.turns.forget(TURNS, uid)


def _refused(case: Case, trouble: Trouble, *, role_is_well: bool, world: World) -> Finding:
    """Say what AWS said and, since it never says why, what the trust policy has against it."""
    if trouble.reason is not Reason.SESSION_REFUSED:
        raise trouble
    case.draft.session = None
    if role_is_well and _is_settling(case, world):
        raise Trouble(
            Reason.PENDING,
            f"AWS does not know the new role everywhere yet: {trouble.message}",
            retry_after=SETTLING_SECONDS,
        )
    why = _why(case, world)
    return fails(
        ConditionType.SESSION_VERIFIED,
        Reason.SESSION_REFUSED,
        f"{trouble.message}{f' ({why})' if why else ''}",
    )


def _why(case: Case, world: World) -> str:
    name = (case.draft.role_arn or "").rpartition("/")[2]
    try:
        role = world.aws.iam().role_trust(name)
        found = refusals(role.trust_policy, case.terms.trust) if role is not None else ()
    except Trouble:
        return ""
    return f"role {name}: {'; '.join(found)}" if found else ""


def _is_settling(case: Case, world: World) -> bool:
    """Tell whether role and trust policy became what they are only just now."""
    last = conditions.find(case.identity.status.conditions, ConditionType.ROLE_READY)
    if last is None or last.status is not ConditionStatus.TRUE:
        return True
    return world.clock.now() - moments.read(last.last_transition_time) < SETTLING
