"""The authorization token: a shared file that SDKs send back verbatim.

The file has no newline at its end: botocore and the Go SDK refuse a token that holds one.
"""

import os
from typing import Final

from rolesanywhere.agent import atomic_file

_RANDOM_BYTES: Final = 32
_PRINTABLE: Final = range(0x21, 0x7F)  # what may stand in an HTTP header, blanks left out


def load_or_make(path: str, *, mode: int) -> bytes:
    """Give the token in ``path``, made first if the file is missing.

    A token survives a restart of the agent, so SDKs that hold on to it go on working. Raises
    ``ValueError`` for a file no SDK could use, ``OSError`` when it cannot be read or made.
    """
    try:
        token = _read(path)
    except FileNotFoundError:
        _make(path, mode)
        token = _read(path)
    if not token or not all(byte in _PRINTABLE for byte in token):
        message = (
            f"the token file {path} is empty or holds blanks, newlines or other characters that "
            "SDKs refuse: remove it, and the agent makes a good one"
        )
        raise ValueError(message)
    return token


def _read(path: str) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123 - pathlib costs the server memory
        return file.read(4096)


def _make(path: str, mode: int) -> None:
    """Write aside, then link: a reader sees a whole token or none, and the first maker wins."""
    aside = f"{path}.{os.getpid()}"
    try:
        atomic_file.write_new(aside, os.urandom(_RANDOM_BYTES).hex().encode(), mode=mode)
        os.link(aside, path)
    except FileExistsError:
        return
    finally:
        atomic_file.remove(aside)
