"""Parameters against shapes, with the words AWS's front ends use for what does not fit."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rolesanywhere.emulator.roles_anywhere.refusals import invalid
from rolesanywhere.emulator.roles_anywhere.shapes import (
    Blob,
    Many,
    Shape,
    Structure,
    Text,
    Whole,
)

Value = Any  # of parsed JSON
_SHOWN_CHARACTERS: Final = 100  # of a value that does not fit


def validate(shape: Structure, parameters: Mapping[str, Value]) -> dict[str, Value]:
    """Give what the shape knows of the parameters; null members are absent ones.

    Raises ``AwsError``: ValidationException that lists everything that does not fit.
    """
    faults = list(_structure(shape, parameters, ""))
    if faults:
        many = "error" if len(faults) == 1 else "errors"
        told = "; ".join(faults)
        message = f"{len(faults)} validation {many} detected: {told}"
        raise invalid(message)
    return {name: parameters[name] for name in shape.members if parameters.get(name) is not None}


def decode_blob(text: str) -> bytes:
    """Read base64 that passed ``validate``."""
    return base64.b64decode(text)


def _faults(shape: Shape, value: Value, path: str) -> Iterator[str]:
    if isinstance(shape, Structure):
        yield from _structure(shape, value, path)
    elif isinstance(shape, Many):
        yield from _many(shape, value, path)
    elif isinstance(shape, Text):
        yield from _text(shape, value, path)
    elif isinstance(shape, Whole):
        yield from _whole(shape, value, path)
    elif isinstance(shape, Blob):
        yield from _blob(shape, value, path)
    elif not isinstance(value, bool):
        yield _unfit(value, path, "Member must be a boolean")


def _structure(shape: Structure, value: Value, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield _unfit(value, path or "body", "Member must be an object")
        return
    prefix = f"{path}." if path else ""
    for name in shape.required:
        if value.get(name) is None:
            yield f"Value at '{prefix}{name}' failed to satisfy constraint: Member must not be null"
    held = [name for name in shape.members if value.get(name) is not None]
    if shape.union and len(held) != 1:
        yield _unfit(held, path, f"Exactly one member of {', '.join(shape.members)} must be set")
    for name in held:
        yield from _faults(shape.members[name], value[name], f"{prefix}{name}")


def _many(shape: Many, value: Value, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield _unfit(value, path, "Member must be a list")
        return
    if shape.maximum is not None and len(value) > shape.maximum:
        limit = f"Member must have length less than or equal to {shape.maximum}"
        yield f"Value at '{path}' failed to satisfy constraint: {limit}"
    for place, member in enumerate(value, start=1):
        yield from _faults(shape.member, member, f"{path}.{place}.member")


def _text(shape: Text, value: Value, path: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield _unfit(value, path, "Member must be a string")
        return
    if shape.among and value not in shape.among:
        yield _unfit(value, path, f"Member must satisfy enum value set: [{', '.join(shape.among)}]")
    yield from _length(len(value), shape.minimum, shape.maximum, value, path)
    if shape.pattern is not None and not re.fullmatch(shape.pattern, value):
        rule = f"Member must satisfy regular expression pattern: ^{shape.pattern}$"
        yield _unfit(value, path, rule)


def _blob(shape: Blob, value: Value, path: str) -> Iterator[str]:
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, TypeError, ValueError):
        yield _unfit("…", path, "Member must be base64")
        return
    yield from _length(len(data), shape.minimum, shape.maximum, "…", path)


def _whole(shape: Whole, value: Value, path: str) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int):
        yield _unfit(value, path, "Member must be an integer")
        return
    if shape.minimum is not None and value < shape.minimum:
        rule = f"Member must have value greater than or equal to {shape.minimum}"
        yield _unfit(value, path, rule)
    if shape.maximum is not None and value > shape.maximum:
        yield _unfit(value, path, f"Member must have value less than or equal to {shape.maximum}")


def _length(
    length: int, minimum: int, maximum: int | None, value: Value, path: str
) -> Iterator[str]:
    if length < minimum:
        rule = f"Member must have length greater than or equal to {minimum}"
        yield _unfit(value, path, rule)
    if maximum is not None and length > maximum:
        yield _unfit(value, path, f"Member must have length less than or equal to {maximum}")


def _unfit(value: Value, path: str, rule: str) -> str:
    text = str(value)
    shown = text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
    return f"Value '{shown}' at '{path}' failed to satisfy constraint: {rule}"
