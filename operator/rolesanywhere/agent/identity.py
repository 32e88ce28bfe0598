"""Where an identity's key, certificate and configuration are: a Secret's folder, or files.

The server looks at them from outside (``fingerprint``) and tells the exchange where they are
(``task``); it never opens one.
"""

import os
from typing import Any, Final, NamedTuple, Protocol

from rolesanywhere.api.names import AGENT_JSON, TLS_CRT, TLS_KEY

FOLDER_FILES: Final = (TLS_KEY, TLS_CRT, AGENT_JSON)

Fingerprint = tuple[tuple[int, int, int] | None, ...]


class Identity(Protocol):
    """One identity to serve, known by its name in URLs and profiles."""

    @property
    def name(self) -> str:
        """Give the name."""

    def fingerprint(self) -> Fingerprint:
        """Give what changes with the files: inode, time and size of each; opens none."""

    def task(self) -> dict[str, Any]:
        """Give what the exchange is to do, as JSON has it; it may hold a password."""


class FolderIdentity(NamedTuple):
    """A folder with ``tls.key``, ``tls.crt`` and ``agent.json``, as the operator's Secrets are."""

    name: str
    folder: str

    def fingerprint(self) -> Fingerprint:
        """See ``Identity``."""
        return tuple(_stat(os.path.join(self.folder, name)) for name in FOLDER_FILES)  # noqa: PTH118 - pathlib costs the server memory

    def task(self) -> dict[str, Any]:
        """See ``Identity``."""
        return {"folder": self.folder}


class FilesIdentity(NamedTuple):
    """Files of any origin and the three ARNs, in the words of the Go helper's options."""

    name: str
    certificate: str  # PEM or PKCS#12
    private_key: str  # the certificate's own path when the key is in there too
    intermediates: str | None
    password: str | None  # of an encrypted key
    password_file: str | None
    configuration: dict[str, str | int | None]  # `AgentConfiguration`, as JSON has it

    def fingerprint(self) -> Fingerprint:
        """See ``Identity``."""
        paths = (self.certificate, self.private_key, self.intermediates, self.password_file)
        return tuple(_stat(path) for path in paths if path is not None)

    def task(self) -> dict[str, Any]:
        """See ``Identity``."""
        return {
            "certificate": self.certificate,
            "privateKey": self.private_key,
            "intermediates": self.intermediates,
            "password": self.password,
            "passwordFile": self.password_file,
            "configuration": self.configuration,
        }

    def __repr__(self) -> str:
        """Name the certificate, never the password."""
        return f"FilesIdentity({self.name}, {self.certificate})"


def _stat(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - pathlib costs the server memory
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
