"""Tags of a CA.

https://docs.aws.amazon.com/privateca/latest/userguide/PcaCaTagging.html
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from rolesanywhere.emulator.private_ca import refusals
from rolesanywhere.emulator.private_ca.paging import page
from rolesanywhere.emulator.private_ca.records import Authority, Status
from rolesanywhere.emulator.private_ca.request import Request

_MOST_TAGS: Final = 50
_RESERVED: Final = "aws:"


def tags_of(given: Iterable[Mapping[str, Any]]) -> dict[str, str | None]:
    """Read a tag list. Raises ``AwsError`` (InvalidTagException).

    A key may not come twice nor begin with ``aws:``.
    """
    tags: dict[str, str | None] = {}
    for tag in given:
        key = tag["Key"]
        if key.lower().startswith(_RESERVED):
            message = f"Tag key {key} is reserved: keys cannot begin with {_RESERVED}"
            raise refusals.invalid_tag(message)
        if key in tags:
            message = f"Tag key {key} is given more than once."
            raise refusals.invalid_tag(message)
        tags[key] = tag.get("Value")
    return tags


def tag(request: Request) -> dict[str, Any]:
    """TagCertificateAuthority: add tags, or give them new values.

    Raises ``AwsError``: InvalidTagException, TooManyTagsException.
    """
    authority = _alive(request, "be tagged")
    tags = {**authority.tags, **tags_of(request.parameters["Tags"])}
    if len(tags) > _MOST_TAGS:
        raise refusals.too_many_tags(_MOST_TAGS)
    authority.tags = tags
    return {}


def untag(request: Request) -> dict[str, Any]:
    """UntagCertificateAuthority: by key, or by key and value where a value is given."""
    authority = _alive(request, "be untagged")
    for key, value in tags_of(request.parameters["Tags"]).items():
        if value is None or authority.tags.get(key) == value:
            authority.tags.pop(key, None)
    return {}


def list_tags(request: Request) -> dict[str, Any]:
    """ListTags, in the order of their keys."""
    tags = _alive(request, "list tags").tags
    chosen, more = page(
        sorted(tags), request.parameters, name_of=str, most=request.settings.page_size
    )
    return {"Tags": [_answer(key, tags[key]) for key in chosen], **more}


def _alive(request: Request, purpose: str) -> Authority:
    authority = request.authority()
    if authority.status is Status.DELETED:
        raise refusals.wrong_state(authority.arn, purpose)
    return authority


def _answer(key: str, value: str | None) -> dict[str, str]:
    return {"Key": key} if value is None else {"Key": key, "Value": value}
