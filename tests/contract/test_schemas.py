"""The CRDs and the types of ``api`` describe the same three kinds."""

from collections.abc import Iterator
from typing import Final

import pytest
from msgspec import inspect
from tests.contract.schema_types import (
    CUSTOM_RESOURCES,
    SCHEMAS,
    TYPES,
    Pair,
    is_either_or,
    nodes,
    pairs,
)

from rolesanywhere.api import names
from rolesanywhere.api.conditions import ConditionType, Reason

PLURALS: Final = {
    names.TRUST_ANCHOR: names.TRUST_ANCHORS,
    names.PROFILE: names.PROFILES,
    names.WORKLOAD_IDENTITY: names.WORKLOAD_IDENTITIES,
}
CONDITION_TYPES: Final = {  # as the comments in `ConditionType` say
    names.TRUST_ANCHOR: ["Ready", "CAReady", "Synced"],
    names.PROFILE: ["Ready", "Synced"],
    names.WORKLOAD_IDENTITY: [
        "Ready",
        "Admitted",
        "RoleReady",
        "CertificateReady",
        "SessionVerified",
    ],
}
WORDS_OF_THE_SCHEMA_ONLY: Final = {  # plain to the types: Kubernetes' own words, and numbers
    "Profile.spec.allowedNamespaces.selector.matchExpressions[].operator",
    "WorkloadIdentity.spec.certificate.privateKey.size",
}
JSON_TYPES: Final[dict[type[inspect.Type], str]] = {
    inspect.StrType: "string",
    inspect.EnumType: "string",
    inspect.IntType: "integer",
    inspect.BoolType: "boolean",
    inspect.VarTupleType: "array",
    inspect.DictType: "object",
    inspect.StructType: "object",
}


def all_pairs() -> Iterator[Pair]:
    for kind, types in TYPES.items():
        for part, given in zip(("spec", "status"), types, strict=True):
            schema = SCHEMAS[kind]["properties"][part]
            yield from pairs(f"{kind}.{part}", inspect.type_info(given), schema)


PAIRS: Final = list(all_pairs())
STRUCTS: Final = [
    pytest.param(pair.type, pair.schema, id=pair.path)
    for pair in PAIRS
    if isinstance(pair.type, inspect.StructType)
]
WITH_WORDS: Final = [
    pair
    for pair in PAIRS
    if pair.path not in WORDS_OF_THE_SCHEMA_ONLY and not pair.path.endswith("conditions[].type")
]


def of_pair(pair: Pair) -> str:
    return pair.path


def test_the_walk_sees_everything() -> None:
    """The tests below look at fields, not at an empty list."""
    assert len(PAIRS) > 150
    assert len(STRUCTS) > 25
    assert {pair.path for pair in PAIRS} > WORDS_OF_THE_SCHEMA_ONLY


@pytest.mark.parametrize("kind", TYPES)
def test_names_agree(kind: str) -> None:
    """The CRD speaks of the group, version and plural the programs ask for."""
    spec = CUSTOM_RESOURCES[kind]["spec"]
    assert CUSTOM_RESOURCES[kind]["metadata"]["name"] == f"{PLURALS[kind]}.{names.GROUP}"
    assert (spec["group"], spec["names"]["plural"]) == (names.GROUP, PLURALS[kind])
    assert [version["name"] for version in spec["versions"]] == [names.VERSION]


@pytest.mark.parametrize(("struct", "schema"), STRUCTS)
def test_fields_agree(struct: inspect.StructType, schema: dict[str, object]) -> None:
    """Every field of a type is in the CRD, and the CRD has no field the type lacks."""
    fields = {field.encode_name for field in struct.fields}
    assert schema.get("properties", {}).keys() == fields  # type: ignore[attr-defined] # JSON


@pytest.mark.parametrize(("struct", "schema"), STRUCTS)
def test_what_is_required_agrees(struct: inspect.StructType, schema: dict[str, list[str]]) -> None:
    """What the API server asks for is what decoding asks for."""
    required = {field.encode_name for field in struct.fields if field.required}
    assert set(schema.get("required", [])) == required


@pytest.mark.parametrize("pair", PAIRS, ids=of_pair)
def test_types_agree(pair: Pair) -> None:
    """A value the API server took has the JSON type that decoding expects."""
    assert pair.schema["type"] == JSON_TYPES[type(pair.type)]


@pytest.mark.parametrize("pair", WITH_WORDS, ids=of_pair)
def test_words_agree(pair: Pair) -> None:
    """A word the API server took is a word the type knows, and the other way round."""
    words = list(pair.type.cls) if isinstance(pair.type, inspect.EnumType) else None
    assert pair.schema.get("enum") == words


@pytest.mark.parametrize("pair", PAIRS, ids=of_pair)
def test_defaults_agree(pair: Pair) -> None:
    """What the API server fills in is what decoding would have."""
    assert pair.schema_default == pair.default


@pytest.mark.parametrize("kind", TYPES)
def test_conditions_are_closed_lists(kind: str) -> None:
    """Reasons are those of ``Reason``; types are those the kind has."""
    conditions = SCHEMAS[kind]["properties"]["status"]["properties"]["conditions"]
    fields = conditions["items"]["properties"]
    assert fields["reason"]["enum"] == list(Reason)
    assert fields["type"]["enum"] == CONDITION_TYPES[kind]
    assert (conditions["maxItems"], conditions["x-kubernetes-list-map-keys"]) == (10, ["type"])


def test_every_condition_type_belongs_to_a_kind() -> None:
    """No condition type is left that no kind could carry."""
    assert {word for words in CONDITION_TYPES.values() for word in words} == set(ConditionType)


def test_either_or_is_left_open_at_one_place_only() -> None:
    """A value without a schema is one that a structural schema has no word for."""
    left_open = [
        path
        for kind, schema in SCHEMAS.items()
        for path, node in nodes(kind, schema)
        if "x-kubernetes-preserve-unknown-fields" in node
    ]
    either_or = [
        pair.path
        for pair in PAIRS
        if isinstance(pair.type, inspect.DictType) and is_either_or(pair.type.value_type)
    ]
    assert left_open == either_or == ["WorkloadIdentity.spec.role.managed.trustConditions.*"]
