"""TrustAnchor: a certificate authority that can sign, and the trust anchor in AWS that names it."""

from rolesanywhere.api import names
from rolesanywhere.api.conditions import ConditionType, Reason
from rolesanywhere.api.trust_anchor import DeletionPolicy, TrustAnchorStatus
from rolesanywhere.domain.conditions import Finding, holds
from rolesanywhere.domain.trouble import Refusal
from rolesanywhere.reconcile import (
    dependencies,
    own_authority,
    private_authority,
    remote_anchor,
    resource,
)
from rolesanywhere.reconcile.draft import AnchorDraft
from rolesanywhere.reconcile.outcome import Calm, Outcome, Step, climb, conclude
from rolesanywhere.reconcile.resource import Body, TrustAnchor
from rolesanywhere.reconcile.world import World


def reconcile(body: Body, world: World) -> Outcome:
    """Bring CA and trust anchor in line with the spec. Raises ``Refusal`` for an unreadable one."""
    anchor = resource.trust_anchor(body)
    draft = AnchorDraft.of(anchor.status)
    climbed = climb(
        (
            Step(ConditionType.CA_READY, lambda: _authority(anchor, draft, world)),
            Step(
                ConditionType.SYNCED,
                lambda: _anchor(anchor, draft, world),
                needs=(ConditionType.CA_READY,),
            ),
        )
    )
    settings = world.settings
    return conclude(
        draft.status(),
        anchor.status.conditions,
        climbed,
        generation=anchor.generation,
        now=world.clock.now(),
        calm=Calm(settings.resync_seconds, settings.refused_seconds),
    )


def delete(body: Body, world: World) -> None:
    """Remove what the operator made, as ``deletionPolicy`` says. Raises ``Trouble`` to wait."""
    anchor = resource.trust_anchor(body)
    referring = (f"Profile {each.name}" for each in world.objects.profiles_of(anchor.name))
    dependencies.require_unreferenced(names.TRUST_ANCHOR, anchor.name, referring)
    if anchor.spec.deletion_policy is DeletionPolicy.RETAIN:
        return
    remote_anchor.delete(anchor, world)
    if anchor.spec.source.own_ca is not None:
        own_authority.delete(anchor, anchor.spec.source.own_ca, world)
    if anchor.spec.source.aws_private_ca is not None:
        private_authority.delete(anchor, anchor.spec.source.aws_private_ca, world)


def _authority(anchor: TrustAnchor, draft: AnchorDraft, world: World) -> Finding:
    _require_same_source(anchor.spec.source.own_ca is not None, anchor.status)
    if anchor.spec.source.own_ca is not None:
        message = own_authority.ensure(anchor, anchor.spec.source.own_ca, draft, world)
    elif anchor.spec.source.aws_private_ca is not None:
        message = private_authority.ensure(anchor, anchor.spec.source.aws_private_ca, draft, world)
    else:
        raise Refusal(Reason.INVALID_SPEC, "spec.source needs one of awsPrivateCA and ownCA")
    return holds(ConditionType.CA_READY, message)


def _require_same_source(is_own: bool, status: TrustAnchorStatus) -> None:  # noqa: FBT001 - a fact, not a mode
    """Refuse another kind of source: the anchor's ARN would change, and with it every role."""
    held = status.certificate_authority
    if held is not None and (held.arn is not None) == is_own:
        raise Refusal(
            Reason.SOURCE_CHANGED,
            "the kind of spec.source cannot change, since every trust policy names this trust "
            "anchor: put it back, and create another TrustAnchor for the other CA",
        )


def _anchor(anchor: TrustAnchor, draft: AnchorDraft, world: World) -> Finding:
    record = remote_anchor.ensure(anchor, draft, world)
    return holds(ConditionType.SYNCED, f"trust anchor {record.arn} is enabled")
