"""The Secret a pod mounts: key, certificate, root and ``agent.json``, in one write."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import msgspec

from rolesanywhere.api import names
from rolesanywhere.api.agent_configuration import AgentConfiguration
from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain import moments, naming
from rolesanywhere.domain.certificate import CertificateFacts
from rolesanywhere.domain.observed import SecretRecord
from rolesanywhere.domain.rotation import HeldCertificate
from rolesanywhere.domain.trouble import AlreadyExists, Refusal, Trouble
from rolesanywhere.reconcile.identity import Case
from rolesanywhere.reconcile.resource import WorkloadIdentity
from rolesanywhere.reconcile.world import World

FINGERPRINT_LENGTH: Final = 32  # hex digits


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key, ready for the Secret. Its repr hides the key."""

    private_key: bytes  # PKCS#8 PEM
    certificates: bytes  # leaf, then intermediates, PEM
    root: bytes  # PEM
    issued_at: datetime
    certificate_arn: str | None = None

    def __repr__(self) -> str:
        """Say when, never what."""
        return f"Issued({moments.show(self.issued_at)})"


def name_of(identity: WorkloadIdentity) -> str:
    """Give the Secret's name: given, or derived."""
    return identity.spec.certificate.secret_name or naming.identity_secret_name(identity.name)


def read(case: Case, world: World) -> SecretRecord | None:
    """Read the identity's Secret. Raises ``Refusal`` when the name is taken by another's."""
    name = name_of(case.identity)
    secret = world.secrets.read(case.namespace, name)
    if secret is not None and not is_mine(secret, case.identity):
        raise _taken(case, name)
    return secret


def is_mine(secret: SecretRecord, identity: WorkloadIdentity) -> bool:
    """Tell whether a Secret was made for this very object."""
    return secret.labels.get(names.OWNER_UID_LABEL) == identity.uid


def held(secret: SecretRecord | None, world: World) -> HeldCertificate | None:
    """Say what a Secret holds, unreadable or not; None when it does not even say since when."""
    issued_at = moment(secret, names.ISSUED_AT) if secret is not None else None
    if secret is None or issued_at is None:
        return None
    certificates = secret.data.get(names.TLS_CRT, b"")
    return HeldCertificate(
        leaf=_leaf(certificates, world),
        key_matches=world.pki.key_matches(secret.data.get(names.TLS_KEY, b""), certificates),
        issued_at=issued_at,
        root_fingerprint=secret.annotations.get(names.AUTHORITY, ""),
    )


def moment(secret: SecretRecord, annotation: str) -> datetime | None:
    """Read a time we wrote; None when it is not there, or not a time any more."""
    try:
        return moments.read(secret.annotations.get(annotation, ""))
    except ValueError:
        return None


def authority_fingerprint(authority: CertificateFacts) -> str:
    """Give the fingerprint of a CA by which its leaves know it: its name and key.

    Not its certificate: a renewed one vouches for the same leaves.
    """
    return naming.fingerprint(
        authority.subject.text, authority.public_key_sha256, length=FINGERPRINT_LENGTH
    )


def write(case: Case, previous: SecretRecord | None, issued: Issued, world: World) -> SecretRecord:
    """Write all of it at once: key and certificate always match."""
    annotations = {
        names.ISSUED_AT: moments.show(issued.issued_at),
        names.AUTHORITY: authority_fingerprint(case.anchorage.facts),
    }
    if issued.certificate_arn is not None:
        annotations[names.CERTIFICATE_ARN] = issued.certificate_arn
    secret = SecretRecord(
        namespace=case.namespace,
        name=name_of(case.identity),
        type="kubernetes.io/tls",
        data={
            names.TLS_KEY: issued.private_key,
            names.TLS_CRT: issued.certificates,
            names.CA_CRT: issued.root,
            names.AGENT_JSON: agent_json(case, world),
        },
        labels=labels(case.identity, names.SECRET_OF_IDENTITY),
        annotations=annotations,
        owner=case.identity.owner_reference(),
    )
    if previous is not None:
        return world.secrets.replace(
            replace(secret, uid=previous.uid, resource_version=previous.resource_version)
        )
    try:
        return world.secrets.create(secret)
    except AlreadyExists:
        raise _taken_meanwhile(case, secret.name) from None


def delete(identity: WorkloadIdentity, name: str, world: World) -> None:
    """Delete a Secret of this identity; quietly if there is none, or it is another's."""
    secret = world.secrets.read(identity.namespace or "", name)
    if secret is not None and is_mine(secret, identity):
        world.secrets.delete(secret)


def configure(case: Case, secret: SecretRecord, world: World) -> SecretRecord:
    """Bring ``agent.json`` in line, and nothing else; writes only when it differs."""
    wanted = agent_json(case, world)
    if secret.data.get(names.AGENT_JSON) == wanted:
        return secret
    return world.secrets.replace(replace(secret, data={**secret.data, names.AGENT_JSON: wanted}))


def agent_configuration(case: Case, world: World) -> AgentConfiguration:
    """Give what the agent needs to know. Role and profile must be known by now."""
    return AgentConfiguration(
        name=case.identity.name,
        namespace=case.namespace,
        region=case.anchorage.region,
        trust_anchor_arn=case.anchorage.arn,
        profile_arn=case.draft.profile_arn or "",
        role_arn=case.draft.role_arn or "",
        session_duration_seconds=moments.duration_seconds(case.profile.spec.session_duration),
        endpoint=world.settings.endpoint,
    )


def agent_json(case: Case, world: World) -> bytes:
    """Give the bytes of ``agent.json``: the same for the same configuration."""
    return msgspec.json.encode(agent_configuration(case, world))


def labels(identity: WorkloadIdentity, role: str) -> Mapping[str, str]:
    """Give the labels by which a Secret of ours is known."""
    return {
        names.MANAGED_BY_LABEL: names.MANAGER,
        names.OWNER_UID_LABEL: identity.uid,
        names.ROLE_IN_SECRET_LABEL: role,
    }


def _leaf(certificates: bytes, world: World) -> CertificateFacts | None:
    try:
        return world.pki.inspect(certificates)[0]
    except Trouble:
        return None


def _taken(case: Case, name: str) -> Refusal:
    return Refusal(
        Reason.SECRET_NAME_TAKEN,
        f"Secret {case.namespace}/{name} exists and was not made for this identity: delete it, or "
        "choose another spec.certificate.secretName",
    )


def _taken_meanwhile(case: Case, name: str) -> Trouble:
    return Trouble(
        Reason.SECRET_NAME_TAKEN,
        f"Secret {case.namespace}/{name} was made by another in between: it is looked at again",
    )
