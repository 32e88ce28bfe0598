"""Trust anchors: what certificates are believed."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from rolesanywhere.emulator.roles_anywhere.aliases import alias_from
from rolesanywhere.emulator.roles_anywhere.anchor_source import AnchorCertificates, read_source
from rolesanywhere.emulator.roles_anywhere.context import Call
from rolesanywhere.emulator.roles_anywhere.paging import page
from rolesanywhere.emulator.roles_anywhere.quotas import Quota
from rolesanywhere.emulator.roles_anywhere.records import NotificationSetting, TrustAnchor
from rolesanywhere.emulator.roles_anywhere.refusals import invalid
from rolesanywhere.emulator.roles_anywhere.store import new_id
from rolesanywhere.emulator.roles_anywhere.tagging import tags_of
from rolesanywhere.emulator.roles_anywhere.wire import DEFAULT_CHANNEL, Shown, show_trust_anchor


def create(call: Call) -> Shown:
    """CreateTrustAnchor. Names need not be unique; the same request twice makes two."""
    given, anchors = call.parameters, call.region.anchors
    call.quotas.require_room(Quota.TRUST_ANCHORS, len(anchors), "trust anchors")
    source = _source(call)
    identifier = new_id()
    anchor = TrustAnchor(
        id=identifier,
        arn=call.arn("trust-anchor", identifier),
        name=given["name"],
        source_type=source.source_type,
        private_ca_arn=source.private_ca_arn,
        certificates=source.certificates,
        enabled=given.get("enabled", False),
        crl_dp_revocation_enabled=given.get("crlDpRevocationEnabled", False),
        created_at=call.now,
        updated_at=call.now,
        alias=alias_from(given.get("aliasName"), anchors),
        notifications=_settings(call, given.get("notificationSettings", ())),
    )
    call.region.tags[anchor.arn] = tags_of(given)
    return {"trustAnchor": show_trust_anchor(anchors.put(anchor))}


def get(call: Call) -> Shown:
    """GetTrustAnchor."""
    return {"trustAnchor": show_trust_anchor(_named(call))}


def list_all(call: Call) -> Shown:
    """ListTrustAnchors."""
    anchors, token = page(call.region.anchors, call.parameters)
    more = {} if token is None else {"nextToken": token}
    return {"trustAnchors": [show_trust_anchor(each) for each in anchors], **more}


def update(call: Call) -> Shown:
    """UpdateTrustAnchor; also without a change it takes note of a Private CA's validity."""
    anchor, given = _named(call), call.parameters
    others = [each for each in call.region.anchors if each.id != anchor.id]
    alias = alias_from(given["aliasName"], others) if "aliasName" in given else anchor.alias
    source = _source(call) if "source" in given else _same_source(call, anchor)
    changed = replace(
        anchor,
        name=given.get("name", anchor.name),
        source_type=source.source_type,
        private_ca_arn=source.private_ca_arn,
        certificates=source.certificates,
        crl_dp_revocation_enabled=given.get(
            "crlDpRevocationEnabled", anchor.crl_dp_revocation_enabled
        ),
        alias=alias,
        updated_at=call.now,
    )
    previous = anchor.alias if anchor.alias != alias else None
    return {"trustAnchor": show_trust_anchor(call.region.anchors.put(changed), previous)}


def enable(call: Call) -> Shown:
    """EnableTrustAnchor."""
    return _switch(call, on=True)


def disable(call: Call) -> Shown:
    """DisableTrustAnchor: requests for sessions through it are refused."""
    return _switch(call, on=False)


def delete(call: Call) -> Shown:
    """DeleteTrustAnchor. Its CRLs go with it."""
    anchor = call.region.anchors.remove(_named(call))
    call.region.tags.pop(anchor.arn, None)
    for crl in call.region.crls:
        if crl.trust_anchor_arn == anchor.arn:
            call.region.crls.remove(crl)
            call.region.tags.pop(crl.arn, None)
    return {"trustAnchor": show_trust_anchor(anchor)}


def put_notifications(call: Call) -> Shown:
    """PutNotificationSettings: the events named are customized, the others stay."""
    anchor = _named(call)
    settings = _settings(call, call.parameters["notificationSettings"])
    changed = replace(
        anchor, notifications={**anchor.notifications, **settings}, updated_at=call.now
    )
    return {"trustAnchor": show_trust_anchor(call.region.anchors.put(changed))}


def reset_notifications(call: Call) -> Shown:
    """ResetNotificationSettings: the events named go back to the service's default."""
    anchor = _named(call)
    events = {key["event"] for key in call.parameters["notificationSettingKeys"]}
    kept = {event: held for event, held in anchor.notifications.items() if event not in events}
    changed = replace(anchor, notifications=kept, updated_at=call.now)
    return {"trustAnchor": show_trust_anchor(call.region.anchors.put(changed))}


def _named(call: Call) -> TrustAnchor:
    return call.region.anchors.get(call.parameters["trustAnchorId"])


def _switch(call: Call, *, on: bool) -> Shown:
    changed = replace(_named(call), enabled=on, updated_at=call.now)
    return {"trustAnchor": show_trust_anchor(call.region.anchors.put(changed))}


def _source(call: Call) -> AnchorCertificates:
    return read_source(
        call.parameters["source"],
        call.active_authority,
        most_certificates=call.quotas.limit(Quota.CERTIFICATES_PER_ANCHOR),
    )


def _same_source(call: Call, anchor: TrustAnchor) -> AnchorCertificates:
    """Ask a Private CA again; a bundle is what it was."""
    if anchor.private_ca_arn is None:
        return AnchorCertificates(anchor.source_type, None, anchor.certificates)
    source = {
        "sourceType": anchor.source_type,
        "sourceData": {"acmPcaArn": anchor.private_ca_arn},
    }
    return read_source(source, call.active_authority, most_certificates=None)


def _settings(call: Call, settings: Iterable[Mapping[str, Any]]) -> dict[str, NotificationSetting]:
    customized: dict[str, NotificationSetting] = {}
    for given in settings:
        if given["enabled"] and given.get("threshold") is None:
            message = f"Threshold is required for an enabled notification setting: {given['event']}"
            raise invalid(message)
        customized[given["event"]] = NotificationSetting(
            enabled=given["enabled"],
            threshold=given.get("threshold"),
            channel=given.get("channel", DEFAULT_CHANNEL),
            configured_by=call.caller.account,
        )
    return customized
