"""``python -m hack.demo``: the story, from a shell."""

import signal
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import Final

from hack.cluster import build
from hack.cluster.errors import ClusterError
from hack.demo.borrowed import BorrowedCluster, confirm
from hack.demo.cluster import Cluster, local_cluster
from hack.demo.errors import DemoError
from hack.demo.home import Home
from hack.demo.json_lines import JsonLines
from hack.demo.opening import open_stage
from hack.demo.options import Options, parse
from hack.demo.performance import BROKEN, HELD, perform
from hack.demo.story import STEPS
from hack.demo.telling import Telling
from hack.demo.transcript import Transcript
from hack.stack.program import ProgramError

_SIGNALLED: Final = 128  # plus the signal's number, as shells do


def main(arguments: Sequence[str] | None = None) -> int:
    """Tell the story; give the exit status."""
    options = parse(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a script may have it ignored
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without our signs is no reason to end
    try:
        with Home() as home:
            if options.context is not None and options.remove:
                return _remove(options.context, options, home.path)
            cluster, telling = _cluster(options, home.path), _telling(options)
            opening = partial(open_stage, telling, home.path, cluster, options.resync)
            return perform(opening, STEPS, home, telling, keep=options.keep)
    except (DemoError, ClusterError, ProgramError) as error:
        print(f"error: {error}", file=sys.stderr)
        return BROKEN
    except KeyboardInterrupt:
        print("\ninterrupted; nothing was left running", file=sys.stderr)
        return _SIGNALLED + signal.SIGINT


def _telling(options: Options) -> Telling:
    if options.output == "json":
        return JsonLines(sys.stdout)
    transcript = Transcript(sys.stdout)
    transcript.headline(
        "IAM Roles Anywhere by kubectl apply",
        "Kubernetes is real. AWS is emulated on this machine: no account is needed or touched.",
    )
    return transcript


def _cluster(options: Options, folder: Path) -> AbstractContextManager[Cluster]:
    """Choose the cluster; one of the person's own is looked at, and asked for, first."""
    if options.context is None:
        build.ensure()  # a first build shows its own progress, which is not part of the story
        return local_cluster()
    borrowed = BorrowedCluster.take(options.context, folder)
    borrowed.require_free()
    _confirm(borrowed.plan(), options)
    return borrowed.in_use(folder)


def _remove(context: str, options: Options, folder: Path) -> int:
    """Remove what a killed demo left behind in a cluster; give the exit status."""
    borrowed = BorrowedCluster.take(context, folder)
    borrowed.require_left_behind()
    _confirm(borrowed.removal(), options)
    borrowed.remove()
    print(f"removed from the cluster of context {context}")
    return HELD


def _confirm(plan: str, options: Options) -> None:
    if not options.yes:
        confirm(plan, sys.stdin.readline if sys.stdin.isatty() else None)


def _end(number: int, _frame: FrameType | None) -> None:
    """Leave as after Ctrl-C: whatever was started is stopped on the way out."""
    sys.exit(_SIGNALLED + number)


if __name__ == "__main__":
    sys.exit(main())
