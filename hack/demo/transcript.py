"""The story for people: coloured in a terminal, plain text anywhere else."""

import re
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, TextIO

from hack.demo.telling import Words
from rich.console import Console
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

WIDEST: Final = 100  # columns; longer lines are hard to read
_LABEL: Final = 16  # columns
_INDENT: Final = 3  # columns, below a step's title
_DEEPER: Final = _INDENT + 2
# Up to the part that tells two things of one account and region apart: an ARN fills a line.
_ARN: Final = re.compile(r"\barn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:")


class Transcript:
    """Writes what happens as it happens. A ``telling.Telling``."""

    def __init__(self, stream: TextIO, *, width: int | None = None) -> None:
        """Take where to write. ``width`` in columns: the terminal's, at most 100, unless given."""
        self._console = Console(file=stream, highlight=False, markup=False, emoji=False)
        terminal = min(self._console.width, WIDEST) if self._console.is_terminal else WIDEST
        self._console.width = width or terminal
        only_ascii = self._console.options.ascii_only
        signs = ("ok", "!!", "->", "...") if only_ascii else ("✓", "✗", "→", "…")
        self._tick, self._cross, self._arrow, self._cut = signs

    def headline(self, title: str, words: str) -> None:
        """Open the whole."""
        self._print(title, style="bold", indent=0)
        self._print(words, style="dim", indent=0)

    def begin(self, number: int, title: str, by_hand: str) -> None:
        """Open a step."""
        self._console.print()
        self._console.print(Text.assemble((f"{number}  ", "bold cyan"), (title, "bold")))
        if by_hand:
            self._print(f"By hand: {by_hand}", style="italic")

    def note(self, words: str) -> None:
        """Say something that is no finding."""
        self._print(words)

    def command(self, line: str, answer: str) -> None:
        """Show a command and what it answered."""
        self._print(line, style="bold", label=Text("$ ", "bold"))
        if answer:
            self._print(self._short(answer.rstrip("\n")), style="dim")

    def source(self, name: str, title: str, text: str) -> None:
        """Show a text, coloured by its language."""
        self._print(title, style="cyan")
        text = "\n".join(self._folded(text.rstrip("\n")))
        if not self._console.is_terminal:  # there is nothing to colour, and lines would be padded
            self._print(text, indent=_DEEPER)
            return
        shown = Syntax(text, name, theme="ansi_dark", background_color="default", word_wrap=True)
        self._console.print(Padding(shown, (0, 0, 0, _DEEPER)))

    def settings(self, title: str, values: Mapping[str, str]) -> None:
        """Show names and values below each other."""
        self._print(title, style="cyan")
        for name, value in values.items():
            self._print(f"{name}={value}", style="dim", indent=_DEEPER)

    def look(self, where: str) -> None:
        """Say where the next facts were looked up."""
        self._print(where, style="cyan", label=Text(f"{self._arrow} ", "cyan"))

    def fact(self, what: str, found: str) -> None:
        """Tell a fact: a tick, what it is about, what was found."""
        label = Text.assemble((f"{self._tick} ", "bold green"), f"{what:<{_LABEL}} ")
        self._print(self._short(found), label=label)

    @contextmanager
    def waiting(self, what: str) -> Iterator[Words]:
        """Turn a spinner with the latest words, where there is a terminal to turn it in."""
        if not self._console.is_terminal or self._console.is_dumb_terminal:
            yield lambda _words: None
            return
        with self._console.status(self._one_line(f"waiting for {what}")) as status:
            yield lambda words: status.update(self._one_line(f"waiting for {what}: {words}"))

    def held(self, seconds: float) -> None:
        """Close a step that holds."""
        self._print(f"{seconds:.1f} s", style="dim")

    def failed(self, why: str, seconds: float) -> None:  # noqa: ARG002 - it failed, however fast
        """Close a step that does not hold."""
        self._print(why, style="bold red", label=Text(f"{self._cross} ", "bold red"))

    def close(self, words: str) -> None:
        """Close the whole."""
        self._console.print()
        self._print(words, style="bold green", indent=0)

    def _print(
        self, words: str, *, style: str = "", indent: int = _INDENT, label: Text | None = None
    ) -> None:
        """Print words after a label, wrapped below their own beginning."""
        first = Text(" " * indent) + (label or Text())
        room = self._console.width - first.cell_len
        for number, line in enumerate(Text(words, style).wrap(self._console, room)):
            whole = (first if number == 0 else Text(" " * first.cell_len)) + line
            whole.rstrip()
            self._console.print(whole, no_wrap=True, crop=False)

    def _folded(self, text: str) -> Iterator[str]:
        """Fold long lines of a text in some language below their own indentation."""
        for line in text.splitlines():
            indent = len(line) - len(line.lstrip())
            yield from textwrap.wrap(
                line,
                self._console.width - _DEEPER,
                subsequent_indent=" " * (indent + 2),
                drop_whitespace=False,
                break_on_hyphens=False,
            ) or [""]

    def _one_line(self, words: str) -> Text:
        text = Text(" ".join(words.split()))
        text.truncate(self._console.width - _INDENT, overflow="ellipsis")
        return text

    def _short(self, text: str) -> str:
        """Shorten ARNs: to the last part where it is all there is, else so that one sees it."""
        is_alone = " " not in text
        return _ARN.sub("" if is_alone else f"arn:{self._cut}:", text)
