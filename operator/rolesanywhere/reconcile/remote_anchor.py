"""The trust anchor in AWS: found by its tags, created once, kept enabled and in line."""

from rolesanywhere.api.conditions import ConditionType, Reason
from rolesanywhere.domain import conditions, naming, ownership
from rolesanywhere.domain.observed import AnchorSource, TrustAnchorRecord
from rolesanywhere.domain.trouble import Trouble
from rolesanywhere.reconcile.aws_ports import RolesAnywhere
from rolesanywhere.reconcile.draft import AnchorDraft
from rolesanywhere.reconcile.resource import TrustAnchor
from rolesanywhere.reconcile.world import World


def ensure(anchor: TrustAnchor, draft: AnchorDraft, world: World) -> TrustAnchorRecord:
    """Have one trust anchor of the CA in the draft, and note it there."""
    remote = world.aws.roles_anywhere(anchor.spec.region)
    name, source = naming.roles_anywhere_name(anchor.name), _source(draft)
    with world.locks.holding(f"anchor {anchor.uid}"):
        found = _owned(anchor, remote, world)
        if found:
            record = found[0]
            _bring_in_line(anchor, record, name, source, draft, remote)
        else:
            record = remote.create_trust_anchor(
                name=name, source=source, tags=anchor.tags(world.settings.cluster_id)
            )
        for duplicate in found[1:]:
            remote.delete_trust_anchor(duplicate.anchor_id)
    draft.arn, draft.anchor_id = record.arn, record.anchor_id
    draft.account = record.arn.split(":")[4]
    return record


def delete(anchor: TrustAnchor, world: World) -> None:
    """Delete every trust anchor that carries this object's tags."""
    remote = world.aws.roles_anywhere(anchor.spec.region)
    for record in _owned(anchor, remote, world):
        remote.delete_trust_anchor(record.anchor_id)


def _owned(
    anchor: TrustAnchor, remote: RolesAnywhere, world: World
) -> tuple[TrustAnchorRecord, ...]:
    name = naming.roles_anywhere_name(anchor.name)
    return ownership.owned(
        remote.trust_anchors(),
        held_arn=anchor.status.arn,
        could_be=lambda record: record.name == name,
        tags_of=remote.tags,
        mine=anchor.tags(world.settings.cluster_id),
    )


def _bring_in_line(
    anchor: TrustAnchor,
    record: TrustAnchorRecord,
    name: str,
    source: AnchorSource,
    draft: AnchorDraft,
    remote: RolesAnywhere,
) -> None:
    """Update what differs, and what AWS may know an old certificate of."""
    is_seen = source.private_ca_arn is None or _has_seen_renewal(anchor, draft)
    if record.name != name or not is_seen or not _same(record.source, source):
        remote.update_trust_anchor(record.anchor_id, name=name, source=source)
    if not record.enabled:
        remote.enable_trust_anchor(record.anchor_id)


def _has_seen_renewal(anchor: TrustAnchor, draft: AnchorDraft) -> bool:
    """Tell whether AWS knows a Private CA's present certificate: it looks only at an update.

    The status has it even when the update that should have followed failed; then it was not synced.
    https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
    """
    held, authority = anchor.status.certificate_authority, draft.authority
    return (
        held is not None
        and authority is not None
        and held.serial == authority.serial
        and conditions.is_true(anchor.status.conditions, ConditionType.SYNCED)
    )


def _source(draft: AnchorDraft) -> AnchorSource:
    authority = draft.authority
    if authority is None or authority.certificate is None:
        raise Trouble(Reason.CA_NOT_ACTIVE, "the CA has no certificate yet")
    if authority.arn is not None:
        return AnchorSource(private_ca_arn=authority.arn)
    return AnchorSource(bundle=authority.certificate)


def _same(one: AnchorSource, other: AnchorSource) -> bool:
    """Compare sources; a bundle's white space does not count."""
    return one.private_ca_arn == other.private_ca_arn and _words(one) == _words(other)


def _words(source: AnchorSource) -> list[str]:
    return (source.bundle or "").split()
