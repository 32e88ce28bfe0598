"""Leading while the lease is held: waited for, renewed in one thread, watched in another.

The watch makes no calls: an API server that answers nothing cannot keep it from seeing that time
is up.
"""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

from rolesanywhere.controller.candidate import Candidate
from rolesanywhere.domain.lease import RETRY_JITTER, RETRY_SECONDS
from rolesanywhere.domain.trouble import Trouble

FAILURE: Final = 1  # the exit status
WATCH_SECONDS: Final = 0.25  # how long a lost lease may go unnoticed
_LAST_ATTEMPT_SECONDS: Final = 5.0  # for a renewal under way to end before the lease is released
_LAST_WORDS_SECONDS: Final = 1.0
logger: Final = logging.getLogger(__name__)


class Leadership:
    """A candidate's way to the lease and back."""

    def __init__(
        self,
        candidate: Candidate,
        *,
        chance: Callable[[], float],
        pause: Callable[[float], None] = time.sleep,
        lost: Callable[[str], object] | None = None,
        retry_seconds: float = RETRY_SECONDS,
        watch_seconds: float = WATCH_SECONDS,
    ) -> None:
        """``chance`` gives a number in [0, 1); ``pause`` waits for seconds.

        ``lost`` is called, from a thread, with a sentence for people; it ends the process. A
        renewal is sent every ``retry_seconds``, the time looked at every ``watch_seconds``.
        """
        self._candidate = candidate
        self._chance = chance
        self._pause = pause
        self._lost = lost or end_at_once
        self._retry_seconds = retry_seconds
        self._watch_seconds = watch_seconds
        self._stopping = threading.Event()
        self._said = ""
        self._renewing = threading.Thread(target=self._renew, name="lease", daemon=True)
        self._watching = threading.Thread(target=self._watch, name="lease watch", daemon=True)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Surround what only the leader may do, and end with everything it began.

        Waits for the lease first. When the body fails, what it began may still be at work: the
        lease is not given back then, it expires.
        """
        try:
            self._wait()
        except BaseException:  # a signal, too
            self._release()
            raise
        self._renewing.start()
        self._watching.start()
        yield
        self._stopping.set()
        self._renewing.join(_LAST_ATTEMPT_SECONDS)
        if not self._renewing.is_alive():
            self._release()

    def _wait(self) -> None:
        while True:
            try:
                self._candidate.attempt()
            except Trouble as trouble:
                self._say(logging.WARNING, f"cannot take the lease: {trouble.message}")
            else:
                if self._candidate.leads:
                    break
                if holder := self._candidate.holder:
                    self._say(logging.INFO, f"waits for the lease held by {holder}")
            self._pause(self._retry_seconds * (1 + RETRY_JITTER * self._chance()))
        self._said = ""
        logger.info("leads as %s", self._candidate.identity)

    def _renew(self) -> None:
        while not self._stopping.wait(self._retry_seconds):
            try:
                self._candidate.attempt()
            except Trouble as trouble:
                self._say(logging.WARNING, f"the lease is not renewed: {trouble.message}")
            else:
                self._said = ""

    def _watch(self) -> None:
        while self._candidate.leads:
            if self._stopping.wait(self._watch_seconds):
                return
        self._stopping.set()  # or it would be taken again while this process ends
        holder = self._candidate.holder
        another = f"the lease is held by {holder}" if holder != self._candidate.identity else ""
        cause = another or self._said or "the lease was not renewed in time"
        self._lost(f"{cause}; another controller may lead now, so this one ends")

    def _release(self) -> None:
        try:
            self._candidate.release()
        except Trouble as trouble:
            logger.warning("the lease is not given back, it expires: %s", trouble.message)

    def _say(self, level: int, words: str) -> None:
        """Log what is news."""
        if words != self._said:
            self._said = words
            logger.log(level, words)


def end_at_once(message: str) -> NoReturn:
    """End the process with a sentence, and no other goodbye.

    A clean stop lets passes under way end, which takes up to 20 seconds; the next leader is at
    work by then. Two writers undo each other's changes in AWS, and make two of what there should
    be one of. What a pass leaves half done here is taken up by the next leader, as after a crash.
    """
    try:  # in a thread: whoever should read our log may not, and must not hold this up
        words = threading.Thread(target=_last_words, args=(message,), daemon=True)
        words.start()
        words.join(_LAST_WORDS_SECONDS)
    finally:
        os._exit(FAILURE)


def _last_words(message: str) -> None:
    logger.critical(message)
    logging.shutdown()
    sys.stderr.flush()
