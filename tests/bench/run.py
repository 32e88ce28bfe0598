"""``make bench``: run every measurement of this folder, or those named as arguments.

A measurement is a module here with a function ``run(console)`` that prints tables of rich.
"""

import argparse
import importlib
import io
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent
sys.path[0] = str(FOLDER.parents[1])  # not this folder: its modules are `tests.bench.…`

from rich.console import Console  # noqa: E402 - the line above belongs before every import
from rich.table import Table  # noqa: E402 - likewise
from tests.bench.goals import Missed  # noqa: E402 - likewise


class TableCollector(Console):
    """A console that keeps the tables printed, as data, and shows nothing."""

    def __init__(self) -> None:
        super().__init__(file=io.StringIO())
        self.tables: list[dict[str, Any]] = []

    def print(self, *objects: Any, **_options: Any) -> None:  # noqa: ANN401 - as the base class
        """Keep tables; drop other text."""
        self.tables += [_as_data(each) for each in objects if isinstance(each, Table)]


def main(arguments: Sequence[str]) -> int:
    """Measure. Gives the exit status: 1 when a goal was missed that has nothing to do with time.

    An unknown name ends it with 2.
    """
    measurements = _measurements()
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(measurements))
    parser.add_argument("--output", choices=("table", "json"), default="table")
    given = parser.parse_args(arguments)
    if unknown := sorted(set(given.names) - set(measurements)):
        parser.error(f"no measurement {', '.join(unknown)}; there are {', '.join(measurements)}")
    chosen = {name: measurements[name] for name in given.names or measurements}
    consoles = {name: TableCollector() for name in chosen} if given.output == "json" else {}
    console = Console()
    done = [_done(measure, consoles.get(name, console)) for name, measure in chosen.items()]
    if consoles:
        tables = {name: collector.tables for name, collector in consoles.items()}
        sys.stdout.write(json.dumps(tables, indent=2) + "\n")
    return 0 if all(done) else 1


def _measurements() -> dict[str, Callable[[Console], None]]:
    found = {}
    for path in sorted(FOLDER.glob("*.py")):
        if path.stem != Path(__file__).stem and "\ndef run(console" in path.read_text():
            found[path.stem] = _later(path.stem)
    return found


def _later(name: str) -> Callable[[Console], None]:
    """Import a measurement when it runs: one need not have what another needs."""

    def run(console: Console) -> None:
        importlib.import_module(f"tests.bench.{name}").run(console)

    return run


def _done(measure: Callable[[Console], None], console: Console) -> bool:
    try:
        measure(console)
    except Missed as missed:
        sys.stderr.write(f"{missed}\n")
        return False
    return True


def _as_data(table: Table) -> dict[str, Any]:
    columns = [str(column.header) for column in table.columns]
    cells = [[str(cell) for cell in column.cells] for column in table.columns]
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*cells, strict=True)]
    return {"title": str(table.title or ""), "rows": rows}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
