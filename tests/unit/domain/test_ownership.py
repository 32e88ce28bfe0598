"""Tags as the proof of ownership."""

from dataclasses import dataclass

import pytest

from rolesanywhere.domain import naming
from rolesanywhere.domain.ownership import carries, owned

MINE = naming.ownership_tags("TrustAnchor", None, "onprem", "u1", cluster_id="c1")
FOREIGN = naming.ownership_tags("TrustAnchor", None, "onprem", "u1", cluster_id="c2")


@dataclass(frozen=True)
class Record:
    """Something with an ARN."""

    arn: str


@pytest.mark.parametrize(
    ("tags", "mine"),
    [
        (MINE, True),
        ({**MINE, "team": "shop"}, True),
        ({**MINE, "rolesanywhere.dev/owner": "TrustAnchor/renamed"}, True),
        (FOREIGN, False),
        ({**MINE, "rolesanywhere.dev/owner-uid": "u2"}, False),
        ({}, False),
    ],
)
def test_cluster_and_uid_are_the_proof(tags: dict[str, str], *, mine: bool) -> None:
    """Both must be ours; the readable owner is for people."""
    assert carries(tags, MINE) is mine


@pytest.mark.parametrize(
    ("held", "found"),
    [
        (None, ["a", "c"]),
        ("c", ["c", "a"]),  # what the status names comes first
        ("z", ["z", "a", "c"]),  # found by status, whatever its name is now
        ("gone", ["a", "c"]),
        ("b", ["a", "c"]),  # somebody else's tags: not ours, whatever the status says
    ],
)
def test_our_own_are_found(held: str | None, found: list[str]) -> None:
    """Duplicates of a create that was sent twice are all found, others' objects never."""
    tags = {"a": MINE, "b": FOREIGN, "c": MINE, "z": MINE}
    asked: list[str] = []

    def tags_of(arn: str) -> dict[str, str]:
        asked.append(arn)
        return tags[arn]

    records = owned(
        [Record("c"), Record("z"), Record("b"), Record("a")],
        held_arn=held,
        could_be=lambda record: record.arn in "abc",
        tags_of=tags_of,
        mine=MINE,
    )
    assert [record.arn for record in records] == found
    assert ("z" in asked) is (held == "z")  # no call for what cannot be ours
