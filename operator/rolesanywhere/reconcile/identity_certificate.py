"""An identity's certificate: kept while it is good, issued again when a check says why."""

from datetime import datetime

from rolesanywhere.api import names
from rolesanywhere.api.conditions import ConditionType, Reason
from rolesanywhere.api.workload_identity import CertificateStatus
from rolesanywhere.domain import moments, rotation
from rolesanywhere.domain.certificate import serial_hex
from rolesanywhere.domain.conditions import Finding, holds
from rolesanywhere.domain.observed import SecretRecord
from rolesanywhere.domain.rotation import HeldCertificate, IssueReason, RotationInput, Violation
from rolesanywhere.domain.trouble import Refusal, Trouble
from rolesanywhere.reconcile import identity_secret, own_issuance, private_issuance
from rolesanywhere.reconcile.identity import Case
from rolesanywhere.reconcile.identity_secret import Issued
from rolesanywhere.reconcile.world import World


def ensure(case: Case, world: World) -> tuple[SecretRecord, Finding]:
    """Have a good certificate in the Secret; gives the Secret for the proof, and what to say.

    Raises ``Trouble`` while the certificate is being issued, unless another serves meanwhile.
    """
    case.draft.secret_name = identity_secret.name_of(case.identity)
    secret, now = identity_secret.read(case, world), world.clock.now()
    held = identity_secret.held(secret, world)
    violation = _violation(case, held, now)
    if violation is not None or secret is None or held is None:
        try:
            secret = _issue(case, secret, held, world)
        except Trouble as trouble:
            if secret is None or not _serves_meanwhile(trouble, violation, held, now):
                raise
            return secret, _finding(case, secret, held, "; its successor is being issued")
        held = identity_secret.held(secret, world)
    else:
        found, secret = secret, identity_secret.configure(case, secret, world)
        if secret is not found:  # the proof was of what the agent was told before
            case.draft.session = None
    finding = _finding(case, secret, held)
    private_issuance.tidy(case, world)
    _leave_previous(case, secret.name, world)
    return secret, finding


def _serves_meanwhile(
    trouble: Trouble, violation: Violation | None, held: HeldCertificate | None, now: datetime
) -> bool:
    """Tell whether nothing is wrong but that it is time: the present certificate still serves."""
    return (
        trouble.reason is Reason.ISSUING
        and violation is not None
        and violation.reason is IssueReason.RENEWING
        and held is not None
        and held.leaf is not None
        and now < held.leaf.not_after
    )


def _finding(
    case: Case, secret: SecretRecord, held: HeldCertificate | None, more: str = ""
) -> Finding:
    """Note the certificate in the draft, and say which it is."""
    shown = case.draft.certificate = _status(case, secret, held)
    message = f"certificate {shown.serial} in Secret {secret.name} until {shown.not_after}{more}"
    return holds(ConditionType.CERTIFICATE_READY, message)


def _leave_previous(case: Case, name: str, world: World) -> None:
    """Delete the Secret of another name that the spec chose before: nobody would renew it."""
    previous = case.identity.status.secret_name
    if previous is not None and previous != name:
        identity_secret.delete(case.identity, previous, world)


def _issue(
    case: Case, secret: SecretRecord | None, held: HeldCertificate | None, world: World
) -> SecretRecord:
    if case.anchorage.facts.not_after <= world.clock.now():
        end = moments.show(case.anchorage.facts.not_after)
        raise Refusal(
            Reason.CA_EXPIRED,
            f"the CA of TrustAnchor {case.anchorage.anchor.name} expired at {end}: renew it",
        )
    if case.anchorage.authority.arn is not None:
        issued = private_issuance.issue(case, held, world)
        _require_as_asked(case, issued, world)
    else:
        issued = own_issuance.issue(case, world)
    return identity_secret.write(case, secret, issued, world)


def _require_as_asked(case: Case, issued: Issued, world: World) -> None:
    """Show nobody a certificate that is not the one the spec asks for.

    The request lay in a Secret meanwhile: whoever may write there could have put another in.
    """
    held = HeldCertificate(
        leaf=world.pki.inspect(issued.certificates)[0],
        key_matches=world.pki.key_matches(issued.private_key, issued.certificates),
        issued_at=issued.issued_at,
        root_fingerprint=identity_secret.authority_fingerprint(case.anchorage.facts),
    )
    violation = _violation(case, held, issued.issued_at)
    if violation is not None:
        private_issuance.discard(case.identity, world)
        raise Trouble(
            Reason.AWS_REFUSED,
            f"AWS Private CA issued another certificate than {case.path} asks for "
            f"({violation.message}): somebody changed its request, and it is made anew",
        )


def _violation(case: Case, held: HeldCertificate | None, now: datetime) -> Violation | None:
    return rotation.first_violation(
        RotationInput(
            wanted=case.terms.certificate,
            held=held,
            authority=case.anchorage.facts,
            root_fingerprint=identity_secret.authority_fingerprint(case.anchorage.facts),
            now=now,
        )
    )


def _status(case: Case, secret: SecretRecord, held: HeldCertificate | None) -> CertificateStatus:
    if held is None or held.leaf is None:  # just issued and just read: cannot be
        message = f"the certificate just written to {secret.namespace}/{secret.name} is unreadable"
        raise Refusal(Reason.INTERNAL_ERROR, message)
    wanted, leaf = case.terms.certificate, held.leaf
    renew_at = rotation.renewal_time(
        held.issued_at,
        leaf.not_after,
        renew_at=wanted.renew_at,
        identity_uid=wanted.identity_uid,
    )
    return CertificateStatus(
        serial=serial_hex(leaf.serial),
        subject=leaf.subject.text,
        issuer=leaf.issuer.text,
        not_before=moments.show(leaf.not_before),
        not_after=moments.show(leaf.not_after),
        issued_at=moments.show(held.issued_at),
        renew_at=moments.show(renew_at),
        arn=secret.annotations.get(names.CERTIFICATE_ARN),
    )
