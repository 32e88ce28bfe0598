"""``rolesanywhere``: starts the programs of this package by name.

Each program reads its own options; this one only finds it. It becomes the program by exec, so
signals and exit status are the program's own.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Final

DISTRIBUTION: Final = "rolesanywhere-operator"
PROGRAMS: Final = {
    "agent": "serve temporary AWS credentials beside a pod",
    "controller": "run the operator",
    "emulator": "run AWS on one port, for demos and tests",
}
_EXAMPLES: Final = """\
examples:
  rolesanywhere agent --identity-dir ./identity --token-file ./token
  rolesanywhere controller --help
  rolesanywhere emulator --help
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Become the named program; exits 2 with the usage when there is no such program."""
    given = _parser().parse_args(arguments)
    module = f"rolesanywhere.{given.program}"
    vector = [sys.executable, "-m", module, *given.arguments]
    os.execv(vector[0], vector)  # noqa: S606 - our own interpreter, no shell


def _parser() -> argparse.ArgumentParser:
    programs = "\n".join(f"  {name:<11} {purpose}" for name, purpose in PROGRAMS.items())
    parser = argparse.ArgumentParser(
        prog="rolesanywhere",
        description="AWS IAM Roles Anywhere for Kubernetes clusters outside AWS.",
        epilog=f"programs:\n{programs}\n\n{_EXAMPLES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version(DISTRIBUTION)}")
    parser.add_argument("program", choices=tuple(PROGRAMS), help="one of the programs below")
    parser.add_argument(
        "arguments", nargs=argparse.REMAINDER, help="the program's own options (try --help)"
    )
    return parser
