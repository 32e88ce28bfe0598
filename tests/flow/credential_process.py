"""``rolesanywhere credential-process`` as flow tests run it: files, a home, a process.

``files`` and ``run`` are fixtures; ``tests/flow/conftest.py`` hands them out.
"""

import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from tests.flow.agent_process import key_and_certificate
from tests.flow.scripted_aws import ROLE_ARN, ScriptedAws

from rolesanywhere.cli.session_cache import sealed

ACCOUNT = "arn:aws:rolesanywhere:eu-west-1:111122223333"
CALL = "from rolesanywhere.cli.main import main; main()"
# the first terminal that a session's leader opens is what /dev/tty leads to
AT_TERMINAL = "import os, sys; os.open(sys.argv.pop(1), os.O_RDWR)"

Done = subprocess.CompletedProcess[str]


class Files:
    """Key and certificate as a person keeps them."""

    def __init__(self, folder: Path) -> None:
        self.key, self.certificate = folder / "key.pem", folder / "certificate.pem"
        self.rotate()

    def rotate(self) -> None:
        """Write new ones."""
        key, certificate = key_and_certificate()
        self.key.write_bytes(key)
        self.certificate.write_bytes(certificate)


def encrypt(key: Path, password: bytes) -> None:
    """Put the key in the file under a password."""
    loaded = load_pem_private_key(key.read_bytes(), None)
    encryption = BestAvailableEncryption(password)
    key.write_bytes(loaded.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))


class Terminal:
    """What a person sees and types."""

    def __init__(self) -> None:
        self._ours, self.descriptor = os.openpty()
        self.name = os.ttyname(self.descriptor)
        self.shown = b""

    def wait_for(self, words: bytes, *, seconds: float = 10) -> None:
        """Wait until it is shown."""
        while words not in self.shown:
            assert select.select([self._ours], [], [], seconds)[0], self.shown
            self.shown += os.read(self._ours, 1024)

    def type(self, line: bytes) -> None:
        """Type it, and press Enter."""
        os.write(self._ours, line + b"\n")

    def close(self) -> None:
        """Go away."""
        os.close(self._ours)
        os.close(self.descriptor)


class Kept(NamedTuple):
    """The times of a kept session, in epoch seconds."""

    refresh_at: float
    until: float


class Run:
    """The command, in a home folder of its own."""

    def __init__(self, home: Path, url: str, files: Files) -> None:
        self.cache = home / ".cache" / "rolesanywhere"
        self._home = home
        self._flags = [
            *("--certificate", str(files.certificate), "--private-key", str(files.key)),
            *("--trust-anchor-arn", f"{ACCOUNT}:trust-anchor/a"),
            *("--profile-arn", f"{ACCOUNT}:profile/p", "--role-arn", ROLE_ARN, "--endpoint", url),
        ]

    def __call__(self, *words: str, **environment: str) -> Done:
        """Run it to its end."""
        process = self.start(*words, terminal=None, stderr=subprocess.PIPE, **environment)
        out, err = process.communicate(timeout=40)
        return Done(process.args, process.returncode, out, err)

    def start(
        self,
        *words: str,
        terminal: Terminal | None = None,
        first: str = "",
        stderr: int = subprocess.PIPE,
        **environment: str,
    ) -> subprocess.Popen[str]:
        """Start it; without a terminal nobody can be asked for a password.

        ``first`` is done in its process before anything else.
        """
        calls = (first, CALL) if terminal is None else (AT_TERMINAL, first, CALL)
        name = [] if terminal is None else [terminal.name]
        return subprocess.Popen(  # noqa: S603 - our own interpreter
            [
                *(sys.executable, "-c", "\n".join(calls), *name),
                *("credential-process", *self._flags, *words),
            ],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": os.pathsep.join(sys.path),
                "HOME": str(self._home),
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
        )

    def age(self, *, left: float) -> None:
        """Make what is kept due for its successor, with so many seconds left."""
        path = self._kept()
        answer = path.read_bytes().split(b"\n", 2)[2]
        now = time.time()
        path.write_bytes(sealed(f"{now - 1} {now + left} {now - 1}\n".encode() + answer))

    def kept(self) -> Kept:
        """Tell until when the session is kept."""
        refresh_at, until, _ = self._kept().read_bytes().split(b"\n")[1].split()
        return Kept(float(refresh_at), float(until))

    def _kept(self) -> Path:
        (path,) = (each for each in self.cache.iterdir() if not each.suffix)
        return path


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture
def run(tmp_path: Path, aws: ScriptedAws, files: Files) -> Run:
    return Run(tmp_path, aws.url, files)
