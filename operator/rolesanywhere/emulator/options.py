"""The emulator's options: text in, ``Options`` out; a wrong one ends the program with status 2."""

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rolesanywhere.domain.addresses import is_loopback
from rolesanywhere.emulator.running import DEFAULT_ACCOUNT, DEFAULT_HOST, DEFAULT_REGION

DEFAULT_PORT: Final = 4599
_LAST_PORT: Final = 65535
_EXAMPLES: Final = """\
example:
  rolesanywhere emulator --port 4599 &
  export AWS_ENDPOINT_URL=http://127.0.0.1:4599 …   # the lines it prints
  aws rolesanywhere list-trust-anchors
"""


@dataclass(frozen=True, slots=True)
class Options:
    """What the emulator was asked to do."""

    host: str
    port: int  # 0: any free one
    region: str
    account: str
    enforce_quotas: bool
    state: str | None
    control: bool
    output: str  # "json" or "text"


def parse(arguments: Sequence[str]) -> Options:
    """Read the command line. Exits 2 with a message for people when it is wrong."""
    given = _parser().parse_args(arguments)
    return Options(
        host=given.host,
        port=given.port,
        region=given.region,
        account=given.account,
        enforce_quotas=given.enforce_quotas,
        state=given.state,
        control=given.control,
        output=given.output,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rolesanywhere emulator",
        description="AWS on one port of this machine: IAM Roles Anywhere, Private CA, IAM, STS, "
        "S3 and EC2, for demos and tests. It refuses what AWS refuses.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_PORT,
        help=f"0 picks a free one (default {DEFAULT_PORT})",
    )
    parser.add_argument(
        "--host",
        type=_host,
        default=DEFAULT_HOST,
        help=f"a loopback address (default {DEFAULT_HOST})",
    )
    parser.add_argument(
        "--region",
        type=_region,
        default=DEFAULT_REGION,
        help="printed for clients, and used where a request names none; every region answers "
        f"(default {DEFAULT_REGION})",
    )
    parser.add_argument(
        "--account",
        type=_account,
        default=DEFAULT_ACCOUNT,
        metavar="ID",
        help=f"12 digits (default {DEFAULT_ACCOUNT})",
    )
    parser.add_argument(
        "--enforce-quotas",
        action="store_true",
        help="keep to AWS's quotas: 50 trust anchors, 250 profiles, one call per second and "
        "family, ten sessions per second",
    )
    parser.add_argument(
        "--state",
        metavar="FILE",
        help="load this file at the start if it is there, write it at the end; it holds private "
        "keys of CAs",
    )
    parser.add_argument(
        "--control",
        action="store_true",
        help="answer under /_emulator/ too: faults, journal, clock, reset, state",
    )
    parser.add_argument(
        "--output",
        choices=("text", "json"),
        default="text",
        help="how the environment for SDKs is printed: shell exports or one JSON line",
    )
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _LAST_PORT:
        message = f"{text!r} is not a port between 0 and {_LAST_PORT}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _host(text: str) -> str:
    if not is_loopback(text):
        message = (
            f"{text!r} is not a loopback address: whoever reaches the emulator may ask it for "
            "everything; use 127.0.0.1 or ::1"
        )
        raise argparse.ArgumentTypeError(message)
    return text


def _region(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2,8}(-[a-z0-9]{1,16}){2,4}", text):
        message = f"{text!r} is not a region such as eu-west-1"
        raise argparse.ArgumentTypeError(message)
    return text


def _account(text: str) -> str:
    if not re.fullmatch(r"[0-9]{12}", text):
        message = f"{text!r} is not an account: 12 digits"
        raise argparse.ArgumentTypeError(message)
    return text
