"""The records of all regions of the account, by id; one lock for all of them."""

import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from rolesanywhere.emulator.roles_anywhere.records import Crl, Profile, Subject, TrustAnchor
from rolesanywhere.emulator.roles_anywhere.refusals import not_found

R = TypeVar("R", TrustAnchor, Profile, Crl, Subject)
KINDS: Final[Mapping[str, str]] = {  # in an ARN: for people
    "trust-anchor": "Trust anchor",
    "profile": "Profile",
    "crl": "CRL",
    "subject": "Subject",
}


@dataclass(slots=True)
class Table(Generic[R]):
    """The records of one kind in one region, oldest first."""

    kind: str
    records: dict[str, R] = field(default_factory=dict)

    def get(self, identifier: str) -> R:
        """Give the record of an id, ARN or alias ARN. Raises ``AwsError``: not found."""
        record = self.find(identifier)
        if record is None:
            message = f"{KINDS[self.kind]} with id {identifier} does not exist."
            raise not_found(message)
        return record

    def find(self, identifier: str) -> R | None:
        """Give the record of an id, ARN or alias ARN; None: there is none."""
        if not identifier.startswith("arn:"):
            return self.records.get(identifier)
        return next((each for each in self if identifier in _arns(each, self.kind)), None)

    def put(self, record: R) -> R:
        """Keep a record, new or changed."""
        self.records[record.id] = record
        return record

    def remove(self, record: R) -> R:
        """Forget a record, and give it."""
        return self.records.pop(record.id)

    def __iter__(self) -> Iterator[R]:
        return iter(tuple(self.records.values()))

    def __len__(self) -> int:
        return len(self.records)


@dataclass(slots=True)
class Region:
    """Everything of one region. ``tags`` by ARN."""

    anchors: Table[TrustAnchor] = field(default_factory=lambda: Table("trust-anchor"))
    profiles: Table[Profile] = field(default_factory=lambda: Table("profile"))
    crls: Table[Crl] = field(default_factory=lambda: Table("crl"))
    subjects: Table[Subject] = field(default_factory=lambda: Table("subject"))
    tags: dict[str, dict[str, str]] = field(default_factory=dict)


class Store:
    """Regions by name. Hold ``lock`` while reading and writing."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.regions: dict[str, Region] = {}

    def region(self, name: str) -> Region:
        """Give a region, empty at first."""
        return self.regions.setdefault(name, Region())

    def replace(self, regions: dict[str, Region]) -> None:
        """Put these in place of everything."""
        with self.lock:
            self.regions = dict(regions)

    def reset(self) -> None:
        """Forget everything."""
        with self.lock:
            self.regions.clear()


def new_id() -> str:
    """Make an id."""
    return str(uuid.uuid4())


def alias_arn(record: TrustAnchor | Profile | Crl, kind: str) -> str | None:
    """Give a record's alias ARN, if it has an alias."""
    if record.alias is None:
        return None
    return f"{record.arn.rpartition(':')[0]}:alias/{kind}/{record.alias}"


def _arns(record: TrustAnchor | Profile | Crl | Subject, kind: str) -> tuple[str, ...]:
    if isinstance(record, Subject) or record.alias is None:
        return (record.arn,)
    return (record.arn, str(alias_arn(record, kind)))
