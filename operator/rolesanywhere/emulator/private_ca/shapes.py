"""What a parameter may be: the kinds of shape acm-pca's service model is written in.

https://smithy.io/2.0/spec/constraint-traits.html
Data only; ``checking`` judges parameters by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    """A string of ``minimum`` to ``maximum`` characters that fully matches ``pattern``.

    The pattern is in the model's own dialect (Java's).
    """

    minimum: int | None = None
    maximum: int | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a closed list of words."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """An integer."""

    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """A boolean."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes, base64 on the wire; the limits are on the bytes themselves."""

    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Many:
    """A list of ``minimum`` to ``maximum`` members."""

    member: "Shape"
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Structure:
    """An object. Members it does not know are ignored, as AWS does."""

    members: Mapping[str, "Shape"]
    required: frozenset[str] = field(default_factory=frozenset)


Shape: TypeAlias = Text | Choice | Whole | Truth | Blob | Many | Structure


def structure(required: str = "", /, **members: Shape) -> Structure:
    """Write a structure; ``required`` names its required members, apart by blanks."""
    return Structure(members, frozenset(required.split()))
