"""Manifests the tests share: the CRDs, the documentation's examples, and those to be refused."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from rolesanywhere.api import names

REPOSITORY: Final = Path(__file__).parents[1]
EXAMPLES: Final = REPOSITORY / "docs" / "examples"
REFUSED: Final = REPOSITORY / "tests" / "testdata" / "refused"
_YAML_BLOCK: Final = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change to a good manifest and the API server's answer: one line for each fault.

    ``before`` is None for a manifest refused at its creation; otherwise the manifest as it was
    when the change was tried.
    """

    case: str
    before: Manifest | None
    manifest: Manifest
    answer: list[str]


def custom_resources() -> dict[str, Manifest]:
    """Give the CustomResourceDefinitions by kind."""
    documents = (yaml.safe_load(path.read_text()) for path in (REPOSITORY / "crds").glob("*.yaml"))
    return {document["spec"]["names"]["kind"]: document for document in documents}


def documented() -> dict[str, Manifest]:
    """Give the documentation's manifests of our kinds, by the file they are in and their place."""
    texts = {path: path.read_text() for path in sorted(EXAMPLES.rglob("*.yaml"))}
    for path in [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]:
        texts[path] = "\n---\n".join(_YAML_BLOCK.findall(path.read_text()))
    return {
        f"{path.relative_to(REPOSITORY)}:{place}": document
        for path, text in texts.items()
        for place, document in enumerate(yaml.safe_load_all(text), 1)
        if isinstance(document, dict) and document.get("apiVersion") == names.API_VERSION
    }


def refusals() -> Iterator[Refusal]:
    """Give everything in ``testdata/refused``."""
    for path in sorted(REFUSED.glob("*.yaml")):
        table = yaml.safe_load(path.read_text())
        for row in table["created"]:
            manifest = merged(table["good"], row["change"])
            yield Refusal(f"{path.stem}: {row['case']}", None, manifest, row["answer"])
        for row in table["changed"]:
            before = merged(table["good"], row.get("before", {}))
            manifest = merged(before, row["change"])
            yield Refusal(f"{path.stem}: {row['case']}", before, manifest, row["answer"])


def good_manifests() -> dict[str, Manifest]:
    """Give, by kind, the manifest that the refused ones are made from."""
    tables = (yaml.safe_load(path.read_text()) for path in REFUSED.glob("*.yaml"))
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
