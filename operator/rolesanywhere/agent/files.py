"""The exchange's reading: a Secret's folder in one generation, or single files.

The kubelet writes each generation into a new folder and swaps the symbolic link ``..data`` to it,
so all files must be read through one opened folder.
https://kubernetes.io/docs/concepts/configuration/secret/#mounted-secrets-are-updated-automatically
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rolesanywhere.agent.identity import FOLDER_FILES
from rolesanywhere.api.names import AGENT_JSON, TLS_CRT, TLS_KEY

INTERMEDIATES: Final = "intermediates"  # beside a folder's names, for single files
PASSWORD: Final = "password"  # noqa: S105 - its name
_GENERATION: Final = "..data"
_READ_TRIES: Final = 3  # the kubelet removes the old generation right after the swap


def read_folder(folder: str) -> Mapping[str, bytes]:
    """Give the contents of ``FOLDER_FILES``, all of one generation. Raises ``OSError``."""
    for _ in range(_READ_TRIES - 1):
        try:
            return _read_generation(Path(folder))
        except FileNotFoundError:
            continue
    return _read_generation(Path(folder))


def read_each(task: Mapping[str, Any]) -> Mapping[str, bytes]:
    """Give what single files hold, under the names of a folder's; see ``FilesIdentity.task``.

    The key is left out where the certificate's file is the key's too. Raises ``OSError``.
    """
    paths = {
        TLS_CRT: task["certificate"],
        TLS_KEY: None if task["privateKey"] == task["certificate"] else task["privateKey"],
        INTERMEDIATES: task["intermediates"],
    }
    found = {name: Path(path).read_bytes() for name, path in paths.items() if path is not None}
    if task["passwordFile"] is not None:
        found[PASSWORD] = Path(task["passwordFile"]).read_bytes().rstrip(b"\r\n")
    elif task["password"] is not None:
        found[PASSWORD] = os.fsencode(task["password"])  # the bytes that were typed
    found[AGENT_JSON] = json.dumps(task["configuration"]).encode()
    return found


def _read_generation(folder: Path) -> Mapping[str, bytes]:
    generation = folder / _GENERATION
    opened = os.open(generation if generation.is_dir() else folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        return {name: _read(name, opened) for name in FOLDER_FILES}
    finally:
        os.close(opened)


def _read(name: str, folder: int) -> bytes:
    with os.fdopen(os.open(name, os.O_RDONLY, dir_fd=folder), "rb") as file:
        return file.read()
