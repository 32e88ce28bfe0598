"""The emulator's description of requests is AWS's, member by member."""

from collections.abc import Mapping
from pathlib import Path

import botocore.session
import pytest
from botocore.model import ListShape, ServiceModel, StringShape, StructureShape
from botocore.model import Shape as AwsShape

from rolesanywhere.emulator.private_ca.model import REQUESTS
from rolesanywhere.emulator.private_ca.service import OPERATIONS
from rolesanywhere.emulator.private_ca.shapes import (
    Blob,
    Choice,
    Many,
    Shape,
    Structure,
    Text,
    Truth,
    Whole,
)

SERVICE = ServiceModel(botocore.session.get_session().get_service_data("acm-pca"))
REFERENCE = Path(__file__).parents[4] / "docs" / "reference" / "emulator-private-ca.md"
KINDS: Mapping[str, type[Whole | Blob]] = {"integer": Whole, "long": Whole, "blob": Blob}


def limits(shape: AwsShape) -> dict[str, int | None]:
    return {
        "minimum": shape.metadata.get("min"),
        "maximum": shape.metadata.get("max"),
    }


def ours(shape: AwsShape) -> Shape:
    """Write a shape of botocore's as one of ours."""
    if isinstance(shape, StructureShape):
        members = {name: ours(member) for name, member in shape.members.items()}
        return Structure(members, frozenset(shape.required_members))
    if isinstance(shape, ListShape):
        return Many(ours(shape.member), **limits(shape))
    if isinstance(shape, StringShape):
        if shape.enum:
            return Choice(tuple(shape.enum))
        return Text(**limits(shape), pattern=_pattern(shape))
    if shape.type_name == "boolean":
        return Truth()
    return KINDS[shape.type_name](**limits(shape))


def _pattern(shape: StringShape) -> str | None:
    """Give the pattern: botocore keeps it out of its own view, but not out of the model."""
    definition = SERVICE._shape_resolver._shape_map[shape.name]  # noqa: SLF001 - the model as shipped
    pattern: str | None = definition.get("pattern")
    return pattern


@pytest.mark.parametrize("operation", SERVICE.operation_names)
def test_requests_are_those_of_aws(operation: str) -> None:
    """Members, required ones, limits, patterns and enums of an operation's request are AWS's."""
    assert REQUESTS[operation] == ours(SERVICE.operation_model(operation).input_shape)


def test_every_operation_is_there() -> None:
    """No operation is missing, and none is invented."""
    names = set(SERVICE.operation_names)
    assert set(REQUESTS) == names
    assert set(OPERATIONS) | {"CreateCertificateAuthority"} == names


@pytest.mark.parametrize("operation", SERVICE.operation_names)
def test_every_operation_is_in_the_reference(operation: str) -> None:
    """The reference page's table has every operation."""
    rows = [line for line in REFERENCE.read_text().splitlines() if line.startswith("| ")]
    assert any(operation in row.split("|")[1].replace(",", " ").split() for row in rows)
