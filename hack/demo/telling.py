"""How a step speaks, whoever listens: ``transcript`` for people, ``json_lines`` for scripts."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from hack.demo.errors import ExpectationError

Words = Callable[[str], None]  # says how far a wait has come


class Telling(Protocol):
    """Where a story is told. Calls come in the order people read them."""

    def begin(self, number: int, title: str, by_hand: str) -> None:
        """Open a step; ``by_hand`` is what people do without the operator, if anything."""

    def note(self, words: str) -> None:
        """Say something that is no finding."""

    def command(self, line: str, answer: str) -> None:
        """Show a command as a person would type it, and what it answered."""

    def source(self, name: str, title: str, text: str) -> None:
        """Show a text in the language ``name``, such as ``json``."""

    def settings(self, title: str, values: Mapping[str, str]) -> None:
        """Show names and values, such as a process's environment."""

    def look(self, where: str) -> None:
        """Say where the facts that follow were looked up."""

    def fact(self, what: str, found: str) -> None:
        """Tell a fact that was checked and holds."""

    def waiting(self, what: str) -> AbstractContextManager[Words]:
        """Show that something takes its time, until the context ends."""

    def held(self, seconds: float) -> None:
        """Close a step whose every check holds."""

    def failed(self, why: str, seconds: float) -> None:
        """Close a step that does not hold."""

    def close(self, words: str) -> None:
        """Close a story of which every step holds."""


def expect(telling: Telling, what: str, found: object, wanted: object) -> None:
    """Tell a fact, if it is as wanted. Raises ``ExpectationError`` if not."""
    if found != wanted:
        expected, instead = f"{what} to be {_shown(wanted)}", f"it is {_shown(found)}"
        raise ExpectationError(expected, instead)
    telling.fact(what, _shown(found))


def require(holds: bool, expected: str, found: str) -> None:  # noqa: FBT001 - it is the fact itself
    """Raise ``ExpectationError`` unless a thing holds that is told, if at all, in other words."""
    if not holds:
        raise ExpectationError(expected, found)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (set, frozenset, list, tuple)):
        return ", ".join(sorted(map(str, value))) or "none"
    return str(value)
