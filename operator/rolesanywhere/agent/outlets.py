"""Files that credentials are delivered in: what each holds for a grant, and for none.

An SDK reads ``credential_process`` files each time it needs credentials, a shared credentials
file only once for each session of its own.
https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
"""

import errno
import json
import os
from collections.abc import Mapping
from typing import Final, Protocol

from rolesanywhere.agent import atomic_file, instant, shared_credentials
from rolesanywhere.agent.report import Grant

_OURS: Final = "# Kept by `rolesanywhere agent`: changes are lost.\n"

# A grant; None: it expired; no entry: none so far, and an earlier run's may still be good.
Grants = Mapping[str, Grant | None]


class Outlet(Protocol):
    """Somewhere files are kept."""

    def deliver(self, grants: Grants, *, now: float) -> float | None:
        """Bring the files in line; ``now`` is in epoch seconds.

        Gives the moment to be called again, where an earlier run's file is kept until its end.
        Raises ``OSError``; whatever was there is then still whole.
        """


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

    def deliver(self, grants: Grants, *, now: float) -> float | None:
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
        return min(ends, default=None)

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


class SharedFile:
    """Profiles in a shared credentials file; what others wrote in it stays."""

    def __init__(self, path: str, profiles: Mapping[str, str], *, mode: int) -> None:
        """``profiles`` gives the identity of each profile to keep."""
        self._path = path
        self._profiles = profiles
        self._mode = mode

    def deliver(self, grants: Grants, *, now: float) -> float | None:
        """See ``Outlet``. An expired profile loses its keys."""
        with atomic_file.Alone(self._path):
            return self._merge(grants, now)

    def _merge(self, grants: Grants, now: float) -> float | None:
        before = atomic_file.read(self._path)
        content = before or b""
        ends = []
        for profile, name in self._profiles.items():
            grant = grants.get(name)
            if grant is None and name not in grants:
                end = _end_in(content, profile)
                if end is not None and end > now:
                    ends.append(end)
                    continue
            values = None if grant is None else _shared_values(grant)
            content = shared_credentials.merge(content, profile, values)
        if content != (before or b""):
            atomic_file.replace(self._path, content, mode=self._mode)
        return min(ends, default=None)


def _process_json(grant: Grant) -> bytes:
    document = {
        "Version": 1,
        "AccessKeyId": grant.access_key_id,
        "SecretAccessKey": grant.secret_access_key,
        "SessionToken": grant.token,
        "Expiration": grant.expiration,
    }
    return json.dumps(document).encode()


def _shared_values(grant: Grant) -> dict[str, str]:
    values = (grant.access_key_id, grant.secret_access_key, grant.token, grant.expiration)
    return dict(zip(shared_credentials.KEYS, values, strict=True))


def _end_of(path: str) -> float | None:
    """Give the end of what an earlier run wrote, epoch seconds; None for anything else."""
    try:
        return instant.read(json.loads(atomic_file.read(path) or b"")["Expiration"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _end_in(content: bytes, profile: str) -> float | None:
    end = shared_credentials.value_of(content, profile, shared_credentials.EXPIRES)
    try:
        return None if end is None else instant.read(end)
    except ValueError:
        return None
