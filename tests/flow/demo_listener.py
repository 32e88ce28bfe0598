"""Who listens to the demo's steps in tests: what matters is noted, nothing is shown."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from hack.demo.telling import Words


@dataclass
class Listener:
    """A ``telling.Telling``: which facts were told, which steps begun, and how they ended."""

    facts: dict[str, str] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def begin(self, number: int, title: str, by_hand: str) -> None:  # noqa: ARG002 - as Telling
        """Note the step."""
        self.begun.append(f"{number} {title}")

    def note(self, words: str) -> None:
        """Forget it."""

    def command(self, line: str, answer: str) -> None:
        """Forget it."""

    def source(self, name: str, title: str, text: str) -> None:
        """Forget it."""

    def settings(self, title: str, values: Mapping[str, str]) -> None:
        """Forget it."""

    def look(self, where: str) -> None:
        """Forget it."""

    def fact(self, what: str, found: str) -> None:
        """Note the fact."""
        self.facts[what] = found

    @contextmanager
    def waiting(self, what: str) -> Iterator[Words]:  # noqa: ARG002 - as Telling
        """Wait in silence."""
        yield lambda _words: None

    def held(self, seconds: float) -> None:  # noqa: ARG002 - as Telling
        """Note that the step held."""
        self.ended.append("held")

    def failed(self, why: str, seconds: float) -> None:  # noqa: ARG002 - as Telling
        """Note why the step failed."""
        self.ended.append(why)

    def close(self, words: str) -> None:
        """Note the last words."""
        self.ended.append(words)
