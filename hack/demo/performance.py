"""One performance of the story: opened, told, and kept or closed."""

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Final

from hack.demo import keeping, opening
from hack.demo.errors import StepFailedError
from hack.demo.home import Home
from hack.demo.runner import Runner
from hack.demo.stage import Stage
from hack.demo.story import Step
from hack.demo.telling import Telling

HELD: Final = 0  # exit status
BROKEN: Final = 1


def perform(
    open_stage: Callable[[ExitStack], Stage],
    steps: Sequence[Step],
    home: Home,
    telling: Telling,
    *,
    keep: bool = False,
) -> int:
    """Tell the story and give the exit status. Whatever was started is stopped.

    ``keep``: leave out the step that deletes everything, and stay until Ctrl-C.
    """
    runner = Runner(telling, home.path)
    began = time.monotonic()
    with ExitStack() as held:
        stage: Stage | None = None
        try:
            stage = runner.run(opening.TITLE, "", partial(open_stage, held))
            for step in steps:
                if not (keep and step.is_the_end):
                    runner.run(step.title, step.by_hand, partial(step.tell, stage, telling))
            telling.close(f"Every step held, in {time.monotonic() - began:.0f} seconds.")
            status = HELD
        except StepFailedError as failure:
            _complain(failure, home, stage)
            status = BROKEN
        if keep and stage is not None:
            print(f"\n{keeping.instructions(stage)}", file=sys.stderr)
            keeping.stay(stage)
        return status


def _complain(failure: StepFailedError, home: Home, stage: Stage | None) -> None:
    """Say which step failed and where the logs are, on standard error."""
    if stage is not None:
        stage.describe()
    first, *_ = str(failure).splitlines()
    print(f"\n{first}\nThe logs are in {home.keep_logs()}", file=sys.stderr)
