"""The demo's options: text in, ``Options`` out; a wrong one ends it with status 2."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rolesanywhere.domain import moments

RESYNC: Final = "3s"
_EXAMPLES: Final = """\
examples:
  make demo
  make demo KEEP=1                                  # then play with it
  make demo CONTEXT=kind-kind DEMO_ARGS=--yes       # in a cluster of yours
  python -m hack.demo --output json | jq -c '[.step, .held]'
  python -m hack.demo --resync 1h                   # see step 7 fail: repaired too late

exit status: 0 if every step held, 1 if one did not (it is named on standard error, with the
folder of the logs), 2 for wrong options, 130 after Ctrl-C."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the demo was asked for. ``context`` None: a control plane of its own."""

    context: str | None
    yes: bool
    remove: bool
    keep: bool
    resync: str
    output: str  # "text" or "json"


def parse(arguments: Sequence[str] | None) -> Options:
    """Read the command line. Exits 2 with a message for people when it is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m hack.demo",
        description="Tell the walkthrough of IAM Roles Anywhere by kubectl apply, and check every "
        "claim. Kubernetes is real, AWS is emulated on this machine.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "--context",
        metavar="NAME",
        help="use this cluster of your kubeconfig instead of one made for the demo; says what it "
        "applies there, asks, and removes it at the end",
    )
    add("--yes", action="store_true", help="do not ask before using the cluster of --context")
    add(
        "--remove",
        action="store_true",
        help="only remove what a killed demo left behind in the cluster of --context",
    )
    add(
        "--keep",
        action="store_true",
        help="delete nothing, and leave everything running until Ctrl-C",
    )
    add(
        "--resync",
        type=_duration,
        default=RESYNC,
        metavar="TIME",
        help=f"between the operator's looks at AWS (default {RESYNC})",
    )
    add(
        "--output",
        choices=("text", "json"),
        default="text",
        help="text for people, or one JSON line per step (default text)",
    )
    given = parser.parse_args(arguments)
    for name in ("yes", "remove"):
        if getattr(given, name) and given.context is None:
            parser.error(f"argument --{name}: it is for a cluster of yours; name it by --context")
    return Options(
        context=given.context,
        yes=given.yes,
        remove=given.remove,
        keep=given.keep,
        resync=given.resync,
        output=given.output,
    )


def _duration(text: str) -> str:
    try:
        moments.duration_seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text
