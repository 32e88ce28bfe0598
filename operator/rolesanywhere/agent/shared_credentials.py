"""The AWS shared credentials file: one profile's keys replaced, every other byte kept. No I/O.

https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
"""

import re
from collections.abc import Mapping
from typing import Final

EXPIRES: Final = "x_security_token_expires"  # no SDK's key, but several tools' word for it
KEYS: Final = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token", EXPIRES)
_HEADER: Final = re.compile(rb"\[[ \t]*([^\]]*?)[ \t]*\]")
_KEY: Final = re.compile(rb"([A-Za-z0-9_]+)[ \t]*=[ \t]*(.*?)[ \t]*\r?\n?")


def merge(content: bytes, profile: str, values: Mapping[str, str] | None) -> bytes:
    """Give ``content`` with the profile's ``KEYS`` set to ``values``; None takes them away.

    A missing profile is added at the end. Other keys, comments, blanks and line ends stay.
    """
    lines = content.splitlines(keepends=True)
    span = _span(lines, profile)
    ours = (
        [] if values is None else [f"{key} = {value}\n".encode() for key, value in values.items()]
    )
    if span is None:
        return content + (_addition(content, profile, ours) if ours else b"")
    start, end = span
    kept = [line for line in lines[start:end] if _key(line) not in KEYS]
    if ours and kept == [] and not lines[start - 1].endswith(b"\n"):
        lines[start - 1] += b"\n"
    return b"".join([*lines[:start], *ours, *kept, *lines[end:]])


def value_of(content: bytes, profile: str, key: str) -> str | None:
    """Give one key of a profile; None if it is not there."""
    lines = content.splitlines(keepends=True)
    for line in lines[slice(*(_span(lines, profile) or (0, 0)))]:
        if _key(line) == key and (match := _KEY.fullmatch(line)):
            return match[2].decode("latin-1")
    return None


def _span(lines: list[bytes], profile: str) -> tuple[int, int] | None:
    """Give where a profile's lines begin, behind its header, and where they end."""
    start = None
    for number, line in enumerate(lines):
        match = _HEADER.match(line)
        if match is None:
            continue
        if start is not None:
            return start, number
        if match[1] == profile.encode():
            start = number + 1
    return None if start is None else (start, len(lines))


def _key(line: bytes) -> str | None:
    match = _KEY.fullmatch(line)
    return match[1].decode().lower() if match else None


def _addition(content: bytes, profile: str, ours: list[bytes]) -> bytes:
    gap = b"" if not content else b"\n" if content.endswith(b"\n") else b"\n\n"
    return b"".join([gap, f"[{profile}]\n".encode(), *ours])
