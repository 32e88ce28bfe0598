"""Files for ``credential_process``: a ready answer for each identity, and the config to find it.

An SDK reads them each time it needs credentials.
https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
"""

import errno
import json
import os
from functools import partial
from math import inf
from typing import Final

from rolesanywhere.agent import atomic_file, instant
from rolesanywhere.agent.outlets import Grants, Watch
from rolesanywhere.agent.owners import as_owner_of
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
        self._watch = Watch()
        self._check_config()

    def config_path(self) -> str:
        """Give what AWS_CONFIG_FILE is to be."""
        return os.path.join(self._folder, "config")  # noqa: PTH118 - pathlib costs the server memory

    def deliver(self, grants: Grants, *, now: float) -> float:
        """See ``Outlet``. An expired identity has no file: ``cat`` then fails, and says which."""
        self._watch.forget()
        with as_owner_of(self._folder):
            return self._deliver(grants, now)

    def _deliver(self, grants: Grants, now: float) -> float:
        os.makedirs(self._folder, mode=0o755, exist_ok=True)  # noqa: PTH103 - as above
        again = inf
        errors = []
        works = [partial(self._write_config)]
        works += [partial(self._bring, name, grants, now) for name in self._names]
        for work in works:
            try:
                again = min(again, work())
            except OSError as error:  # the others' files are still to be brought in line
                errors.append(error)
        if errors:
            raise errors[0]
        return again

    def lost(self, grants: Grants, *, now: float) -> str | None:  # noqa: ARG002 - see ``Outlet``
        """See ``Outlet``."""
        path = self.config_path()
        if not self._watch.is_right(path, lambda content: content == self._config()):
            return path
        for name in self._names:
            path, grant = self._path(name), grants.get(name)
            if grant is not None and not self._watch.is_right(path, partial(_is_of, grant)):
                return path
        return None

    def _bring(self, name: str, grants: Grants, now: float) -> float:
        """Bring one identity's file in line; gives when to look at it again."""
        path = self._path(name)
        grant = grants.get(name)
        if grant is not None:
            _write(path, _process_json(grant), mode=self._mode)
        elif name in grants or (end := _end_of(path)) <= now:
            atomic_file.remove(path)
        else:
            return end
        return inf

    def _path(self, name: str) -> str:
        return os.path.join(self._folder, f"{name}.json")  # noqa: PTH118 - as above

    def _write_config(self) -> float:
        self._check_config()
        _write(self.config_path(), self._config(), mode=0o644)
        return inf

    def _config(self) -> bytes:
        sections = [("default", "default" if "default" in self._names else self._names[0])]
        sections += [(f"profile {name}", name) for name in self._names if name != "default"]
        text = _OURS + "".join(
            f"\n[{section}]\ncredential_process = cat {self._path(name)}\n"
            for section, name in sections
        )
        return text.encode()

    def _check_config(self) -> None:
        """Raise ``OSError`` if somebody else wrote what is there."""
        content = atomic_file.read(self.config_path())
        if content and not content.startswith(_OURS.encode()):
            words = "it is not the agent's; give --process-dir a folder of its own"
            raise FileExistsError(errno.EEXIST, words, self.config_path())


def _write(path: str, content: bytes, *, mode: int) -> None:
    """Write a file that does not hold this already.

    Nothing waits for the disk: what a crash may take can be had again.
    """
    try:
        is_there = atomic_file.read(path) == content
    except OSError:  # not to be read, but perhaps to be replaced
        is_there = False
    if not is_there:
        atomic_file.replace(path, content, mode=mode, sync=False)


def _process_json(grant: Grant) -> bytes:
    document = {
        "Version": 1,
        "AccessKeyId": grant.access_key_id,
        "SecretAccessKey": grant.secret_access_key,
        "SessionToken": grant.token,
        "Expiration": grant.expiration,
    }
    return json.dumps(document).encode()


def _is_of(grant: Grant, content: bytes) -> bool:
    return content == _process_json(grant)


def _end_of(path: str) -> float:
    """Give the end of what an earlier run wrote, epoch seconds; long ago for anything else."""
    try:
        return instant.read(json.loads(atomic_file.read(path) or b"")["Expiration"])
    except (OSError, ValueError, KeyError, TypeError):
        return -inf
