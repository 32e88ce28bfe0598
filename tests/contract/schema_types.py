"""A CRD's schema beside the type it belongs to, field by field."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec import inspect
from tests import manifests

from rolesanywhere.api import names
from rolesanywhere.api.profile import ProfileSpec, ProfileStatus
from rolesanywhere.api.trust_anchor import TrustAnchorSpec, TrustAnchorStatus
from rolesanywhere.api.workload_identity import WorkloadIdentitySpec, WorkloadIdentityStatus

Schema = dict[str, Any]

TYPES: Final[dict[str, tuple[type[msgspec.Struct], type[msgspec.Struct]]]] = {
    names.TRUST_ANCHOR: (TrustAnchorSpec, TrustAnchorStatus),
    names.PROFILE: (ProfileSpec, ProfileStatus),
    names.WORKLOAD_IDENTITY: (WorkloadIdentitySpec, WorkloadIdentityStatus),
}
CUSTOM_RESOURCES: Final = manifests.custom_resources()
SCHEMAS: Final[dict[str, Schema]] = {
    kind: document["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    for kind, document in CUSTOM_RESOURCES.items()
}
_NOTHING: Final[tuple[object, ...]] = (None, {}, [], ())


@dataclass(frozen=True, slots=True)
class Pair:
    """A type and the schema at the same place; ``schema`` is empty where the CRD has none."""

    path: str
    type: inspect.Type
    schema: Schema
    default: object = None  # the type's, as JSON; None for none

    @property
    def schema_default(self) -> object:
        """Give the API server's default, with the defaults inside it filled in."""
        return pruned(filled(self.schema.get("default"), self.schema))


def pairs(path: str, given: inspect.Type, schema: Schema) -> Iterator[Pair]:
    """Walk a type and a schema together, from the whole to its parts."""
    yield Pair(path, given, schema)
    yield from parts(path, given, schema)


def parts(path: str, given: inspect.Type, schema: Schema) -> Iterator[Pair]:
    """Give what is inside a struct, a tuple or a dictionary."""
    match given:
        case inspect.StructType(fields=fields):
            for field in fields:
                at, kind = f"{path}.{field.encode_name}", bare(field.type)
                inner = schema.get("properties", {}).get(field.encode_name, {})
                yield Pair(at, kind, inner, default(field))
                yield from parts(at, kind, inner)
        case inspect.VarTupleType(item_type=item):
            yield from pairs(f"{path}[]", bare(item), schema.get("items", {}))
        case inspect.DictType(value_type=value) if not is_either_or(value):
            yield from pairs(f"{path}.*", bare(value), schema.get("additionalProperties", {}))


def bare(given: inspect.Type) -> inspect.Type:
    """Take None off a type: in JSON it is a field left out."""
    if not isinstance(given, inspect.UnionType):
        return given
    kinds = [kind for kind in given.types if not isinstance(kind, inspect.NoneType)]
    return kinds[0] if len(kinds) == 1 else inspect.UnionType(tuple(kinds))


def is_either_or(given: inspect.Type) -> bool:
    """Tell whether a type is one a structural schema has no word for."""
    return isinstance(bare(given), inspect.UnionType)


def default(field: inspect.Field) -> object:
    """Give a field's default as JSON; what says nothing is None."""
    if field.required:
        return None
    made = field.default
    if field.default_factory is not msgspec.NODEFAULT:
        made = field.default_factory()
    return pruned(msgspec.to_builtins(made))


def filled(value: object, schema: Schema) -> object:
    """Fill the defaults of a schema's properties into a value, as the API server does."""
    if not isinstance(value, dict):
        return value
    properties: Schema = schema.get("properties", {})
    missing = {name: inner["default"] for name, inner in properties.items() if "default" in inner}
    return {
        name: filled(held, properties.get(name, {})) for name, held in (missing | value).items()
    }


def pruned(value: object) -> object:
    """Take out what says nothing: None and empty collections."""
    if not isinstance(value, dict):
        return None if value in _NOTHING else value
    kept = {name: held for name, inner in value.items() if (held := pruned(inner)) is not None}
    return kept or None


def nodes(path: str, schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Walk a schema alone: every node with its path."""
    yield path, schema
    for name, inner in schema.get("properties", {}).items():
        yield from nodes(f"{path}.{name}", inner)
    if "items" in schema:
        yield from nodes(f"{path}[]", schema["items"])
    if "additionalProperties" in schema:
        yield from nodes(f"{path}.*", schema["additionalProperties"])
