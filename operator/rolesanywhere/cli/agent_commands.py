"""``serve`` and ``update``: the Go helper's long-running commands, as the agent does them."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

from rolesanywhere.cli.helper_flags import (
    SWITCHES,
    TEXTS,
    HelpWanted,
    UsageError,
    read,
    usage,
)
from rolesanywhere.cli.key_files import asked_password
from rolesanywhere.cli.no_session import INTERRUPTED, UNUSABLE, USAGE, NoSession
from rolesanywhere.cli.shared_config import BadConfig, settings
from rolesanywhere.domain.shared_profile import is_profile_name

_PORTS: Final = (0, 65_535)
_HOPS: Final = (1, 255)
_SERVE_TEXTS: Final = {
    "port": "PORT   of 127.0.0.1; 0 picks a free one (default 9911)",
    "hop-limit": "N   IP time to live of replies (default 64)",
}
_UPDATE_TEXTS: Final = {"profile": "NAME   to keep the credentials in (default: default)"}
_UPDATE_SWITCHES: Final = {"once": "write once and end"}


def translate(command: str, arguments: Sequence[str]) -> list[str]:
    """Give the agent's arguments for ``serve`` or ``update``, which becomes this process.

    What the AWS config file says of the way to AWS goes into the environment that it inherits.
    Exits 2 when arguments or that file are wrong, 1 when the credentials can have no folder.
    """
    texts, switches = (
        (_SERVE_TEXTS, {}) if command == "serve" else (_UPDATE_TEXTS, _UPDATE_SWITCHES)
    )
    try:
        given = read(arguments, texts, switches)
        own = _serve(given) if command == "serve" else _update(given)
        os.environ.update(settings(os.environ))
        own += _password(given)
    except HelpWanted:
        sys.stdout.write(usage(command, texts, switches))
        sys.exit(0)
    except (UsageError, BadConfig) as error:
        _end(command, str(error), USAGE)
    except KeyboardInterrupt:  # of whoever was asked for a password
        sys.exit(INTERRUPTED)
    except NoSession as error:
        _end(command, str(error), error.status)
    except OSError as error:
        _end(command, f"{error.filename} cannot be made: {error.strerror}", UNUSABLE)
    common = [f"--{name}={value}" for name, value in given.items() if name in TEXTS]
    ignored = [name for name in SWITCHES if given.get(name) == "true"]
    if ignored:
        words = f"--{ignored[0]} has no effect on {command}; its log says what it does"
        sys.stderr.write(f"rolesanywhere {command}: {words}\n")
    return ["--no-endpoint", *own, *common]


def _serve(given: dict[str, str]) -> list[str]:
    port, hops = given.get("port", "9911"), given.get("hop-limit", "64")
    for name, text, (least, most) in (("port", port, _PORTS), ("hop-limit", hops, _HOPS)):
        if not text.isdecimal() or not least <= int(text) <= most:
            message = f"--{name} {text!r} is not a number from {least} to {most}"
            raise UsageError(message)
    return [f"--imds-listen=127.0.0.1:{port}", f"--hop-limit={hops}"]


def _update(given: dict[str, str]) -> list[str]:
    profile = given.get("profile", "default")
    if not is_profile_name(profile):
        message = f"--profile {profile!r} is no name for a profile"
        raise UsageError(message)
    named = os.environ.get("AWS_SHARED_CREDENTIALS_FILE")
    path = Path(named) if named else _home() / ".aws" / "credentials"
    _make_folder(path.parent)
    # someone waits at a shell: what only people can mend is told at once
    once = ["--once", "--once-timeout=0"] if given.get("once") == "true" else []
    return [f"--credentials-file={path}", f"--profile={profile}", *once]


def _end(command: str, words: str, status: int) -> NoReturn:
    sys.stderr.write(f"rolesanywhere {command}: {words}\n")
    sys.exit(status)


def _make_folder(folder: Path) -> None:
    """Make it and what leads there, each for the owner of what it is in, whoever makes it."""
    if folder.exists():
        return
    _make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = folder.parent.stat().st_uid
    if os.geteuid() == 0 and owner != 0:  # by `sudo -E`
        os.chown(folder, owner, -1, follow_symlinks=False)


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError as error:
        message = "there is no home folder: set HOME, or AWS_SHARED_CREDENTIALS_FILE"
        raise NoSession(UNUSABLE, message) from error


def _password(given: dict[str, str]) -> list[str]:
    """Ask for the password of an encrypted key, and hand it on in a file that is in memory alone.

    The agent reads it at each refresh, so a pipe would not do. Raises ``NoSession``.
    """
    password = asked_password(given)
    if password is None:
        return []
    if not hasattr(os, "memfd_create"):  # macOS
        message = "the private key is encrypted: give --password-file"
        raise NoSession(UNUSABLE, message)
    descriptor = os.memfd_create("password", 0)  # which the agent inherits
    os.write(descriptor, password)
    return [f"--password-file=/proc/self/fd/{descriptor}"]
