"""Parameters against shapes, with the refusals AWS's front gives before an operation runs.

Two kinds, as at AWS: a value of the wrong type is a SerializationException, alone; values beyond
the model's limits are one ValidationException that lists them all.
https://docs.aws.amazon.com/privateca/latest/APIReference/CommonErrors.html
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from rolesanywhere.emulator.private_ca import refusals
from rolesanywhere.emulator.private_ca.shapes import (
    Blob,
    Choice,
    Many,
    Shape,
    Structure,
    Text,
    Truth,
    Whole,
)

# Java's classes of Unicode inside [...]; "re" has no \p. Letters and digits are its \w.
_JAVA_CLASSES: Final = (
    (r"\p{L}", r"\w"),
    (r"\p{N}", r"\w"),
    (r"\p{Z}", " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"),
)
_JSON_TYPES: Final[Mapping[type[Shape], type]] = {
    Text: str,
    Choice: str,
    Blob: str,
    Whole: int,
    Truth: bool,
    Many: list,
    Structure: dict,
}
_MOST_LISTED: Final = 10  # violations in one message


def check(parameters: object, request: Structure) -> None:
    """Refuse parameters that are not what the model says.

    Raises ``AwsError``: SerializationException or ValidationException.
    """
    violations = list(_violations(parameters, request, ""))
    if violations:
        count = len(violations)
        noun = "error" if count == 1 else "errors"
        message = f"{count} validation {noun} detected: {'; '.join(violations[:_MOST_LISTED])}"
        raise refusals.validation(message)


def decode_blob(text: str) -> bytes:
    """Decode base64. Raises ``AwsError`` (SerializationException)."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        message = "a blob is not base64"
        raise refusals.serialization(message) from error


def _violations(value: object, shape: Shape, path: str) -> Iterator[str]:
    _require_type(value, shape, path)
    if isinstance(shape, Structure) and isinstance(value, dict):
        yield from _of_structure(value, shape, path)
    elif isinstance(shape, Many) and isinstance(value, list):
        yield from _beyond(len(value), shape, path, value, "length")
        for number, member in enumerate(value, 1):
            yield from _violations(member, shape.member, f"{path}.{number}.member")
    elif isinstance(shape, Text) and isinstance(value, str):
        yield from _beyond(len(value), shape, path, value, "length")
        if shape.pattern is not None and not _compiled(shape.pattern).fullmatch(value):
            rule = f"Member must satisfy regular expression pattern: {shape.pattern}"
            yield _violation(value, path, rule)
    elif isinstance(shape, Blob) and isinstance(value, str):
        yield from _beyond(len(decode_blob(value)), shape, path, None, "length")
    elif isinstance(shape, Choice) and value not in shape.values:
        rule = f"Member must satisfy enum value set: [{', '.join(shape.values)}]"
        yield _violation(value, path, rule)
    elif isinstance(shape, Whole) and isinstance(value, int):
        yield from _beyond(value, shape, path, value, "value")


def _of_structure(value: Mapping[str, Any], shape: Structure, path: str) -> Iterator[str]:
    for name, member in shape.members.items():
        here = f"{path}.{_lower_first(name)}" if path else _lower_first(name)
        if value.get(name) is not None:
            yield from _violations(value[name], member, here)
        elif name in shape.required:
            yield (f"Value null at '{here}' failed to satisfy constraint: Member must not be null")


def _require_type(value: object, shape: Shape, path: str) -> None:
    expected = _JSON_TYPES[type(shape)]
    is_mixed_up = expected is int and isinstance(value, bool)  # True is an int to Python only
    if not isinstance(value, expected) or is_mixed_up:
        where = f" at '{path}'" if path else ""
        message = f"a JSON value{where} is not of type {expected.__name__}"
        raise refusals.serialization(message)


def _beyond(
    size: int, shape: Text | Blob | Many | Whole, path: str, value: object, noun: str
) -> Iterator[str]:
    if shape.maximum is not None and size > shape.maximum:
        rule = f"Member must have {noun} less than or equal to {shape.maximum}"
        yield _violation(value, path, rule)
    if shape.minimum is not None and size < shape.minimum:
        rule = f"Member must have {noun} greater than or equal to {shape.minimum}"
        yield _violation(value, path, rule)


def _violation(value: object, path: str, rule: str) -> str:
    shown = "" if value is None else f" '{value}'"
    return f"Value{shown} at '{path}' failed to satisfy constraint: {rule}"


def _lower_first(name: str) -> str:
    return name[0].lower() + name[1:]


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern of the model's dialect: ASCII, unless it names Unicode properties."""
    is_ascii = r"\p" not in pattern
    for java, ours in _JAVA_CLASSES:
        pattern = pattern.replace(java, ours)
    return re.compile(pattern, re.ASCII if is_ascii else re.UNICODE)
