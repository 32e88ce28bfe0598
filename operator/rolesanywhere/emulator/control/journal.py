"""Every call and how it ended, with the reasons that never go over the wire."""

import logging
import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

_KEPT_CALLS: Final = 4_000
_COUNTED_RESOURCES: Final = 4_000  # S3 has no end of keys
_logger = logging.getLogger("rolesanywhere.emulator")


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One call. ``because`` says which predicate refused it; None: it was not refused so."""

    at: datetime
    service: str
    operation: str
    resource: str | None
    principal: str | None
    status: int
    code: str | None = None
    message: str | None = None
    because: str | None = None
    fault: str | None = None  # a rule struck; status 0: nothing was answered


class Journal:
    """The last calls and counts of all. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[JournalEntry] = deque(maxlen=_KEPT_CALLS)
        self._counts: Counter[str] = Counter()
        self._by_resource: Counter[tuple[str, str]] = Counter()

    def add(self, entry: JournalEntry) -> None:
        """Note a call; a refusal is logged too."""
        with self._lock:
            self._entries.append(entry)
            name = f"{entry.service}:{entry.operation}"
            self._counts[name] += 1
            key = (name, entry.resource or "*")
            if key in self._by_resource or len(self._by_resource) < _COUNTED_RESOURCES:
                self._by_resource[key] += 1
        if entry.code is not None and entry.fault is None:
            _logger.info(
                "%s:%s refused: %s %s (because: %s)",
                entry.service,
                entry.operation,
                entry.code,
                entry.message,
                entry.because or "-",
            )

    @property
    def entries(self) -> tuple[JournalEntry, ...]:
        """Give the last calls, oldest first."""
        with self._lock:
            return tuple(self._entries)

    @property
    def counts(self) -> Mapping[str, int]:
        """Give how often each operation was called: ``rolesanywhere:ListProfiles``."""
        with self._lock:
            return dict(self._counts)

    @property
    def counts_by_resource(self) -> Mapping[str, Mapping[str, int]]:
        """Give how often each operation was called on each resource; the first 4,000 of those."""
        counts: dict[str, dict[str, int]] = {}
        with self._lock:
            for (name, resource), count in self._by_resource.items():
                counts.setdefault(name, {})[resource] = count
        return counts

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._counts.clear()
            self._by_resource.clear()
