"""The operations on subjects and on tags, which are each a family of their own."""

from typing import Final

from rolesanywhere.emulator.roles_anywhere import shapes, subjects, tagging
from rolesanywhere.emulator.roles_anywhere.operation import Operation, by_id

_SUBJECT, _TAGGING = "subject", "tagging"
OPERATIONS: Final = (
    Operation(
        "GetSubject",
        "GET",
        "/subject/{subjectId}",
        _SUBJECT,
        subjects.get,
        by_id("subjectId", shapes.UUID),
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
    Operation(
        "TagResource",
        "POST",
        "/TagResource",
        _TAGGING,
        tagging.tag,
        by_id("resourceArn", shapes.RESOURCE_ARN, {"tags": shapes.TAGS}, ("tags",)),
        target="resourceArn",
        status=201,
    ),
    Operation(
        "UntagResource",
        "POST",
        "/UntagResource",
        _TAGGING,
        tagging.untag,
        by_id("resourceArn", shapes.RESOURCE_ARN, {"tagKeys": shapes.TAG_KEYS}, ("tagKeys",)),
        target="resourceArn",
    ),
    Operation(
        "ListTagsForResource",
        "GET",
        "/ListTagsForResource",
        _TAGGING,
        tagging.list_tags,
        by_id("resourceArn", shapes.RESOURCE_ARN),
        target="resourceArn",
        in_query=("resourceArn",),
    ),
)
