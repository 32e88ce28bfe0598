"""Answers shared among callers: a question is in flight once, its answer kept for a while.

Not a cache of decisions: what is kept here is what AWS said, at most ``ttl_seconds`` ago.
"""

import threading
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

from rolesanywhere.domain.trouble import Trouble

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_SWEEP_AT: Final = 256  # keys; beyond, old answers are thrown away before a new key is added


class SharedAnswer(Generic[V]):
    """One question's answer. Thread-safe."""

    def __init__(
        self, ask: Callable[[], V], *, ttl_seconds: float, clock: Callable[[], float]
    ) -> None:
        """``ask`` may raise ``Trouble``; ``clock`` gives monotonic seconds."""
        self._ask = ask
        self._ttl = ttl_seconds
        self._clock = clock
        self._asking = threading.Lock()
        self._kept: tuple[float, V] | None = None
        self._forgotten = 0  # times: an answer asked for before the last one is not kept
        self._asked = 0  # times
        self._trouble: Trouble | None = None  # of the last time

    def read(self) -> V:
        """Give the kept answer, or ask. Those who wait meanwhile share the answer or trouble."""
        if (kept := self._fresh()) is not None:
            return kept[1]
        asked_before = self._asked
        with self._asking:
            if (kept := self._fresh()) is not None:
                return kept[1]
            if self._asked > asked_before and self._trouble is not None:
                raise _again(self._trouble)
            return self._ask_now()

    def forget(self) -> None:
        """Make the next ``read`` ask; an answer on its way will not be kept."""
        self._forgotten += 1
        self._kept = None

    def is_stale(self) -> bool:
        """Tell whether the next ``read`` would ask."""
        return self._fresh() is None

    def _ask_now(self) -> V:
        begun, forgotten = self._clock(), self._forgotten
        try:
            answer = self._ask()
        except Trouble as trouble:
            self._trouble = trouble
            raise
        else:
            self._trouble = None
            if forgotten == self._forgotten:
                self._kept = (begun, answer)
            return answer
        finally:
            self._asked += 1

    def _fresh(self) -> tuple[float, V] | None:
        kept = self._kept
        return kept if kept is not None and self._clock() - kept[0] < self._ttl else None


class SharedAnswers(Generic[K, V]):
    """One ``SharedAnswer`` per key. Thread-safe."""

    def __init__(
        self, ask: Callable[[K], V], *, ttl_seconds: float, clock: Callable[[], float]
    ) -> None:
        """``ask`` may raise ``Trouble``; ``clock`` gives monotonic seconds."""
        self._ask = ask
        self._ttl = ttl_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._answers: dict[K, SharedAnswer[V]] = {}

    def read(self, key: K) -> V:
        """Give the kept answer about ``key``, or ask."""
        return self._answer(key).read()

    def forget(self, key: K) -> None:
        """Make the next ``read`` of ``key`` ask."""
        self._answer(key).forget()

    def _answer(self, key: K) -> SharedAnswer[V]:
        with self._lock:
            known = self._answers.get(key)
            if known is None:
                if len(self._answers) >= _SWEEP_AT:
                    self._sweep()
                known = SharedAnswer(
                    lambda: self._ask(key), ttl_seconds=self._ttl, clock=self._clock
                )
                self._answers[key] = known
            return known

    def _sweep(self) -> None:
        for key in [key for key, answer in self._answers.items() if answer.is_stale()]:
            del self._answers[key]


def _again(trouble: Trouble) -> Trouble:
    """Copy a trouble for another thread: one exception object must not have two tracebacks."""
    return type(trouble)(trouble.reason, trouble.message, retry_after=trouble.retry_after)
