"""A small memory of moments by key, which forgets by itself. Thread-safe."""

import threading
from datetime import datetime


class Recent:
    """Keys and moments. What is past its use is dropped by whoever looks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._moments: dict[tuple[str, str], datetime] = {}

    def note(self, group: str, key: str, moment: datetime) -> None:
        """Remember a moment."""
        with self._lock:
            self._moments[group, key] = moment

    def get(self, group: str, key: str) -> datetime | None:
        """Give the moment, or None."""
        with self._lock:
            return self._moments.get((group, key))

    def forget(self, group: str, key: str) -> None:
        """Drop a moment; quietly if there is none."""
        with self._lock:
            self._moments.pop((group, key), None)

    def since(self, group: str, horizon: datetime) -> frozenset[str]:
        """Give the group's keys noted after ``horizon``; older ones of every group are dropped."""
        with self._lock:
            self._moments = {k: at for k, at in self._moments.items() if at > horizon}
            return frozenset(key for name, key in self._moments if name == group)
