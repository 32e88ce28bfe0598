"""Tags of trust anchors, profiles, CRLs and subjects."""

from typing import Final

from rolesanywhere.emulator.roles_anywhere.context import Call, Parameters
from rolesanywhere.emulator.roles_anywhere.refusals import not_found, too_many_tags
from rolesanywhere.emulator.roles_anywhere.store import Region
from rolesanywhere.emulator.roles_anywhere.wire import Shown

_MOST_TAGS: Final = 200


def tag(call: Call) -> Shown:
    """TagResource: adds tags, or gives present ones a new value."""
    held = _tags(call)
    merged = {**held, **tags_of(call.parameters)}
    if len(merged) > _MOST_TAGS:
        message = f"A resource can have at most {_MOST_TAGS} tags."
        raise too_many_tags(message)
    held.update(merged)
    return {}


def untag(call: Call) -> Shown:
    """UntagResource; keys that are not there do not matter."""
    held = _tags(call)
    for key in call.parameters["tagKeys"]:
        held.pop(key, None)
    return {}


def list_tags(call: Call) -> Shown:
    """ListTagsForResource."""
    return {"tags": [{"key": key, "value": value} for key, value in _tags(call).items()]}


def tags_of(parameters: Parameters) -> dict[str, str]:
    """Give the tags a request sets."""
    return {tag["key"]: tag["value"] for tag in parameters.get("tags", ())}


def is_known(region: Region, arn: str) -> bool:
    """Tell whether there is a resource of this ARN."""
    tables = (region.anchors, region.profiles, region.crls, region.subjects)
    return any(record.arn == arn for table in tables for record in table)


def _tags(call: Call) -> dict[str, str]:
    arn = call.parameters["resourceArn"]
    if not is_known(call.region, arn):
        message = f"Resource with ARN {arn} does not exist."
        raise not_found(message)
    return call.region.tags.setdefault(arn, {})
