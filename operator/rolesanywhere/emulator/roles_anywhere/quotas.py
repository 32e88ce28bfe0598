"""The service's quotas, each of which can be switched.

https://docs.aws.amazon.com/rolesanywhere/latest/userguide/quotas.html
Those AWS does not adjust are on from the start, the others when asked for.
"""

import threading
import time
from collections.abc import Callable, Collection
from enum import StrEnum
from typing import Final

from rolesanywhere.emulator.roles_anywhere.refusals import invalid, throttled


class Quota(StrEnum):
    """Quotas by name, as ``--enforce-quotas`` and the control surface take them."""

    TRUST_ANCHORS = "trust-anchors"
    PROFILES = "profiles"
    CERTIFICATES_PER_ANCHOR = "certificates-per-anchor"
    CRLS_PER_ANCHOR = "crls-per-anchor"
    REQUEST_RATE = "request-rate"  # per family of resources
    SESSION_RATE = "session-rate"


LIMITS: Final = {
    Quota.TRUST_ANCHORS: 50,
    Quota.PROFILES: 250,
    Quota.CERTIFICATES_PER_ANCHOR: 2,
    Quota.CRLS_PER_ANCHOR: 2,
    Quota.REQUEST_RATE: 1,  # per second
    Quota.SESSION_RATE: 10,  # per second
}
NOT_ADJUSTABLE: Final = frozenset({Quota.CERTIFICATES_PER_ANCHOR, Quota.CRLS_PER_ANCHOR})


class Quotas:
    """Which quotas hold, and the buckets of the rates. Thread-safe."""

    def __init__(
        self,
        enforced: Collection[Quota] = NOT_ADJUSTABLE,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Rates are measured in real ``seconds``: callers wait in them."""
        self._initial = frozenset(enforced)
        self._seconds = seconds
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}
        self._enforced = set(self._initial)

    @property
    def enforced(self) -> frozenset[Quota]:
        """Give the quotas that hold now."""
        with self._lock:
            return frozenset(self._enforced)

    def enforce(self, *quotas: Quota, on: bool = True) -> None:
        """Switch quotas on or off."""
        with self._lock:
            if on:
                self._enforced.update(quotas)
            else:
                self._enforced.difference_update(quotas)

    def reset(self) -> None:
        """Go back to the quotas of the start, with full buckets."""
        with self._lock:
            self._enforced = set(self._initial)
            self._buckets.clear()

    def limit(self, quota: Quota) -> int | None:
        """Give a quota's limit; None: it does not hold."""
        return LIMITS[quota] if quota in self.enforced else None

    def require_room(self, quota: Quota, used: int, what: str) -> None:
        """Raise ``AwsError`` when one more would exceed a quota."""
        limit = self.limit(quota)
        if limit is not None and used >= limit:
            message = f"Limit exceeded: at most {limit} {what}."
            raise invalid(message, f"quota {quota}")

    def require_turn(self, quota: Quota, region: str, family: str) -> None:
        """Take a turn of a rate. Raises ``AwsError``: ThrottlingException."""
        if quota not in self.enforced:
            return
        if not self._take((region, family), LIMITS[quota]):
            because = f"more than {LIMITS[quota]} per second of {family} in {region}"
            raise throttled(because)

    def _take(self, key: tuple[str, str], rate: int) -> bool:
        """Take a token of a bucket that holds one second's worth."""
        with self._lock:
            now = self._seconds()
            level, since = self._buckets.get(key, (float(rate), now))
            level = min(float(rate), level + (now - since) * rate)
            granted = level >= 1
            self._buckets[key] = (level - 1 if granted else level, now)
            return granted
