"""The folder a Secret is mounted at: noticing a new generation of it, and reading one.

The kubelet writes each generation into a new folder and swaps the symbolic link ``..data`` to it,
so all files must be read through one opened folder. The server only ever calls ``fingerprint``.
"""

import os
from collections.abc import Mapping
from typing import Final

from rolesanywhere.api.names import AGENT_JSON, TLS_CRT, TLS_KEY

FILES: Final = (TLS_KEY, TLS_CRT, AGENT_JSON)
_GENERATION: Final = "..data"
_READ_TRIES: Final = 3  # the kubelet removes the old generation right after the swap

Fingerprint = tuple[tuple[int, int, int] | None, ...]


def fingerprint(folder: str) -> Fingerprint:
    """Give what changes with each generation: inode, time and size of each file; opens none."""
    return tuple(_stat(os.path.join(folder, name)) for name in FILES)  # noqa: PTH118 - pathlib costs the server memory


def read_files(folder: str) -> Mapping[str, bytes]:
    """Give the contents of ``FILES``, all of one generation. Raises ``OSError``."""
    for _ in range(_READ_TRIES - 1):
        try:
            return _read_generation(folder)
        except FileNotFoundError:
            continue
    return _read_generation(folder)


def _read_generation(folder: str) -> Mapping[str, bytes]:
    generation = os.path.join(folder, _GENERATION)  # noqa: PTH118 - as above
    opened = os.open(
        generation if os.path.isdir(generation) else folder,  # noqa: PTH112 - as above
        os.O_RDONLY | os.O_DIRECTORY,
    )
    try:
        return {name: _read(name, opened) for name in FILES}
    finally:
        os.close(opened)


def _read(name: str, folder: int) -> bytes:
    with open(os.open(name, os.O_RDONLY, dir_fd=folder), "rb") as file:  # noqa: PTH123 - a descriptor
        return file.read()


def _stat(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - as above
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
