"""One candidate for the lease: takes it when it is free, renews it, gives it back.

At no moment do two candidates lead, as long as their clocks run about equally fast: a holder leads
until 10 seconds after it sent its last renewal, and the others wait 15 seconds after they saw it,
which they cannot before it was sent. Between reading and writing, the API server's versions decide.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Protocol

from rolesanywhere.domain import lease as rules
from rolesanywhere.domain.lease import RENEW_SECONDS, LeaseRecord, Sighting
from rolesanywhere.domain.trouble import AlreadyExists, Conflict, NotFound
from rolesanywhere.kube.lease import Lease


class Leases(Protocol):
    """The one Lease. Every method may raise ``Trouble``."""

    def read(self) -> Lease | None:
        """Read it; None if there is none."""

    def create(self, record: LeaseRecord) -> None:
        """Create it. Raises ``AlreadyExists``."""

    def replace(self, lease: Lease, record: LeaseRecord) -> None:
        """Write a record in place of the one read. Raises ``Conflict`` or ``NotFound``."""


class Candidate:
    """Calls come from one thread at a time; ``leads`` may be asked from any."""

    def __init__(
        self,
        leases: Leases,
        identity: str,
        *,
        clock: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        """``identity`` is this process's alone; ``now`` is shown to people only.

        ``clock`` gives seconds that never jump, and go on while the machine sleeps.
        """
        self.identity = identity
        self._leases = leases
        self._clock = clock
        self._now = now
        self._seen: Sighting | None = None
        self._leads_until = float("-inf")
        self._has_claimed = False

    @property
    def leads(self) -> bool:
        """Tell whether this candidate may act: nobody else can have taken the lease by now."""
        return self._clock() < self._leads_until

    @property
    def holder(self) -> str:
        """Give who holds the lease, as far as is known; empty when nobody does."""
        return self._seen.record.holder if self._seen is not None else ""

    def attempt(self) -> None:
        """Take or renew the lease, if it may be. Raises ``Trouble`` when nobody can tell."""
        lease = self._look()
        if lease is not None and self._is_held_by_another():
            self._leads_until = float("-inf")
            return
        asked_at = self._clock()  # nobody sees the new record before it was sent
        # Somebody was quicker, or an earlier write of ours arrived late: the next attempt tells.
        with suppress(AlreadyExists, Conflict):
            self._claim(lease)
            self._leads_until = asked_at + RENEW_SECONDS

    def release(self) -> None:
        """Give the lease back, if it is held. Call it when nothing acts any more.

        Raises ``Trouble`` when that cannot be told to the others: they wait until it expires.
        """
        self._leads_until = float("-inf")
        if not self._has_claimed:
            return
        lease = self._leases.read()
        if lease is not None and lease.record.holder == self.identity:
            with suppress(Conflict, NotFound):  # it is another's by now
                self._leases.replace(lease, rules.released(lease.record, self._now()))

    def _look(self) -> Lease | None:
        lease = self._leases.read()
        if lease is None:
            self._seen = None
        else:
            self._seen = rules.sighted(self._seen, lease.record, self._clock())
        return lease

    def _is_held_by_another(self) -> bool:
        seen = self._seen
        return (
            seen is not None
            and seen.record.holder != self.identity
            and not rules.is_free(seen, self._clock())
        )

    def _claim(self, lease: Lease | None) -> None:
        record = rules.claimed(lease.record if lease else None, self.identity, self._now())
        self._has_claimed = True  # from here on: an answer may be lost
        if lease is None:
            self._leases.create(record)
        else:
            self._leases.replace(lease, record)
        self._seen = Sighting(record, self._clock())
