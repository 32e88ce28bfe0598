"""Pages: ``nextToken`` and ``pageSize``. A token names the last record given."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from rolesanywhere.emulator.roles_anywhere.refusals import invalid
from rolesanywhere.emulator.roles_anywhere.store import R, Table

_DEFAULT_SIZE: Final = 100
_LARGEST_SIZE: Final = 1000


def page(table: Table[R], parameters: Mapping[str, Any]) -> tuple[list[R], str | None]:
    """Give a page's records and the token of the next. Raises ``AwsError`` for a bad token."""
    size = parameters.get("pageSize", _DEFAULT_SIZE)
    if not 1 <= size <= _LARGEST_SIZE:
        message = f"Invalid page size {size}"
        raise invalid(message)
    token = parameters.get("nextToken")
    records = list(table) if token is None else _after(_decode(token), list(table))
    given = records[:size]
    return given, _encode(given[-1]) if len(records) > size else None


def _after(last: tuple[str, datetime], records: list[R]) -> list[R]:
    """Give what follows a record, which may be gone by now."""
    identifier, created_at = last
    place = next((n for n, each in enumerate(records) if each.id == identifier), None)
    if place is not None:
        return records[place + 1 :]
    return [each for each in records if each.created_at > created_at]


def _encode(record: R) -> str:
    return base64.urlsafe_b64encode(
        f"{record.id} {record.created_at.isoformat()}".encode()
    ).decode()


def _decode(token: str) -> tuple[str, datetime]:
    try:
        identifier, created_at = base64.urlsafe_b64decode(token.encode()).decode().split(" ")
        return identifier, datetime.fromisoformat(created_at)
    except (binascii.Error, UnicodeError, ValueError):
        message = "Invalid nextToken"
        raise invalid(message) from None
