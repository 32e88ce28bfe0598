"""Manifests the tests share: the CRDs, the documentation's, and tables of good and bad ones."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from rolesanywhere.api import names

REPOSITORY: Final = Path(__file__).parents[1]
EXAMPLES: Final = REPOSITORY / "docs" / "examples"
TABLES: Final = REPOSITORY / "tests" / "testdata"
_YAML_BLOCK: Final = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A manifest, made from a good one, and the API server's answer: one line for each fault.

    ``before`` is None for a manifest that is new; else the one that exists and is changed into it.
    """

    case: str
    before: Manifest | None
    manifest: Manifest
    answer: list[str]


def custom_resources() -> dict[str, Manifest]:
    """Give the CustomResourceDefinitions by kind."""
    documents = (_read(path) for path in (REPOSITORY / "crds").glob("*.yaml"))
    return {document["spec"]["names"]["kind"]: document for document in documents}


def documented() -> dict[str, Manifest]:
    """Give the documentation's manifests of our kinds, by the file they are in and their place."""
    texts = {path: path.read_text() for path in sorted(EXAMPLES.rglob("*.yaml"))}
    for path in [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]:
        texts[path] = "\n---\n".join(_YAML_BLOCK.findall(path.read_text()))
    return {
        f"{path.relative_to(REPOSITORY)}:{place}": document
        for path, text in texts.items()
        for place, document in enumerate(yaml.load_all(text, yaml.CSafeLoader), 1)
        if isinstance(document, dict) and document.get("apiVersion") == names.API_VERSION
    }


def refused() -> list[Case]:
    """Give everything in ``testdata/refused``."""
    return list(_cases(TABLES / "refused"))


def accepted() -> list[Case]:
    """Give everything in ``testdata/accepted``: the answers are empty."""
    return list(_cases(TABLES / "accepted"))


def good() -> dict[str, Manifest]:
    """Give, by kind, the good manifest that all others of the tables are made from."""
    tables = (_read(path) for path in (TABLES / "refused").glob("*.yaml"))
    return {table["good"]["kind"]: table["good"] for table in tables}


def merged(target: Mapping[str, Any], patch: Mapping[str, Any]) -> Manifest:
    """Apply a merge patch (RFC 7386): None takes a key away."""
    result = dict(target)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping):
            held = result.get(key)
            result[key] = merged(held if isinstance(held, Mapping) else {}, value)
        else:
            result[key] = value
    return result


def _read(path: Path) -> Manifest:
    """Read one document; with libyaml, since every collection of tests reads them all."""
    document: Manifest = yaml.load(path.read_text(), yaml.CSafeLoader)
    return document


def _cases(folder: Path) -> Iterator[Case]:
    starts = good()
    for path in sorted(folder.glob("*.yaml")):
        table = _read(path)
        start = starts[table["kind"]]
        for row in table["created"]:
            yield _case(path, row, None, start)
        for row in table["changed"]:
            before = merged(start, row.get("before", {}))
            yield _case(path, row, before, before)


def _case(path: Path, row: Mapping[str, Any], before: Manifest | None, start: Manifest) -> Case:
    manifest = merged(start, row["change"])
    return Case(f"{path.stem}: {row['case']}", before, manifest, row.get("answer", []))
