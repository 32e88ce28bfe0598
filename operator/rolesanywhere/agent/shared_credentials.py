"""The AWS shared credentials file: one profile's keys replaced, every other byte kept. No I/O.

https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
What is a header, a key or the rest of a value is read as botocore reads it (Python's
``configparser``), the strictest of the readers: what it refuses takes all profiles with it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

EXPIRES: Final = "x_security_token_expires"  # no SDK's key, but several tools' word for it
KEYS: Final = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token", EXPIRES)
# An older name of the session token, never written: botocore prefers it, however old its value.
_REPLACED: Final = (*KEYS, "aws_security_token")
_HEADER: Final = re.compile(rb"\[(.+)\]")
_KEY: Final = re.compile(rb"(.*?)\s*[=:]\s*(.*)")
_COMMENTS: Final = (b"#", b";")


class _Line(NamedTuple):
    """A line with its end, and what it is: a header, a key, the rest of a value, or nothing."""

    text: bytes
    header: bytes | None = None
    key: str | None = None  # in lower case; of the rest of a value, the value's
    value: bytes | None = None
    indent: int | None = None  # bytes; of what is not the rest of a value


def merge(content: bytes, profile: str, values: Mapping[str, str] | None) -> bytes:
    """Give ``content`` with the profile's ``KEYS`` set to ``values``; None takes them away.

    The token's older name goes either way. A missing profile is added at the end. Other keys,
    comments, blanks and line ends stay.
    """
    lines = list(_read(content))
    span = _span(lines, profile)
    if span is None:
        return content + (b"" if values is None else _addition(content, profile, values))
    start, end = span
    kept = [line for line in lines[start:end] if line.key not in _REPLACED]
    before = b"".join(line.text for line in lines[:start])
    following = [*kept, *lines[end:]]
    after = b"".join(line.text for line in following)
    if values is None:
        return before + after
    # indented as what comes next is, which would else be taken for the rest of ours
    indent = next((line.indent for line in following if line.indent is not None), 0)
    return before + _gap(before) + _written(values, indent) + after


def value_of(content: bytes, profile: str, key: str) -> str | None:
    """Give one key of a profile; None if it is not there."""
    lines = list(_read(content))
    for line in lines[slice(*(_span(lines, profile) or (0, 0)))]:
        if line.key == key and line.value is not None:
            return line.value.decode("latin-1")
    return None


def _read(content: bytes) -> Iterator[_Line]:
    key, indent = None, 0  # of the value that an indented line would go on with
    for text in content.splitlines(keepends=True):
        bare = text.strip()
        inset = len(text) - len(text.lstrip())
        if not bare or bare.startswith(_COMMENTS):
            yield _Line(text)
        elif key is not None and inset > indent:
            yield _Line(text, key=key)
        elif match := _HEADER.match(bare):
            key, indent = None, inset
            yield _Line(text, header=match[1], indent=inset)
        elif match := _KEY.fullmatch(bare):
            key, indent = match[1].decode("latin-1").lower(), inset
            yield _Line(text, key=key, value=match[2], indent=inset)
        else:
            indent = inset
            yield _Line(text, indent=inset)


def _span(lines: list[_Line], profile: str) -> tuple[int, int] | None:
    """Give where a profile's lines begin, behind its header, and where they end."""
    name = profile.encode()
    start = next((number for number, line in enumerate(lines, 1) if line.header == name), None)
    if start is None:
        return None
    headers = (number for number in range(start, len(lines)) if lines[number].header is not None)
    return start, next(headers, len(lines))


def _addition(content: bytes, profile: str, values: Mapping[str, str]) -> bytes:
    empty = b"\n" if content else b""
    return _gap(content) + empty + f"[{profile}]\n".encode() + _written(values, 0)


def _gap(before: bytes) -> bytes:
    """End the last line, if there is one without an end."""
    return b"" if not before or before.endswith((b"\n", b"\r")) else b"\n"


def _written(values: Mapping[str, str], indent: int) -> bytes:
    return "".join(f"{' ' * indent}{key} = {value}\n" for key, value in values.items()).encode()
