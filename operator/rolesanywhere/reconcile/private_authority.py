"""AWS Private CA: an existing one, or one created, given its root certificate, and owned."""

from collections.abc import Mapping
from typing import Final

import msgspec

from rolesanywhere.api.authority import UsageMode
from rolesanywhere.api.conditions import Reason
from rolesanywhere.api.trust_anchor import (
    AwsPrivateCA,
    CertificateAuthorityStatus,
    CreatePrivateCA,
)
from rolesanywhere.domain import moments, naming, ownership, validity
from rolesanywhere.domain.certificate import serial_hex
from rolesanywhere.domain.observed import AuthorityRecord
from rolesanywhere.domain.trouble import NotFound, Refusal, Trouble
from rolesanywhere.reconcile.aws_ports import PrivateCA
from rolesanywhere.reconcile.draft import AnchorDraft
from rolesanywhere.reconcile.resource import TrustAnchor
from rolesanywhere.reconcile.world import World

ROOT_TEMPLATE: Final = "RootCACertificate/V1"
RESTORABLE_DAYS: Final = 7  # the fewest acm-pca takes; deleted CAs are not billed
CREATING: Final = "CREATING"
PENDING_CERTIFICATE: Final = "PENDING_CERTIFICATE"
ACTIVE: Final = "ACTIVE"
_USAGE_MODES: Final[Mapping[str, UsageMode]] = {
    "SHORT_LIVED_CERTIFICATE": UsageMode.SHORT_LIVED,
    "GENERAL_PURPOSE": UsageMode.GENERAL_PURPOSE,
}
# What to do about each state in which a CA signs nothing.
_TROUBLES: Final[Mapping[str, tuple[type[Trouble], Reason, str]]] = {
    CREATING: (Trouble, Reason.CREATING, "is being created"),
    PENDING_CERTIFICATE: (
        Trouble,
        Reason.CA_NOT_ACTIVE,
        "has no certificate yet: install one in AWS Private CA",
    ),
    "DISABLED": (Trouble, Reason.CA_NOT_ACTIVE, "is disabled: enable it in AWS Private CA"),
    "EXPIRED": (Refusal, Reason.CA_EXPIRED, "has expired: renew its certificate, which keeps it"),
    "FAILED": (Refusal, Reason.CA_NOT_ACTIVE, "could not be made"),
    "DELETED": (
        Refusal,
        Reason.CA_NOT_FOUND,
        "was deleted: restore it in AWS Private CA, or delete this TrustAnchor",
    ),
}


def ensure(anchor: TrustAnchor, source: AwsPrivateCA, draft: AnchorDraft, world: World) -> str:
    """Have a CA that can sign, and note it in the draft; gives a sentence for people.

    Raises ``Trouble`` while it is in the making and when it cannot sign.
    """
    pca = world.aws.private_ca(anchor.spec.region)
    arn = _arn(anchor, source, pca, world)
    draft.authority = _held(draft, arn)
    record = _describe(arn, pca)
    draft.authority = _with_state(draft.authority, record)
    if record.state == PENDING_CERTIFICATE and source.create is not None:
        _activate(anchor, source.create, record, pca, world)
        record = _describe(arn, pca)
    _require_active(record)
    draft.authority = _authority(record, pca, world)
    return f"Private CA {draft.authority.subject} ({arn}) signs until {draft.authority.not_after}"


def delete(anchor: TrustAnchor, source: AwsPrivateCA, world: World) -> None:
    """Delete a CA that was created here, restorable for some days; an existing one stays.

    One that is deleted already is not listed: acm-pca gives no tags of it, the proof is gone.
    """
    if source.create is None:
        return
    pca = world.aws.private_ca(anchor.spec.region)
    for record in _created_before(anchor, pca, world):
        pca.delete(record.arn, restorable_days=RESTORABLE_DAYS)


def _arn(anchor: TrustAnchor, source: AwsPrivateCA, pca: PrivateCA, world: World) -> str:
    """Give the ARN: the spec's, the one known, one whose creation we forgot, or a new one's."""
    if source.arn is not None:
        return source.arn
    held = anchor.status.certificate_authority
    if held is not None and held.arn is not None:
        return held.arn
    if source.create is None:
        raise Refusal(Reason.INVALID_SPEC, "spec.source.awsPrivateCA needs one of arn and create")
    validity.end_of(  # an impossible end is refused before a CA is paid for
        source.create.validity, start=anchor.created_at, now=world.clock.now()
    )
    forgotten = _created_before(anchor, pca, world)
    if forgotten:
        return forgotten[0].arn
    return pca.create(
        source.create,
        token=naming.token(anchor.uid, "authority"),
        tags=anchor.tags(world.settings.cluster_id),
    )


def _created_before(anchor: TrustAnchor, pca: PrivateCA, world: World) -> list[AuthorityRecord]:
    """Find CAs that carry this anchor's tags; active ones first."""
    mine = anchor.tags(world.settings.cluster_id)
    found = [each for each in pca.authorities() if ownership.carries(_tags(each.arn, pca), mine)]
    return sorted(found, key=lambda each: (each.state != ACTIVE, each.arn))


def _tags(arn: str, pca: PrivateCA) -> Mapping[str, str]:
    try:
        return pca.tags(arn)
    except NotFound:  # deleted since it was listed
        return {}


def _describe(arn: str, pca: PrivateCA) -> AuthorityRecord:
    try:
        return pca.describe(arn)
    except NotFound as error:
        raise Trouble(
            Reason.CA_NOT_FOUND,
            f"Private CA {arn} does not exist (yet): {error.message}",
        ) from error


def _held(draft: AnchorDraft, arn: str) -> CertificateAuthorityStatus:
    """Keep what is known of the CA, if it is still the same one."""
    if draft.authority is not None and draft.authority.arn == arn:
        return draft.authority
    return CertificateAuthorityStatus(arn=arn)


def _with_state(
    held: CertificateAuthorityStatus, record: AuthorityRecord
) -> CertificateAuthorityStatus:
    return msgspec.structs.replace(held, state=record.state)


def _activate(
    anchor: TrustAnchor,
    wanted: CreatePrivateCA,
    record: AuthorityRecord,
    pca: PrivateCA,
    world: World,
) -> None:
    """Sign the CA's own request as a root and install it.

    Every argument stays the same from pass to pass, so that a pass that starts over within the
    five minutes for which acm-pca remembers a token gets the same certificate.
    """
    csr = pca.csr(record.arn)
    if csr is None:
        raise _making(record, "is being created")
    certificate_arn = pca.issue(
        record.arn,
        csr=csr.encode(),
        signing_algorithm=record.signing_algorithm,
        template=ROOT_TEMPLATE,
        not_after=validity.end_of(wanted.validity, start=anchor.created_at, now=world.clock.now()),
        token=naming.token(anchor.uid, "root certificate"),
    )
    issued = pca.certificate(record.arn, certificate_arn)
    if issued is None:
        raise _making(record, "is signing its own certificate")
    pca.install(record.arn, issued.certificate)


def _making(record: AuthorityRecord, what: str) -> Trouble:
    return Trouble(Reason.CREATING, f"Private CA {record.arn} {what}", retry_after=1.0)


def _require_active(record: AuthorityRecord) -> None:
    if record.state == ACTIVE:
        return
    kind, reason, advice = _TROUBLES.get(
        record.state, (Trouble, Reason.CA_NOT_ACTIVE, f"is {record.state}")
    )
    failure = f" ({record.failure})" if record.failure else ""
    raise kind(reason, f"Private CA {record.arn} {advice}{failure}")


def _authority(record: AuthorityRecord, pca: PrivateCA, world: World) -> CertificateAuthorityStatus:
    own = pca.authority_certificate(record.arn).certificate
    facts = world.pki.inspect(own.encode())[0]
    return CertificateAuthorityStatus(
        arn=record.arn,
        state=record.state,
        subject=facts.subject.text,
        key_algorithm=record.key_algorithm,
        usage_mode=_USAGE_MODES.get(record.usage_mode),
        serial=serial_hex(facts.serial),
        not_before=moments.show(facts.not_before),
        not_after=moments.show(facts.not_after),
        certificate=own,
    )
