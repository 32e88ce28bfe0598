"""The story for scripts: one JSON line per step, on standard output."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

from hack.demo.telling import Words


class JsonLines:
    """Collects a step's facts and writes them when it ends. A ``telling.Telling``."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._step: dict[str, object] = {}
        self._facts: list[dict[str, str]] = []
        self._where = ""

    def begin(self, number: int, title: str, by_hand: str) -> None:  # noqa: ARG002 - for people
        """Open a step."""
        self._step = {"step": number, "title": title}
        self._facts, self._where = [], ""

    def note(self, words: str) -> None:
        """Leave out what is for people."""

    def command(self, line: str, answer: str) -> None:
        """Leave out what is for people."""

    def source(self, name: str, title: str, text: str) -> None:
        """Leave out what is for people."""

    def settings(self, title: str, values: Mapping[str, str]) -> None:
        """Leave out what is for people."""

    def look(self, where: str) -> None:
        """Note where the next facts are from."""
        self._where = where

    def fact(self, what: str, found: str) -> None:
        """Take a fact into the step's line."""
        self._facts.append({"what": what, "found": found, "where": self._where})

    @contextmanager
    def waiting(self, what: str) -> Iterator[Words]:  # noqa: ARG002 - for people
        """Wait silently."""
        yield lambda _words: None

    def held(self, seconds: float) -> None:
        """Write the line of a step that holds."""
        self._write(seconds, None)

    def failed(self, why: str, seconds: float) -> None:
        """Write the line of a step that does not."""
        self._write(seconds, why)

    def close(self, words: str) -> None:
        """Leave out what is for people: the exit status says it."""

    def _write(self, seconds: float, error: str | None) -> None:
        line = {
            **self._step,
            "held": error is None,
            "seconds": round(seconds, 1),
            "facts": self._facts,
            "error": error,
        }
        self._stream.write(json.dumps(line) + "\n")
        self._stream.flush()
