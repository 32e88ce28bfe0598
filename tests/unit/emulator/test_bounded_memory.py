"""What the emulator remembers of the past is bounded, whatever is asked of it."""

from dataclasses import replace
from datetime import UTC, datetime

from tests.unit.pki.making import make

from rolesanywhere.domain.certificate import Name
from rolesanywhere.emulator.control.journal import Journal, JournalEntry
from rolesanywhere.emulator.roles_anywhere import subjects
from rolesanywhere.emulator.roles_anywhere.store import Region
from rolesanywhere.pki.inspection import facts_of

NOW = datetime(2030, 1, 1, tzinfo=UTC)
LEAF = make("CN=web")
FACTS = facts_of(LEAF.der)


def test_subjects_and_their_certificates() -> None:
    """The subjects seen last are kept, each with its last certificates."""
    region = Region()

    def come(name: str, serial: int) -> str:
        facts = replace(FACTS, serial=serial, subject=Name((("CN", name),), f"CN={name}"))
        return subjects.record(region, facts, LEAF.der, arn_prefix="arn:", now=NOW, failed=False).id

    first = come("0", 1)
    for number in range(1, 1000):
        come(str(number), 1)
    for serial in range(2, 32):
        assert come("0", serial) == first
    come("new", 1)
    assert len(region.subjects) == 1000
    kept = region.subjects.get(first)
    assert [each.serial for each in kept.credentials.values()] == [
        f"{serial:02x}" for serial in range(22, 32)
    ]


def test_the_journal() -> None:
    """Counts are of all calls, entries of the last ones."""
    journal = Journal()
    entry = JournalEntry(
        at=NOW, service="s3", operation="GetObject", resource=None, principal=None, status=200
    )
    for _ in range(5000):
        journal.add(entry)
    assert journal.counts == {"s3:GetObject": 5000}
    assert len(journal.entries) == 4000
