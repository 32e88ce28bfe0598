"""The operations on trust anchors."""

from typing import Final

from rolesanywhere.emulator.roles_anywhere import shapes, trust_anchors
from rolesanywhere.emulator.roles_anywhere.operation import OnResource, Operation, by_id
from rolesanywhere.emulator.roles_anywhere.shapes import Structure

_FAMILY: Final = "trust anchor"  # what a rate quota counts together
_one = OnResource(_FAMILY, "trustAnchorId", shapes.TRUST_ANCHOR)

OPERATIONS: Final = (
    Operation(
        "CreateTrustAnchor",
        "POST",
        "/trustanchors",
        _FAMILY,
        trust_anchors.create,
        Structure(
            {
                "name": shapes.NAME,
                "source": shapes.SOURCE,
                "enabled": shapes.FLAG,
                "crlDpRevocationEnabled": shapes.FLAG,
                "tags": shapes.TAGS,
                "notificationSettings": shapes.NOTIFICATION_SETTINGS,
                "aliasName": shapes.ALIAS,
            },
            required=("name", "source"),
        ),
        status=201,
    ),
    Operation(
        "ListTrustAnchors",
        "GET",
        "/trustanchors",
        _FAMILY,
        trust_anchors.list_all,
        shapes.PAGE,
        in_query=("nextToken", "pageSize"),
    ),
    _one("GetTrustAnchor", "GET", "/trustanchor/{trustAnchorId}", trust_anchors.get),
    _one(
        "UpdateTrustAnchor",
        "PATCH",
        "/trustanchor/{trustAnchorId}",
        trust_anchors.update,
        name=shapes.NAME,
        source=shapes.SOURCE,
        crlDpRevocationEnabled=shapes.FLAG,
        aliasName=shapes.ALIAS,
    ),
    _one("DeleteTrustAnchor", "DELETE", "/trustanchor/{trustAnchorId}", trust_anchors.delete),
    _one("EnableTrustAnchor", "POST", "/trustanchor/{trustAnchorId}/enable", trust_anchors.enable),
    _one(
        "DisableTrustAnchor", "POST", "/trustanchor/{trustAnchorId}/disable", trust_anchors.disable
    ),
    Operation(
        "PutNotificationSettings",
        "PATCH",
        "/put-notifications-settings",
        _FAMILY,
        trust_anchors.put_notifications,
        by_id(
            "trustAnchorId",
            shapes.UUID,
            {"notificationSettings": shapes.NOTIFICATION_SETTINGS},
            ("notificationSettings",),
        ),
        target="trustAnchorId",
    ),
    Operation(
        "ResetNotificationSettings",
        "PATCH",
        "/reset-notifications-settings",
        _FAMILY,
        trust_anchors.reset_notifications,
        by_id(
            "trustAnchorId",
            shapes.UUID,
            {"notificationSettingKeys": shapes.NOTIFICATION_KEYS},
            ("notificationSettingKeys",),
        ),
        target="trustAnchorId",
    ),
)
