"""The CRDs' own manners: everything has a bound and a sentence, and every rule has a proof."""

import re
from typing import Final

import pytest
from tests import manifests
from tests.contract.schema_types import CUSTOM_RESOURCES, SCHEMAS, Schema, nodes

NODES: Final = [node for kind, schema in SCHEMAS.items() for node in nodes(kind, schema)]
RULES: Final = [
    pytest.param(path, rule, id=f"{path}: {rule['rule'][:60]}")
    for path, schema in NODES
    for rule in schema.get("x-kubernetes-validations", [])
]
REFUSED: Final = manifests.refused()
ACCEPTED: Final = manifests.accepted()
METADATA: Final = {kind: f"{kind}.metadata" for kind in SCHEMAS}  # Kubernetes' own
CEL_LITERAL: Final = re.compile(r"'([^']*)'")


def is_bounded(schema: Schema) -> bool:
    """Tell whether a value of this schema has a largest size."""
    match schema["type"]:
        case "string":
            return "enum" in schema or {"minLength", "maxLength"} <= schema.keys()
        case "integer":
            return "enum" in schema or {"minimum", "format"} <= schema.keys()
        case "array":
            return {"maxItems", "x-kubernetes-list-type"} <= schema.keys()
        case "object" if "properties" not in schema:
            return "maxProperties" in schema
        case _:
            return True


@pytest.mark.parametrize("kind", SCHEMAS)
def test_everything_is_bounded(kind: str) -> None:
    """Strings, lists and maps have a largest size: rules stay cheap and objects small."""
    inside = [(path, node) for path, node in nodes(kind, SCHEMAS[kind]) if path != METADATA[kind]]
    assert [path for path, node in inside if not is_bounded(node)] == []


@pytest.mark.parametrize("kind", SCHEMAS)
def test_everything_is_explained(kind: str) -> None:
    """``kubectl explain`` has a sentence for every field, which begins with the field's name."""
    told = [
        (path.rpartition(".")[2], node.get("description", ""))
        for path, node in nodes(kind, SCHEMAS[kind])
        if path != METADATA[kind] and not path.endswith(("[]", ".*"))
    ]
    assert [(name, text) for name, text in told if not re.match(rf"{name} .*\.$", text)] == []


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_shape_is_kubernetes_own(kind: str) -> None:
    """Status is a subresource; Ready comes first and Age is there; details take ``-o wide``."""
    (version,) = CUSTOM_RESOURCES[kind]["spec"]["versions"]
    columns = {column["name"]: column for column in version["additionalPrinterColumns"]}
    assert version["subresources"] == {"status": {}}
    assert next(iter(columns)) == "Ready"
    assert "priority" not in columns["Age"]
    assert {name for name, column in columns.items() if "priority" in column} == {
        "Reason",
        "Message",
    }
    assert set(CUSTOM_RESOURCES[kind]["spec"]["names"]["categories"]) == {"aws", "rolesanywhere"}


def words_of(rule: Schema) -> str:
    """Give a pattern of a rule's answer; values that are put into it are left open."""
    if "messageExpression" not in rule:
        return re.escape(str(rule["message"]))
    literals = [text for text in CEL_LITERAL.findall(rule["messageExpression"]) if text != ":"]
    return ".*".join(map(re.escape, literals))


@pytest.mark.parametrize(("path", "rule"), RULES)
def test_every_rule_refuses_something(path: str, rule: Schema) -> None:
    """A rule without a manifest that it refuses is a rule nobody has seen at work."""
    kind, _, field = path.partition(".")
    place = re.escape(field + rule.get("fieldPath", ""))
    place = place.replace(r"\[\]", r"\[\d+\]").replace(r"\.\*", r"\[[^]]+\]")
    pattern = re.compile(f"{place}: .*{words_of(rule)}", re.DOTALL)
    answers = [line for each in REFUSED if each.manifest["kind"] == kind for line in each.answer]
    assert any(map(pattern.fullmatch, answers)), f"no row of testdata/refused proves {pattern}"


def test_cases_have_names_of_their_own() -> None:
    """A failure names one row of one table."""
    names = [each.case for each in (*REFUSED, *ACCEPTED)]
    assert {name for name in names if names.count(name) > 1} == set()
