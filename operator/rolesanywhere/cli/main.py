"""``rolesanywhere``: starts the programs of this package by name, and the Go helper's commands.

Each program reads its own options; this one only finds it. It becomes the program by exec, so
signals and exit status are the program's own. The AWS CLI runs ``credential-process`` for every
command of its own, so as little as possible is imported before that.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # at run time these would take longer than a cached session
    from argparse import ArgumentParser
    from collections.abc import Sequence

DISTRIBUTION = "rolesanywhere-operator"
PROGRAMS = {
    "agent": "serve temporary AWS credentials beside a pod",
    "controller": "run the operator",
    "emulator": "run AWS on one port, for demos and tests",
}
COMMANDS = {
    "credential-process": "print temporary AWS credentials, for an AWS config",
    "serve": "serve them to this machine as EC2's instance metadata service does",
    "update": "keep them in the AWS shared credentials file",
}
_EXAMPLES = """\
examples:
  rolesanywhere agent --identity-dir ./identity --token-file ./token
  rolesanywhere controller --help
  rolesanywhere emulator --help
  rolesanywhere credential-process --certificate tls.crt --private-key tls.key \\
    --trust-anchor-arn ARN --profile-arn ARN --role-arn ARN
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Become the named program, or end with a command's exit status.

    Exits 2 with the usage when there is no such program, or none is named.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    name = words[0] if words else ""
    if name == "credential-process":
        from rolesanywhere.cli.credential_process import run  # noqa: PLC0415 - only when needed

        sys.exit(run(words[1:]))
    if name in COMMANDS:
        from rolesanywhere.cli.agent_commands import translate  # noqa: PLC0415 - as above

        name, words = "agent", ["agent", *translate(name, words[1:])]
    if not words:
        _parser().error("name one of the programs above; `rolesanywhere --help` tells of each")
    if name not in PROGRAMS:
        _parser().parse_args(words)
    # -P: a `types.py` in the directory one happens to be in is none of ours
    vector = [sys.executable, "-P", "-m", f"rolesanywhere.{name}", *words[1:]]
    os.execv(vector[0], vector)  # noqa: S606 - our own interpreter, no shell


def _parser() -> ArgumentParser:
    import argparse  # noqa: PLC0415 - only for whoever asks or errs
    from importlib.metadata import version  # noqa: PLC0415 - as above

    names = {**PROGRAMS, **COMMANDS}
    programs = "\n".join(f"  {name:<18} {purpose}" for name, purpose in names.items())
    parser = argparse.ArgumentParser(
        prog="rolesanywhere",
        description="AWS IAM Roles Anywhere for Kubernetes clusters outside AWS.",
        epilog=f"programs:\n{programs}\n\n{_EXAMPLES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version(DISTRIBUTION)}")
    parser.add_argument("program", choices=tuple(names), help="one of the programs below")
    parser.add_argument(
        "arguments", nargs=argparse.REMAINDER, help="the program's own options (try --help)"
    )
    return parser
