"""The operations on profiles."""

from typing import Final

from rolesanywhere.emulator.roles_anywhere import profiles, shapes
from rolesanywhere.emulator.roles_anywhere.operation import OnResource, Operation, by_id
from rolesanywhere.emulator.roles_anywhere.shapes import Structure

_FAMILY: Final = "profile"  # what a rate quota counts together
_one = OnResource(_FAMILY, "profileId", shapes.PROFILE)

OPERATIONS: Final = (
    Operation(
        "CreateProfile",
        "POST",
        "/profiles",
        _FAMILY,
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
        _FAMILY,
        profiles.list_all,
        shapes.PAGE,
        in_query=("nextToken", "pageSize"),
    ),
    _one("GetProfile", "GET", "/profile/{profileId}", profiles.get),
    _one(
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
    _one("DeleteProfile", "DELETE", "/profile/{profileId}", profiles.delete),
    _one("EnableProfile", "POST", "/profile/{profileId}/enable", profiles.enable),
    _one("DisableProfile", "POST", "/profile/{profileId}/disable", profiles.disable),
    Operation(
        "PutAttributeMapping",
        "PUT",
        "/profiles/{profileId}/mappings",
        _FAMILY,
        profiles.put_mapping,
        by_id(
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
        _FAMILY,
        profiles.delete_mapping,
        by_id(
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
