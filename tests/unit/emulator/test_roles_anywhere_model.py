"""The emulator's operations and shapes against AWS's own model of Roles Anywhere."""

import gzip
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import botocore
import pytest

from rolesanywhere.emulator.roles_anywhere.operation import Operation
from rolesanywhere.emulator.roles_anywhere.operations import OPERATIONS
from rolesanywhere.emulator.roles_anywhere.shapes import (
    Blob,
    Flag,
    Many,
    Shape,
    Structure,
    Text,
    Whole,
)

MODEL = Path(botocore.__file__).parent / "data/rolesanywhere/2018-05-10/service-2.json.gz"
BY_NAME = {operation.name: operation for operation in OPERATIONS}


@cache
def model() -> dict[str, Any]:
    with gzip.open(MODEL) as file:
        return json.load(file)  # type: ignore[no-any-return]


def modelled(name: str) -> Mapping[str, Any]:
    shape: Mapping[str, Any] = model()["shapes"][name]
    return shape


def translated(name: str) -> Shape:
    """Give one of AWS's shapes as we write ours."""
    shape = modelled(name)
    kind = shape["type"]
    if kind == "structure":
        members = {key: translated(member["shape"]) for key, member in shape["members"].items()}
        required = tuple(shape.get("required", ()))
        return Structure(members, required, union=shape.get("union", False))
    if kind == "list":
        return Many(translated(shape["member"]["shape"]), shape.get("max"))
    if kind == "string":
        minimum, maximum = shape.get("min", 0), shape.get("max")
        return Text(minimum, maximum, shape.get("pattern"), tuple(shape.get("enum", ())))
    if kind == "blob":
        return Blob(shape.get("min", 0), shape.get("max"))
    if kind == "integer":
        return Whole(shape.get("min"), shape.get("max"))
    assert kind == "boolean"
    return Flag()


def comparable(shape: Shape) -> object:
    """Give a shape with the order of what is required taken out."""
    if isinstance(shape, Structure):
        members = {name: comparable(member) for name, member in shape.members.items()}
        return ("structure", members, frozenset(shape.required), shape.union)
    if isinstance(shape, Many):
        return ("list", comparable(shape.member), shape.maximum)
    return shape


def test_there_are_the_thirty_operations_of_the_model() -> None:
    """Nothing is left out and nothing invented."""
    assert BY_NAME.keys() == model()["operations"].keys()
    assert len(OPERATIONS) == 30


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_method_path_and_status_are_the_model_s(operation: Operation) -> None:
    """An SDK's request finds its operation, and the answer's status is the one it expects."""
    http = model()["operations"][operation.name]["http"]
    assert (operation.method, operation.path, operation.status) == (
        http["method"],
        http["requestUri"],
        http["responseCode"],
    )


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_input_shapes_are_the_model_s(operation: Operation) -> None:
    """Every length, bound, pattern, enum and required member is AWS's."""
    name = model()["operations"][operation.name]["input"]["shape"]
    assert comparable(operation.shape) == comparable(translated(name))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_what_is_read_from_the_query_is_what_the_model_puts_there(operation: Operation) -> None:
    """No parameter of the query is looked for in the body, or the other way round."""
    name = model()["operations"][operation.name]["input"]["shape"]
    members = modelled(name)["members"].items()
    in_query = {key for key, member in members if member.get("location") == "querystring"}
    assert set(operation.in_query) == in_query
