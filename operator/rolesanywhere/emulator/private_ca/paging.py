"""Long lists in pages: MaxResults and an opaque NextToken."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from rolesanywhere.emulator.private_ca import refusals

Item = TypeVar("Item")


def page(
    items: Sequence[Item],
    parameters: Mapping[str, Any],
    *,
    name_of: Callable[[Item], str],
    most: int,
) -> tuple[Sequence[Item], dict[str, str]]:
    """Give one page of ``items`` and the answer's NextToken, if there is more.

    The token names the last item given, so that an item added or removed between two pages moves
    no other. Raises ``AwsError`` (InvalidNextTokenException).
    """
    start = _start(items, parameters.get("NextToken"), name_of)
    size = min(parameters.get("MaxResults") or most, most)
    chosen = items[start : start + size]
    if start + size >= len(items):
        return chosen, {}
    token = base64.urlsafe_b64encode(name_of(chosen[-1]).encode()).decode("ascii")
    return chosen, {"NextToken": token}


def _start(items: Sequence[Item], token: str | None, name_of: Callable[[Item], str]) -> int:
    if token is None:
        return 0
    try:
        last = base64.b64decode(token, altchars=b"-_", validate=True).decode()
        return [name_of(item) for item in items].index(last) + 1
    except (binascii.Error, ValueError) as error:
        raise refusals.invalid_next_token() from error
