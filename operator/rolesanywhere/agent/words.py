"""Single words of the command line: each function reads one, or says what it should look like."""

import os
from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import Final

from rolesanywhere.agent.identity import FolderIdentity
from rolesanywhere.domain.shared_profile import is_profile_name

_LOOPBACK: Final = ("127.0.0.1", "::1")
_LAST_PORT: Final = 65535
_SHORTEST_SECONDS: Final = 0.05
_LONGEST_SECONDS: Final = 5.0  # and three for an answer to old files: in use within ten seconds
_WITHOUT_MARKS: Final = str.maketrans("", "", "-_.")
_WRITTEN_BY_ALL: Final = 0o002
_PERMISSIONS: Final = 0o777
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-")


def is_name(text: str) -> bool:
    """Tell whether it may be an identity's: in URLs, file names, commands and labels as it is."""
    bare = text.translate(_WITHOUT_MARKS)
    return bare.isascii() and bare.isalnum()


def folder_identity(text: str) -> FolderIdentity:
    """Read ``[NAME=]FOLDER``."""
    name, equals, folder = text.partition("=")
    if not equals:
        folder = text
        name = os.path.basename(os.path.normpath(folder))  # noqa: PTH119 - pathlib costs the server memory
    if not folder or not is_name(name):
        message = f"{text!r} is not [NAME=]FOLDER with a NAME of letters, digits, '-', '_' and '.'"
        raise ArgumentTypeError(message)
    return FolderIdentity(name, folder)


def profile_name(text: str) -> str:
    """Read the name of a profile in the AWS shared credentials file."""
    if not is_profile_name(text):
        message = f"{text!r} is no name for a profile"
        raise ArgumentTypeError(message)
    return text


def any_address(text: str) -> tuple[str, int]:
    """Read ``ADDRESS:PORT``; an IPv6 address stands in brackets."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not text.isascii() or not port.isdecimal() or int(port) > _LAST_PORT:
        message = f"{text!r} is not an address such as 127.0.0.1:9911 or [::1]:9911"
        raise ArgumentTypeError(message)
    return host, int(port)


def loopback_address(text: str) -> tuple[str, int]:
    """Read an address that only this pod can reach."""
    host, port = any_address(text)
    if host not in _LOOPBACK:
        message = (
            f"{host!r} is not loopback: credentials are served to this pod only, "
            "on 127.0.0.1 or [::1]"
        )
        raise ArgumentTypeError(message)
    return host, port


def number(least: int, most: int) -> Callable[[str], int]:
    """Give the reader of a whole number between two bounds."""

    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            message = f"{text!r} is not a number from {least} to {most}"
            raise ArgumentTypeError(message)
        return int(text)

    return read


def interval(text: str) -> float:
    """Read seconds between two looks, at least a twentieth, at most five."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not _SHORTEST_SECONDS <= value <= _LONGEST_SECONDS:
        message = f"{text!r} is not a number of seconds from {_SHORTEST_SECONDS} to 5"
        raise ArgumentTypeError(message)
    return value


def mode(text: str) -> int:
    """Read permissions in octal; not everybody's to write: who could would be whom SDKs believe."""
    try:
        value = int(text, 8)
    except ValueError:
        value = -1
    if not 0 <= value <= _PERMISSIONS:
        message = f"{text!r} is not an octal mode such as 0640"
        raise ArgumentTypeError(message)
    if value & _WRITTEN_BY_ALL:
        message = f"{text!r} lets everybody write"
        raise ArgumentTypeError(message)
    return value


def plain_path(text: str) -> str:
    """Read a path that needs no quotes, whatever shell or splitter an SDK gives it to."""
    if not text or not set(text) <= _PLAIN:
        message = f"{text!r} must consist of letters, digits and /._- to stand in an AWS config"
        raise ArgumentTypeError(message)
    return os.path.abspath(text)  # noqa: PTH100 - pathlib costs the server memory
