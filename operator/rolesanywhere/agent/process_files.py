"""Files for ``credential_process``: a ready answer for each identity, and the config to find it.

An SDK reads them each time it needs credentials.
https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
"""

import errno
import json
import os
from math import inf
from typing import Final

from rolesanywhere.agent import atomic_file, instant
from rolesanywhere.agent.outlets import Grants
from rolesanywhere.agent.report import Grant

_OURS: Final = "# Kept by `rolesanywhere agent`: changes are lost.\n"


class ProcessFiles:
    """A ready answer for each identity, and an AWS config whose command is ``cat``."""

    def __init__(self, folder: str, names: tuple[str, ...], *, mode: int) -> None:
        """Take the identities' names; `default`, or the first, is also the profile ``default``.

        Raises ``OSError`` where the folder holds a config that somebody else wrote.
        """
        self._folder = folder
        self._names = names
        self._mode = mode
        self._config()

    def config_path(self) -> str:
        """Give what AWS_CONFIG_FILE is to be."""
        return os.path.join(self._folder, "config")  # noqa: PTH118 - pathlib costs the server memory

    def deliver(self, grants: Grants, *, now: float) -> float:
        """See ``Outlet``. An expired identity has no file: ``cat`` then fails, and says which."""
        os.makedirs(self._folder, mode=0o755, exist_ok=True)  # noqa: PTH103 - as above
        self._write_config()
        ends = []
        for name in self._names:
            path = self._path(name)
            grant = grants.get(name)
            if grant is not None:
                atomic_file.replace(path, _process_json(grant), mode=self._mode)
            elif name in grants or (end := _end_of(path)) is None or end <= now:
                atomic_file.remove(path)
            else:
                ends.append(end)
        return min(ends, default=inf)

    def _path(self, name: str) -> str:
        return os.path.join(self._folder, f"{name}.json")  # noqa: PTH118 - as above

    def _write_config(self) -> None:
        sections = [("default", "default" if "default" in self._names else self._names[0])]
        sections += [(f"profile {name}", name) for name in self._names if name != "default"]
        text = _OURS + "".join(
            f"\n[{section}]\ncredential_process = cat {self._path(name)}\n"
            for section, name in sections
        )
        if self._config() != text.encode():
            atomic_file.replace(self.config_path(), text.encode(), mode=0o644)

    def _config(self) -> bytes | None:
        """Give what is there. Raises ``OSError`` if somebody else wrote it."""
        content = atomic_file.read(self.config_path())
        if content and not content.startswith(_OURS.encode()):
            words = "it is not the agent's; give --process-dir a folder of its own"
            raise FileExistsError(errno.EEXIST, words, self.config_path())
        return content


def _process_json(grant: Grant) -> bytes:
    document = {
        "Version": 1,
        "AccessKeyId": grant.access_key_id,
        "SecretAccessKey": grant.secret_access_key,
        "SessionToken": grant.token,
        "Expiration": grant.expiration,
    }
    return json.dumps(document).encode()


def _end_of(path: str) -> float | None:
    """Give the end of what an earlier run wrote, epoch seconds; None for anything else."""
    try:
        return instant.read(json.loads(atomic_file.read(path) or b"")["Expiration"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
