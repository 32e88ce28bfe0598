"""An own CA: key and certificate in a Secret of the operator's namespace, taken or made."""

from typing import Final

from rolesanywhere.api import names
from rolesanywhere.api.conditions import Reason
from rolesanywhere.api.trust_anchor import CertificateAuthorityStatus, CreateOwnCA, OwnCA
from rolesanywhere.domain import moments, validity
from rolesanywhere.domain.certificate import serial_hex
from rolesanywhere.domain.observed import SecretRecord
from rolesanywhere.domain.trouble import AlreadyExists, Trouble
from rolesanywhere.reconcile.draft import AnchorDraft
from rolesanywhere.reconcile.resource import TrustAnchor
from rolesanywhere.reconcile.world import World

BACKDATED_SECONDS: Final = 300.0  # clocks of other machines may be behind ours
ACTIVE: Final = "ACTIVE"
EXPIRED: Final = "EXPIRED"


def ensure(anchor: TrustAnchor, own: OwnCA, draft: AnchorDraft, world: World) -> str:
    """Have a CA that can sign, and note it in the draft; gives a sentence for people.

    Raises ``Trouble``: no Secret and nothing to make one from, a Secret that is no good, a CA
    that has expired.
    """
    draft.authority = _held(draft, own)
    secret = world.secrets.read(world.settings.namespace, own.secret_name)
    if secret is None:
        secret = _make(anchor, own, world)
    try:
        loaded = world.authorities.load(secret)
    except Trouble as trouble:
        if trouble.reason is Reason.CA_EXPIRED:
            draft.authority = CertificateAuthorityStatus(secret_name=own.secret_name, state=EXPIRED)
        raise
    facts = loaded.facts
    draft.authority = CertificateAuthorityStatus(
        secret_name=own.secret_name,
        state=ACTIVE,
        subject=facts.subject.text,
        key_algorithm=facts.key_algorithm,
        serial=serial_hex(facts.serial),
        not_before=moments.show(facts.not_before),
        not_after=moments.show(facts.not_after),
        certificate=loaded.certificate,
    )
    return f"own CA {facts.subject.text} signs until {moments.show(facts.not_after)}"


def delete(anchor: TrustAnchor, own: OwnCA, world: World) -> None:
    """Delete the Secret of a CA that was made here; one that was brought stays."""
    secret = world.secrets.read(world.settings.namespace, own.secret_name)
    if secret is not None and secret.labels.get(names.OWNER_UID_LABEL) == anchor.uid:
        world.secrets.delete(secret)


def _held(draft: AnchorDraft, own: OwnCA) -> CertificateAuthorityStatus:
    """Keep what is known of the CA, if it is still the same Secret's."""
    if draft.authority is not None and draft.authority.secret_name == own.secret_name:
        return draft.authority
    return CertificateAuthorityStatus(secret_name=own.secret_name)


def _make(anchor: TrustAnchor, own: OwnCA, world: World) -> SecretRecord:
    where = f"{world.settings.namespace}/{own.secret_name}"
    if own.create is None:
        raise Trouble(
            Reason.CA_NOT_FOUND,
            f"there is no Secret {where}: create it (kubernetes.io/tls, with the CA's tls.key and "
            "tls.crt), or give spec.source.ownCA.create",
        )
    if anchor.status.arn is not None:
        raise Trouble(
            Reason.CA_NOT_FOUND,
            f"the CA's Secret {where} is gone: restore it. A new CA is not made by itself, since "
            "every certificate in use would lose its issuer; to have one, delete the TrustAnchor",
        )
    try:
        return world.secrets.create(_new(anchor, own.secret_name, own.create, world))
    except AlreadyExists:  # another pass was quicker
        raise Trouble(Reason.CREATING, f"Secret {where} is being made", retry_after=1.0) from None


def _new(anchor: TrustAnchor, secret_name: str, wanted: CreateOwnCA, world: World) -> SecretRecord:
    now = moments.whole_seconds(world.clock.now())
    pair = world.pki.create_own_authority(
        wanted.key_algorithm,
        wanted.subject,
        not_before=moments.after(now, -BACKDATED_SECONDS),
        not_after=validity.end_of(wanted.validity, start=anchor.created_at, now=now),
    )
    return SecretRecord(
        namespace=world.settings.namespace,
        name=secret_name,
        type="kubernetes.io/tls",
        data={names.TLS_KEY: pair.private_key, names.TLS_CRT: pair.document},
        labels={
            names.MANAGED_BY_LABEL: names.MANAGER,
            names.OWNER_UID_LABEL: anchor.uid,
            names.ROLE_IN_SECRET_LABEL: names.SECRET_OF_AUTHORITY,
        },
        annotations={},
    )
