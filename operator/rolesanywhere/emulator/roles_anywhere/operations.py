"""The operations: method and path, input shape, what they need of IAM, and who carries them out.

https://docs.aws.amazon.com/rolesanywhere/latest/APIReference/API_Operations.html and
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementrolesanywhere.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from rolesanywhere.emulator.roles_anywhere import profiles, shapes, subjects, tagging, trust_anchors
from rolesanywhere.emulator.roles_anywhere.context import Call
from rolesanywhere.emulator.roles_anywhere.shapes import Shape, Structure
from rolesanywhere.emulator.roles_anywhere.wire import Shown


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. ``path`` may name one URI parameter in braces.

    ``family`` is what a rate quota counts together; ``target`` the parameter that names the
    resource, None for creates and lists; ``in_query`` the parameters that are not in the body.
    """

    name: str
    method: str
    path: str
    family: str
    run: Callable[[Call], Shown]
    shape: Structure
    target: str | None = None
    in_query: tuple[str, ...] = ()
    status: int = 200

    @property
    def uri_parameter(self) -> str | None:
        """Give the name in braces."""
        start = self.path.find("{")
        return None if start < 0 else self.path[start + 1 : self.path.index("}")]


_ANCHOR, _PROFILE, _SUBJECT, _TAGGING = "trust anchor", "profile", "subject", "tagging"


def _by_id(
    parameter: str,
    identifier: Shape,
    members: Mapping[str, Shape] = MappingProxyType({}),
    required: tuple[str, ...] = (),
) -> Structure:
    return Structure({parameter: identifier, **members}, required=(parameter, *required))


def _of_anchor(
    name: str, method: str, path: str, run: Callable[[Call], Shown], /, **members: Shape
) -> Operation:
    shape = _by_id("trustAnchorId", shapes.TRUST_ANCHOR, members)
    return Operation(name, method, path, _ANCHOR, run, shape, target="trustAnchorId")


def _of_profile(
    name: str, method: str, path: str, run: Callable[[Call], Shown], /, **members: Shape
) -> Operation:
    shape = _by_id("profileId", shapes.PROFILE, members)
    return Operation(name, method, path, _PROFILE, run, shape, target="profileId")


_TRUST_ANCHORS: Final = (
    Operation(
        "CreateTrustAnchor",
        "POST",
        "/trustanchors",
        _ANCHOR,
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
        _ANCHOR,
        trust_anchors.list_all,
        shapes.PAGE,
        in_query=("nextToken", "pageSize"),
    ),
    _of_anchor("GetTrustAnchor", "GET", "/trustanchor/{trustAnchorId}", trust_anchors.get),
    _of_anchor(
        "UpdateTrustAnchor",
        "PATCH",
        "/trustanchor/{trustAnchorId}",
        trust_anchors.update,
        name=shapes.NAME,
        source=shapes.SOURCE,
        crlDpRevocationEnabled=shapes.FLAG,
        aliasName=shapes.ALIAS,
    ),
    _of_anchor("DeleteTrustAnchor", "DELETE", "/trustanchor/{trustAnchorId}", trust_anchors.delete),
    _of_anchor(
        "EnableTrustAnchor", "POST", "/trustanchor/{trustAnchorId}/enable", trust_anchors.enable
    ),
    _of_anchor(
        "DisableTrustAnchor", "POST", "/trustanchor/{trustAnchorId}/disable", trust_anchors.disable
    ),
    Operation(
        "PutNotificationSettings",
        "PATCH",
        "/put-notifications-settings",
        _ANCHOR,
        trust_anchors.put_notifications,
        _by_id(
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
        _ANCHOR,
        trust_anchors.reset_notifications,
        _by_id(
            "trustAnchorId",
            shapes.UUID,
            {"notificationSettingKeys": shapes.NOTIFICATION_KEYS},
            ("notificationSettingKeys",),
        ),
        target="trustAnchorId",
    ),
)
_PROFILES: Final = (
    Operation(
        "CreateProfile",
        "POST",
        "/profiles",
        _PROFILE,
        profiles.create,
        Structure(
            {
                "name": shapes.NAME,
                "requireInstanceProperties": shapes.FLAG,
                "sessionPolicy": shapes.TEXT,
                "roleArns": shapes.ROLE_ARNS,
                "managedPolicyArns": shapes.MANAGED_POLICY_ARNS,
                "durationSeconds": shapes.DURATION_SECONDS,
                "enabled": shapes.FLAG,
                "tags": shapes.TAGS,
                "acceptRoleSessionName": shapes.FLAG,
                "aliasName": shapes.ALIAS,
            },
            required=("name", "roleArns"),
        ),
        status=201,
    ),
    Operation(
        "ListProfiles",
        "GET",
        "/profiles",
        _PROFILE,
        profiles.list_all,
        shapes.PAGE,
        in_query=("nextToken", "pageSize"),
    ),
    _of_profile("GetProfile", "GET", "/profile/{profileId}", profiles.get),
    _of_profile(
        "UpdateProfile",
        "PATCH",
        "/profile/{profileId}",
        profiles.update,
        name=shapes.NAME,
        sessionPolicy=shapes.SESSION_POLICY,
        roleArns=shapes.ROLE_ARNS,
        managedPolicyArns=shapes.MANAGED_POLICY_ARNS,
        durationSeconds=shapes.DURATION_SECONDS,
        acceptRoleSessionName=shapes.FLAG,
        aliasName=shapes.ALIAS,
    ),
    _of_profile("DeleteProfile", "DELETE", "/profile/{profileId}", profiles.delete),
    _of_profile("EnableProfile", "POST", "/profile/{profileId}/enable", profiles.enable),
    _of_profile("DisableProfile", "POST", "/profile/{profileId}/disable", profiles.disable),
    Operation(
        "PutAttributeMapping",
        "PUT",
        "/profiles/{profileId}/mappings",
        _PROFILE,
        profiles.put_mapping,
        _by_id(
            "profileId",
            shapes.PROFILE,
            {"certificateField": shapes.CERTIFICATE_FIELD, "mappingRules": shapes.MAPPING_RULES},
            ("certificateField", "mappingRules"),
        ),
        target="profileId",
    ),
    Operation(
        "DeleteAttributeMapping",
        "DELETE",
        "/profiles/{profileId}/mappings",
        _PROFILE,
        profiles.delete_mapping,
        _by_id(
            "profileId",
            shapes.PROFILE,
            {
                "certificateField": shapes.CERTIFICATE_FIELD,
                "specifiers": shapes.Many(shapes.TEXT),
            },
            ("certificateField",),
        ),
        target="profileId",
        in_query=("certificateField", "specifiers"),
    ),
)
_SUBJECTS: Final = (
    Operation(
        "GetSubject",
        "GET",
        "/subject/{subjectId}",
        _SUBJECT,
        subjects.get,
        _by_id("subjectId", shapes.UUID),
        target="subjectId",
    ),
    Operation(
        "ListSubjects",
        "GET",
        "/subjects",
        _SUBJECT,
        subjects.list_all,
        shapes.PAGE,
        in_query=("nextToken", "pageSize"),
    ),
)
_TAGS: Final = (
    Operation(
        "TagResource",
        "POST",
        "/TagResource",
        _TAGGING,
        tagging.tag,
        _by_id("resourceArn", shapes.RESOURCE_ARN, {"tags": shapes.TAGS}, ("tags",)),
        target="resourceArn",
        status=201,
    ),
    Operation(
        "UntagResource",
        "POST",
        "/UntagResource",
        _TAGGING,
        tagging.untag,
        _by_id("resourceArn", shapes.RESOURCE_ARN, {"tagKeys": shapes.TAG_KEYS}, ("tagKeys",)),
        target="resourceArn",
    ),
    Operation(
        "ListTagsForResource",
        "GET",
        "/ListTagsForResource",
        _TAGGING,
        tagging.list_tags,
        _by_id("resourceArn", shapes.RESOURCE_ARN),
        target="resourceArn",
        in_query=("resourceArn",),
    ),
)
OPERATIONS: Final = (*_TRUST_ANCHORS, *_PROFILES, *_SUBJECTS, *_TAGS)
