"""The files ``credential-process`` is given, each read once, and the password of an encrypted key.

Once, since a pipe gives nothing the second time. Little is imported: who waits for another run's
session has read them before, and may need nothing else.
"""

from __future__ import annotations

import getpass
import os
from pathlib import Path

from rolesanywhere.cli.no_session import UNUSABLE, NoSession
from rolesanywhere.pki.seclusion import seclude

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_QUESTION = "Password of the private key: "
_TRIES = 3


class KeyFiles:
    """What the files hold; ``private_key`` None: it is in ``certificate``."""

    def __init__(
        self,
        certificate: bytes,
        private_key: bytes | None,
        intermediates: bytes | None,
        password: bytes | None,
    ) -> None:
        self.certificate = certificate
        self.private_key = private_key
        self.intermediates = intermediates
        self.password = password


def read_files(given: Mapping[str, str], *, prompts: bool) -> KeyFiles:
    """Read what the flags name. Raises ``NoSession``.

    ``prompts``: where a password is needed and none is given, a person may type it.
    """
    seclude(dies_with_parent=False)
    certificate = _read(given["certificate"])
    named_key, chain = given.get("private-key"), given.get("intermediates")
    private_key = None if named_key in (None, given["certificate"]) else _read(named_key or "")
    return KeyFiles(
        certificate,
        private_key,
        None if chain is None else _read(chain),
        _password(given, private_key or certificate, prompts=prompts),
    )


def _password(given: Mapping[str, str], key: bytes, *, prompts: bool) -> bytes | None:
    if "password-file" in given:
        return _read(given["password-file"]).rstrip(b"\r\n")
    if "pkcs8-password" in given:
        return os.fsencode(given["pkcs8-password"])
    if not _is_encrypted(key):
        return None
    if prompts:
        return _typed_password(key)
    message = "the private key is encrypted: give --password-file, for nobody is asked meanwhile"
    raise NoSession(UNUSABLE, message)


def asked_password(given: Mapping[str, str]) -> bytes | None:
    """Give the password that only a person knows; None where the flags give it, or none is needed.

    A key that cannot be read is the agent's to tell of, and from a pipe it is the agent's to read.
    Raises ``NoSession``.
    """
    path = Path(given.get("private-key", given["certificate"]))
    if "password-file" in given or "pkcs8-password" in given or not path.is_file():
        return None
    try:
        key = path.read_bytes()
    except OSError:
        return None
    return _typed_password(key) if _is_encrypted(key) else None


def _typed_password(key: bytes) -> bytes:
    """Ask at the terminal until it opens the key, or three times. Raises ``NoSession``."""
    from rolesanywhere.pki.identity_files import is_opened  # noqa: PLC0415 - takes a while

    for question in (_QUESTION, *[f"It does not open the key. {_QUESTION}"] * (_TRIES - 1)):
        password = _typed(question)
        if is_opened(key, password):
            return password
    message = "none of the passwords typed is the private key's"
    raise NoSession(UNUSABLE, message)


def _typed(question: str) -> bytes:
    try:
        with Path("/dev/tty").open("w") as terminal:
            return os.fsencode(getpass.getpass(question, terminal))
    except (OSError, EOFError) as error:
        message = "the private key is encrypted: give --password-file, for nobody can be asked"
        raise NoSession(UNUSABLE, message) from error
    except UnicodeError as error:
        message = "what was typed is no text in this locale: give --password-file"
        raise NoSession(UNUSABLE, message) from error


def _is_encrypted(key: bytes) -> bool:
    if b"ENCRYPTED" not in key:
        return False
    from rolesanywhere.pki.identity_files import is_encrypted  # noqa: PLC0415 - takes a while

    return is_encrypted(key)


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise NoSession(UNUSABLE, message) from error
