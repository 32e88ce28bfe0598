"""Issuing from AWS Private CA, once: the request is written down before it is sent.

Key, request, end and token are in a Secret of the operator's namespace, out of every tenant's
reach: whoever could change the request would choose the certificate's subject. A pass that crashed
anywhere starts over with the same arguments: acm-pca remembers a token for five minutes, and once
it answered, the certificate's ARN is written down too. A request whose answer nobody wrote down
within these five minutes is made anew; at worst a certificate that nobody saw is paid for.
https://docs.aws.amazon.com/privateca/latest/APIReference/API_IssueCertificate.html
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from rolesanywhere.api import names
from rolesanywhere.api.authority import SigningAlgorithm
from rolesanywhere.api.conditions import Reason
from rolesanywhere.api.workload_identity import IssuanceStatus
from rolesanywhere.domain import moments, naming, rotation
from rolesanywhere.domain.certificate import serial_hex
from rolesanywhere.domain.observed import IssuedCertificate, SecretRecord
from rolesanywhere.domain.rotation import HeldCertificate
from rolesanywhere.domain.trouble import AlreadyExists, NotFound, Trouble
from rolesanywhere.reconcile import identity_secret, own_issuance
from rolesanywhere.reconcile.aws_ports import PrivateCA
from rolesanywhere.reconcile.identity import Case
from rolesanywhere.reconcile.identity_secret import Issued
from rolesanywhere.reconcile.resource import WorkloadIdentity
from rolesanywhere.reconcile.world import World

TEMPLATE: Final = "EndEntityClientAuthCertificate/V1"
REMEMBERED: Final = timedelta(minutes=5)  # how long acm-pca knows a token
_LOOK_AGAIN_SECONDS: Final = 1.0  # acm-pca takes a second or two
_SIGNING: Final = {
    "RSA": SigningAlgorithm.SHA256_WITH_RSA,
    "EC": SigningAlgorithm.SHA256_WITH_ECDSA,
}


def issue(case: Case, held: HeldCertificate | None, world: World) -> Issued:
    """Have acm-pca issue. Raises ``Trouble`` (ISSUING) while it does."""
    pca = world.aws.private_ca(case.anchorage.region)
    pending = _pending(case, held, world)
    _note(case, pending)
    pending = _sent(case, pending, pca, world)
    _note(case, pending)
    certificate_arn = pending.annotations[names.CERTIFICATE_ARN]
    issued = _collect(case, pending, certificate_arn, pca, world)
    certificates, root = world.pki.chain_for(issued)
    return Issued(
        private_key=pending.data[names.TLS_KEY],
        certificates=certificates,
        root=root,
        issued_at=moments.read(pending.annotations[names.ISSUED_AT]),
        certificate_arn=certificate_arn,
    )


def tidy(case: Case, world: World) -> None:
    """Remove the request of an issue that is done; the status says whether there was one.

    So may a certificate have left one that the status does not know: a pass wrote it, and ended
    before it wrote the status.
    """
    status, draft = case.identity.status, case.draft
    is_news = case.anchorage.authority.arn is not None and draft.certificate != status.certificate
    if status.issuance is None and draft.issuance is None and not is_news:
        return
    discard(case.identity, world)
    draft.issuance = None


def discard(identity: WorkloadIdentity, world: World) -> None:
    """Delete the request of an issue in flight, if there is one."""
    secret = world.secrets.read(world.settings.namespace, _name_of(identity))
    if secret is not None and identity_secret.is_mine(secret, identity):
        world.secrets.delete(secret)


def _name_of(identity: WorkloadIdentity) -> str:
    return naming.issuance_secret_name(identity.uid)


def _pending(case: Case, held: HeldCertificate | None, world: World) -> SecretRecord:
    """Give the request in flight, or write down a new one; one for another purpose is dropped."""
    purpose = _purpose(case, held)
    found = world.secrets.read(world.settings.namespace, _name_of(case.identity))
    if found is not None and _is_usable(found, purpose, case, world):
        return found
    if found is not None:
        world.secrets.delete(found)
    try:
        return world.secrets.create(_new(case, purpose, world))
    except AlreadyExists as error:
        raise Trouble(
            Reason.ISSUING,
            f"the request of {case.path} is being written: it is looked at again",
            retry_after=_LOOK_AGAIN_SECONDS,
        ) from error


def _purpose(case: Case, held: HeldCertificate | None) -> str:
    """Say what a request is for: these terms, this CA, in place of that certificate.

    The serial it replaces is part of it, so that a left-over key is never used a second time.
    """
    wanted = case.terms.certificate
    replaced = serial_hex(held.leaf.serial) if held is not None and held.leaf is not None else ""
    return naming.fingerprint(
        wanted.common_name,
        wanted.organizational_unit or "",
        wanted.organization or "",
        wanted.uri,
        wanted.key_algorithm,
        str(wanted.duration_seconds),
        identity_secret.authority_fingerprint(case.anchorage.facts),
        replaced,
        length=identity_secret.FINGERPRINT_LENGTH,
    )


def _is_usable(secret: SecretRecord, purpose: str, case: Case, world: World) -> bool:
    """Tell whether a request is whole, for this purpose, and for no longer than a new one.

    One without an answer must be young too: acm-pca has forgotten its token, and it would give a
    certificate whose life began when the request was written.
    """
    notes, now = secret.annotations, world.clock.now()
    issued_at = identity_secret.moment(secret, names.ISSUED_AT)
    not_after = identity_secret.moment(secret, names.NOT_AFTER)
    latest = moments.after(own_issuance.end_of(case, now), rotation.LIFETIME_TOLERANCE_SECONDS)
    return (
        identity_secret.is_mine(secret, case.identity)
        and notes.get(names.PURPOSE) == purpose
        and notes.get(names.TOKEN) == _token(case, secret.data.get(names.REQUEST, b""))
        and names.TLS_KEY in secret.data
        and issued_at is not None
        and (names.CERTIFICATE_ARN in notes or now - issued_at < REMEMBERED)
        and not_after is not None
        and now < not_after <= latest
    )


def _token(case: Case, request: bytes) -> str:
    return naming.token(case.identity.uid, request.decode(errors="replace"))


def _new(case: Case, purpose: str, world: World) -> SecretRecord:
    now = moments.whole_seconds(world.clock.now())
    pair = own_issuance.request(case, world)
    return SecretRecord(
        namespace=world.settings.namespace,
        name=_name_of(case.identity),
        type="Opaque",
        data={names.TLS_KEY: pair.private_key, names.REQUEST: pair.document},
        labels=identity_secret.labels(case.identity, names.SECRET_OF_ISSUANCE),
        annotations={
            names.ISSUED_AT: moments.show(now),
            names.NOT_AFTER: moments.show(own_issuance.end_of(case, now)),
            names.TOKEN: _token(case, pair.document),
            names.PURPOSE: purpose,
        },
    )


def _sent(case: Case, pending: SecretRecord, pca: PrivateCA, world: World) -> SecretRecord:
    """Send the request unless its answer is known, and write the answer down."""
    if names.CERTIFICATE_ARN in pending.annotations:
        return pending
    authority = case.anchorage.authority
    arn = pca.issue(
        authority.arn or "",
        csr=pending.data[names.REQUEST],
        signing_algorithm=_SIGNING[(authority.key_algorithm or "RSA").partition("_")[0]],
        template=TEMPLATE,
        not_after=moments.read(pending.annotations[names.NOT_AFTER]),
        token=pending.annotations[names.TOKEN],
    )
    annotations = {**pending.annotations, names.CERTIFICATE_ARN: arn}
    return world.secrets.replace(replace(pending, annotations=annotations))


def _collect(
    case: Case, pending: SecretRecord, certificate_arn: str, pca: PrivateCA, world: World
) -> IssuedCertificate:
    try:
        issued = pca.certificate(case.anchorage.authority.arn or "", certificate_arn)
    except NotFound:
        world.secrets.delete(pending)  # a request AWS knows nothing of is made anew
        raise
    if issued is None:
        raise Trouble(
            Reason.ISSUING,
            f"AWS Private CA is issuing {certificate_arn}",
            retry_after=_LOOK_AGAIN_SECONDS,
        )
    return issued


def _note(case: Case, pending: SecretRecord) -> None:
    notes = pending.annotations
    case.draft.issuance = IssuanceStatus(
        token=notes[names.TOKEN],
        started_at=notes[names.ISSUED_AT],
        not_after=notes[names.NOT_AFTER],
        certificate_arn=notes.get(names.CERTIFICATE_ARN),
    )
