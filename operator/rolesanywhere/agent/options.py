"""The agent's options: text in, ``Options`` out; a wrong one ends the program with status 2."""

import argparse
from collections.abc import Sequence
from typing import Final, NamedTuple

from rolesanywhere.agent import file_options
from rolesanywhere.agent.identity import FolderIdentity, Identity
from rolesanywhere.agent.once import USUAL_SECONDS
from rolesanywhere.agent.refresher import POLL_SECONDS
from rolesanywhere.agent.words import (
    any_address,
    folder_identity,
    interval,
    loopback_address,
    mode,
    number,
    plain_path,
    profile_name,
)

DEFAULT_FOLDER: Final = "/var/run/secrets/rolesanywhere.dev/identity"
DEFAULT_TOKEN_FILE: Final = "/var/run/rolesanywhere.dev/token"  # noqa: S105 - a path
_EXAMPLES: Final = """\
examples:
  rolesanywhere agent --token-file /run/aws/token
  rolesanywhere agent --listen [::1]:9911 --output json
  rolesanywhere agent --identity-dir orders=/id/orders --identity-dir audit=/id/audit
  rolesanywhere agent --no-endpoint --process-dir /run/aws --admin-listen 0.0.0.0:9912
  rolesanywhere agent --no-endpoint --credentials-file ~/.aws/credentials --once
"""

Address = tuple[str, int]


class Options(NamedTuple):
    """What the agent was asked to do. The first identity is the default one."""

    identities: tuple[Identity, ...]
    poll_seconds: float
    endpoint: Address | None  # port 0: any free one
    token_file: str
    token_mode: int  # permissions of a token file the agent makes
    imds: Address | None
    hop_limit: int
    credentials_file: str | None
    profile: str | None
    process_dir: str | None
    file_mode: int  # permissions of files with credentials that the agent makes
    admin: Address | None
    ready_file: str | None
    once: bool
    once_seconds: float
    output: str  # "json" or "text"


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line. Exits 2 with a message for people when it is wrong."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.profile and given.credentials_file is None and given.certificate is None:
        parser.error("--profile is of use with --credentials-file only, or with --certificate")
    return Options(
        identities=_identities(parser, given),
        poll_seconds=given.poll,
        endpoint=None if given.no_endpoint or given.once else given.listen,
        token_file=given.token_file,
        token_mode=given.token_mode,
        imds=None if given.once else given.imds_listen,
        hop_limit=given.hop_limit,
        credentials_file=given.credentials_file,
        profile=given.profile,
        process_dir=given.process_dir,
        file_mode=given.file_mode,
        admin=None if given.once else given.admin_listen,
        ready_file=given.ready_file,
        once=given.once,
        once_seconds=given.once_timeout,
        output=given.output,
    )


def _identities(parser: argparse.ArgumentParser, given: argparse.Namespace) -> tuple[Identity, ...]:
    direct = file_options.identity(parser, given)
    if direct is not None:
        return (direct,)
    folders = given.identity_dir or [FolderIdentity("identity", DEFAULT_FOLDER)]
    if len({identity.name for identity in folders}) < len(folders):
        parser.error("argument --identity-dir: two identities have the same name; use NAME=FOLDER")
    return tuple(folders)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rolesanywhere agent",
        description="Turn a certificate into temporary AWS credentials, and hand them to SDKs.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_identities(parser)
    _add_endpoint(parser)
    _add_metadata(parser)
    _add_files(parser)
    _add_operation(parser)
    file_options.add(parser)
    return parser


def _add_identities(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--identity-dir",
        action="append",
        type=folder_identity,
        metavar="[NAME=]FOLDER",
        help="folder with tls.key, tls.crt and agent.json; may be repeated, the first is the "
        f"default identity; NAME is the folder's own name unless given (default {DEFAULT_FOLDER})",
    )
    parser.add_argument(
        "--poll",
        type=interval,
        default=POLL_SECONDS,
        metavar="SECONDS",
        help="how often the files are looked at for a rotation, from 0.05 to 5 "
        f"(default {POLL_SECONDS:.0f})",
    )


def _add_endpoint(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("container credentials endpoint")
    group.add_argument(
        "--listen",
        type=loopback_address,
        default=("127.0.0.1", 0),
        metavar="ADDRESS",
        help="127.0.0.1:PORT or [::1]:PORT; port 0 picks a free one (default 127.0.0.1:0)",
    )
    group.add_argument("--no-endpoint", action="store_true", help="do not open it")
    group.add_argument(
        "--token-file",
        default=DEFAULT_TOKEN_FILE,
        metavar="PATH",
        help=f"what SDKs must present; made when missing (default {DEFAULT_TOKEN_FILE})",
    )
    group.add_argument(
        "--token-mode",
        type=mode,
        default=0o600,
        metavar="OCTAL",
        help="permissions of a token file made here; 0640 or 0444 when the containers that read "
        "it run as another user (default 0600)",
    )


def _add_metadata(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("instance metadata service, version 2")
    group.add_argument(
        "--imds-listen",
        type=loopback_address,
        metavar="ADDRESS",
        help="127.0.0.1:PORT or [::1]:PORT to open it at; closed unless given",
    )
    group.add_argument(
        "--hop-limit",
        type=number(1, 255),
        default=1,
        metavar="N",
        help="IP time to live of its replies: with 1 no router passes them on (default 1)",
    )


def _add_files(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("files")
    group.add_argument(
        "--credentials-file",
        metavar="PATH",
        help="AWS shared credentials file to keep a profile in for each identity, and `default` "
        "for the first; what else is in it stays",
    )
    group.add_argument(
        "--profile",
        type=profile_name,
        metavar="NAME",
        help="keep the first identity in this profile of --credentials-file alone",
    )
    group.add_argument(
        "--process-dir",
        type=plain_path,
        metavar="FOLDER",
        help="folder to keep NAME.json for each identity in, and `config`, an AWS config file "
        "whose credential_process is `cat NAME.json`",
    )
    group.add_argument(
        "--file-mode",
        type=mode,
        default=0o600,
        metavar="OCTAL",
        help="permissions of files with credentials made here (default 0600)",
    )


def _add_operation(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("operation")
    group.add_argument(
        "--admin-listen",
        type=any_address,
        metavar="ADDRESS",
        help="ADDRESS:PORT for /healthz, /readyz and /metrics; any address, for no secret is told",
    )
    group.add_argument(
        "--ready-file",
        metavar="PATH",
        help="a file that exists while every identity has valid credentials and every file is "
        "written, for a startup probe",
    )
    group.add_argument(
        "--once",
        action="store_true",
        help="write the files, or just prove that it works, and end: for init containers",
    )
    group.add_argument(
        "--once-timeout",
        type=number(0, 3600),
        default=USUAL_SECONDS,
        metavar="SECONDS",
        help="how long --once tries again; 0: a minute while AWS does not answer, and not at all "
        "after a refusal or without files that will do (default 60)",
    )
    group.add_argument(
        "--output",
        choices=("json", "text"),
        default="text",
        help="how the environment for SDKs is printed at start: shell exports or one JSON line",
    )
