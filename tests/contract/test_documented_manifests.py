"""What the documentation tells people to apply is what the API server and the programs take."""

from typing import Any, Final

import jsonschema
import msgspec
import pytest
from tests import manifests
from tests.contract.schema_types import SCHEMAS, TYPES, Schema

DOCUMENTED: Final = [
    pytest.param(document, id=place) for place, document in manifests.documented().items()
]


def strict(schema: Schema) -> Schema:
    """Give the schema with unknown fields refused, as the API server refuses them."""
    closed: dict[str, Any] = {
        key: {name: strict(inner) for name, inner in value.items()}
        if key == "properties"
        else value
        for key, value in schema.items()
    }
    if "properties" in schema:
        closed["additionalProperties"] = False
    elif "additionalProperties" in schema:
        closed["additionalProperties"] = strict(schema["additionalProperties"])
    if "items" in schema:
        closed["items"] = strict(schema["items"])
    return closed


def test_examples_are_found() -> None:
    """The tests below look at manifests, in the examples and in the README."""
    places = manifests.documented().keys()
    assert {place.partition(":")[0] for place in places} >= {
        "README.md",
        "docs/examples/walkthrough/1-trust-anchor.yaml",
        "docs/examples/walkthrough/2-profile.yaml",
        "docs/examples/walkthrough/3-workload-identity.yaml",
        "docs/examples/walkthrough/own-ca/1-trust-anchor.yaml",
    }


@pytest.mark.parametrize("document", DOCUMENTED)
def test_a_documented_manifest_fits_the_schema(document: dict[str, Any]) -> None:
    """No field is misspelt and no value is of a wrong type, not even a date that YAML takes."""
    validator = jsonschema.Draft202012Validator(strict(SCHEMAS[document["kind"]]))
    assert [fault.message for fault in validator.iter_errors(document)] == []


@pytest.mark.parametrize("document", DOCUMENTED)
def test_a_documented_manifest_can_be_decoded(document: dict[str, Any]) -> None:
    """The programs read it."""
    spec, _ = TYPES[document["kind"]]
    assert isinstance(msgspec.convert(document["spec"], spec), spec)


def test_a_misspelt_field_would_be_noticed() -> None:
    """The strict schema refuses what the plain one lets pass."""
    good = manifests.good()["Profile"]
    wrong = manifests.merged(good, {"spec": {"roles": {"managed": {"pfad": "/"}}}})
    validator = jsonschema.Draft202012Validator(strict(SCHEMAS["Profile"]))
    assert [fault.json_path for fault in validator.iter_errors(wrong)] == ["$.spec.roles.managed"]
