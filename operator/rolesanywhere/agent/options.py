"""The agent's options: text in, ``Options`` out; a wrong one ends the program with status 2."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

DEFAULT_FOLDER: Final = "/var/run/secrets/rolesanywhere.dev/identity"
DEFAULT_TOKEN_FILE: Final = "/var/run/rolesanywhere.dev/token"  # noqa: S105 - a path
_LOOPBACK: Final = ("127.0.0.1", "::1")
_LAST_PORT: Final = 65535
_PERMISSIONS: Final = 0o777
_EXAMPLES: Final = """\
examples:
  rolesanywhere agent --token-file /run/aws/token
  rolesanywhere agent --listen [::1]:9911 --output json
  rolesanywhere agent --identity-dir orders=/id/orders --identity-dir audit=/id/audit
"""


@dataclass(frozen=True, slots=True)
class Identity:
    """One identity to serve: its name in the URL and the folder its Secret is mounted at."""

    name: str
    folder: str


@dataclass(frozen=True, slots=True)
class Options:
    """What the agent was asked to do. The first identity is the default one."""

    identities: tuple[Identity, ...]
    host: str
    port: int  # 0: any free one
    token_file: str
    token_mode: int  # permissions of a token file the agent makes
    ready_file: str | None
    output: str  # "json" or "text"


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line. Exits 2 with a message for people when it is wrong."""
    parser = _parser()
    given = parser.parse_args(arguments)
    identities = tuple(given.identity_dir or [_identity(DEFAULT_FOLDER)])
    if len({identity.name for identity in identities}) < len(identities):
        parser.error("argument --identity-dir: two identities have the same name; use NAME=FOLDER")
    host, port = given.listen
    return Options(
        identities=identities,
        host=host,
        port=port,
        token_file=given.token_file,
        token_mode=given.token_mode,
        ready_file=given.ready_file,
        output=given.output,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rolesanywhere agent",
        description="Serve temporary AWS credentials for a mounted certificate to this pod's SDKs.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--identity-dir",
        action="append",
        type=_identity,
        metavar="[NAME=]FOLDER",
        help="folder with tls.key, tls.crt and agent.json; may be repeated, the first is the "
        f"default identity; NAME is the folder's own name unless given (default {DEFAULT_FOLDER})",
    )
    parser.add_argument(
        "--listen",
        type=_address,
        default=("127.0.0.1", 0),
        metavar="ADDRESS",
        help="127.0.0.1:PORT or [::1]:PORT; port 0 picks a free one (default 127.0.0.1:0)",
    )
    parser.add_argument(
        "--token-file",
        default=DEFAULT_TOKEN_FILE,
        metavar="PATH",
        help=f"what SDKs must present; made when missing (default {DEFAULT_TOKEN_FILE})",
    )
    parser.add_argument(
        "--token-mode",
        type=_mode,
        default=0o600,
        metavar="OCTAL",
        help="permissions of a token file made here; 0640 or 0444 when the containers that read "
        "it run as another user (default 0600)",
    )
    parser.add_argument(
        "--ready-file",
        metavar="PATH",
        help="a file that exists while every identity has valid credentials, for a startup probe",
    )
    parser.add_argument(
        "--output",
        choices=("json", "text"),
        default="text",
        help="how the environment for SDKs is printed at start: shell exports or one JSON line",
    )
    return parser


def _identity(text: str) -> Identity:
    name, equals, folder = text.partition("=")
    if not equals:
        folder = text
        name = os.path.basename(os.path.normpath(folder))  # noqa: PTH119 - pathlib costs the server memory
    if not folder or not name or not name.replace("-", "").replace(".", "").isalnum():
        message = f"{text!r} is not [NAME=]FOLDER with a NAME of letters, digits, '-' and '.'"
        raise argparse.ArgumentTypeError(message)
    return Identity(name, folder)


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not port.isdecimal() or int(port) > _LAST_PORT:
        message = f"{text!r} is not an address such as 127.0.0.1:9911 or [::1]:9911"
        raise argparse.ArgumentTypeError(message)
    if host not in _LOOPBACK:
        message = (
            f"{host!r} is not loopback: credentials are served to this pod only, "
            "on 127.0.0.1 or [::1]"
        )
        raise argparse.ArgumentTypeError(message)
    return host, int(port)


def _mode(text: str) -> int:
    try:
        mode = int(text, 8)
    except ValueError:
        mode = -1
    if not 0 <= mode <= _PERMISSIONS:
        message = f"{text!r} is not an octal mode such as 0640"
        raise argparse.ArgumentTypeError(message)
    return mode
