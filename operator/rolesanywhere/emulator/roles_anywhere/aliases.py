"""Alias names: well-formed by their shape, not AWS's own, and one resource each."""

from collections.abc import Iterable
from typing import Final

from rolesanywhere.emulator.roles_anywhere.records import Resource
from rolesanywhere.emulator.roles_anywhere.refusals import invalid

_RESERVED: Final = "aws/"


def alias_from(wanted: str | None, others: Iterable[Resource]) -> str | None:
    """Give the alias to keep; empty text is none. Raises ``AwsError`` for one that is taken."""
    if not wanted:
        return None
    if wanted.lower().startswith(_RESERVED):
        message = f"Alias name {wanted} is reserved."
        raise invalid(message)
    if any(each.alias == wanted for each in others):
        message = f"Alias name {wanted} is already in use."
        raise invalid(message)
    return wanted
