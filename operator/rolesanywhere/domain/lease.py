"""Who leads: what a Lease says, and what may be said in it next.

The rules are those of client-go's leader election. The times in a Lease are other machines' and
are never compared with a clock: a candidate notes, on its own clock, when it saw the record change
last. https://pkg.go.dev/k8s.io/client-go/tools/leaderelection and
https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/lease-v1/
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

LEASE_SECONDS: Final = 15  # others wait so long after the last change they saw; whole, for the API
RENEW_SECONDS: Final = 10.0  # after this long without a renewal the holder leads no more
RETRY_SECONDS: Final = 2.0  # between two attempts to take or renew it
RETRY_JITTER: Final = 0.2  # of it, added while waiting: candidates do not ask in step
_RELEASED_SECONDS: Final = 1  # the shortest duration the API takes


@dataclass(frozen=True, slots=True)
class LeaseRecord:
    """What a Lease says. Its times are texts: they are kept, shown and compared for change only."""

    holder: str = ""  # empty: nobody
    duration_seconds: int = LEASE_SECONDS
    acquired_at: str | None = None
    renewed_at: str | None = None
    transitions: int = 0  # from one holder to another


@dataclass(frozen=True, slots=True)
class Sighting:
    """A record, and since when it has been just so: seconds of the observer's own clock."""

    record: LeaseRecord
    since: float


def sighted(last: Sighting | None, record: LeaseRecord, now: float) -> Sighting:
    """Note a record as it was read at ``now``; one that has not changed is as old as before."""
    return last if last is not None and last.record == record else Sighting(record, now)


def is_free(sighting: Sighting, now: float) -> bool:
    """Tell whether anyone may take the lease: nobody holds it, or its holder went silent."""
    record = sighting.record
    return not record.holder or now >= sighting.since + record.duration_seconds


def claimed(record: LeaseRecord | None, identity: str, at: datetime) -> LeaseRecord:
    """Give the record by which ``identity`` takes the lease, or renews it; None: there is none."""
    if record is None:
        return LeaseRecord(identity, acquired_at=_shown(at), renewed_at=_shown(at))
    if record.holder == identity:
        return replace(record, duration_seconds=LEASE_SECONDS, renewed_at=_shown(at))
    return LeaseRecord(
        identity,
        acquired_at=_shown(at),
        renewed_at=_shown(at),
        transitions=record.transitions + 1,
    )


def released(record: LeaseRecord, at: datetime) -> LeaseRecord:
    """Give the record by which its holder lets go of the lease, for anyone to take at once."""
    return LeaseRecord("", _RELEASED_SECONDS, _shown(at), _shown(at), record.transitions)


def _shown(moment: datetime) -> str:
    """Write a MicroTime: RFC 3339 with six decimals, neither more nor fewer."""
    local = moment.astimezone(UTC).replace(tzinfo=None)
    return f"{local.isoformat(timespec='microseconds')}Z"
