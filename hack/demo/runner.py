"""Takes a story's steps one after another; the first that does not hold is the last."""

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from hack.cluster.errors import ClusterError
from hack.demo.errors import DemoError, StepFailedError
from hack.demo.telling import Telling
from hack.stack.program import ProgramError

TRACE: Final = "demo.log"
# What can go wrong while a story is told, each with a message for people.
_KNOWN: Final = (DemoError, ClusterError, ProgramError, BotoCoreError, ClientError)
Found = TypeVar("Found")


@dataclass(slots=True)
class Runner:
    """Runs steps. ``folder`` takes the trace of an error nobody thought of."""

    telling: Telling
    folder: Path
    clock: Callable[[], float] = time.monotonic
    number: int = -1  # of the step under way; the story's own begin with 1

    def run(self, title: str, by_hand: str, action: Callable[[], Found]) -> Found:
        """Take the next step and give what it gives. Raises ``StepFailedError`` naming it."""
        self.number += 1
        began = self.clock()
        self.telling.begin(self.number, title, by_hand)
        try:
            found = action()
        except Exception as error:
            why = self._why(error)
            self.telling.failed(why, self.clock() - began)
            raise StepFailedError(self.number, title, why) from error
        self.telling.held(self.clock() - began)
        return found

    def _why(self, error: Exception) -> str:
        if isinstance(error, _KNOWN):
            return str(error)
        path = self.folder / TRACE
        path.write_text("".join(traceback.format_exception(error)))
        return f"the demo itself is wrong: {type(error).__name__}: {error}; the trace is in {path}"
