"""Whose is an AWS object? Tags are the proof; a name or an id alone is none."""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar

from rolesanywhere.api import names


class Named(Protocol):
    """A record of something that has an ARN."""

    @property
    def arn(self) -> str:
        """Give its ARN."""


R = TypeVar("R", bound=Named)
_PROOF = (names.TAG_CLUSTER, names.TAG_OWNER_UID)


def carries(tags: Mapping[str, str], mine: Mapping[str, str]) -> bool:
    """Tell whether tags name this cluster and this owner."""
    return all(tags.get(key) == mine[key] for key in _PROOF)


def owned(
    records: Iterable[R],
    *,
    held_arn: str | None,
    could_be: Callable[[R], bool],
    tags_of: Callable[[str], Mapping[str, str]],
    mine: Mapping[str, str],
) -> tuple[R, ...]:
    """Give those that are the owner's, the one its status already names first.

    ``could_be`` (by name, mostly) keeps the number of ``tags_of`` calls small. More than one: a
    create whose answer was lost was sent again.
    """
    candidates = [each for each in records if each.arn == held_arn or could_be(each)]
    candidates.sort(key=lambda each: (each.arn != held_arn, each.arn))
    return tuple(each for each in candidates if carries(tags_of(each.arn), mine))
