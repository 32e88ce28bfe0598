"""Staying within AWS's rates: token buckets, one per region and family of calls.

The rates are AWS's published quotas per account and region. A call that would have to wait too
long is not made: its caller gets a ``Trouble`` that says when to come back, and the worker is free
for another object. No boto3 here: the agent's exchange shares the bucket.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.trouble import Trouble

LONGEST_WAIT_SECONDS: Final = 10.0  # a worker thread waits so long at most
_ROUNDING: Final = 1e-9  # tokens; a refill in binary fractions may miss a whole one by this


class TokenBucket:
    """Grants ``rate_per_second`` turns, ``capacity`` of them at once after a rest. Thread-safe."""

    def __init__(
        self, rate_per_second: float, capacity: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Start full. ``clock`` gives monotonic seconds."""
        self._rate = rate_per_second
        self._capacity = capacity
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens = capacity  # below zero: turns already promised to those who wait
        self._counted_at = clock()

    def book(self) -> float:
        """Take the next turn, whenever it comes; gives seconds until then, 0.0 for now."""
        return self._book(longest=float("inf"))

    def take(
        self, sleep: Callable[[float], None] = time.sleep, *, longest: float = float("inf")
    ) -> float:
        """Take a turn and sleep until it comes, first come first served.

        Gives 0.0 when granted; when the turn is more than ``longest`` seconds away nothing is
        taken and the wait is given instead.
        """
        wait = self._book(longest=longest)
        if wait > longest:
            return wait
        if wait > 0:
            sleep(wait)
        return 0.0

    def _book(self, *, longest: float) -> float:
        """Give the seconds until a turn, and take that turn unless they exceed ``longest``."""
        with self._lock:
            now = self._clock()
            refill = max(0.0, now - self._counted_at) * self._rate
            self._tokens = min(self._capacity, self._tokens + refill)
            self._counted_at = now
            missing = 1.0 - self._tokens
            wait = missing / self._rate if missing > _ROUNDING else 0.0
            if wait <= longest:
                self._tokens -= 1.0
            return wait


class Family(StrEnum):
    """Calls that share one quota, as AWS's quota pages group them."""

    TRUST_ANCHOR = "Roles Anywhere trust anchor"
    PROFILE = "Roles Anywhere profile"
    TAGGING = "Roles Anywhere tagging"
    PCA_CREATE = "Private CA creation"
    PCA_ISSUE = "IssueCertificate"
    PCA_CERTIFICATE = "GetCertificate"
    PCA_READ = "Private CA reading"
    PCA_CHANGE = "Private CA changing"
    IAM = "IAM"
    STS = "STS"


@dataclass(frozen=True, slots=True)
class Rate:
    """Turns per second, and how many may come at once."""

    per_second: float
    burst: float


# https://docs.aws.amazon.com/general/latest/gr/rolesanywhere.html and
# https://docs.aws.amazon.com/general/latest/gr/pca.html; IAM and STS publish none: modest guesses.
DEFAULT_RATES: Final[Mapping[Family, Rate]] = {
    Family.TRUST_ANCHOR: Rate(1, 1),
    Family.PROFILE: Rate(1, 1),
    Family.TAGGING: Rate(1, 1),
    Family.PCA_CREATE: Rate(1, 1),
    Family.PCA_ISSUE: Rate(25, 25),
    Family.PCA_CERTIFICATE: Rate(75, 75),
    Family.PCA_READ: Rate(20, 20),
    Family.PCA_CHANGE: Rate(10, 10),
    Family.IAM: Rate(15, 30),
    Family.STS: Rate(10, 10),
}

# IAM has no family of finer grain: every operation of a service that is not named falls to None.
_FAMILIES: Final[Mapping[tuple[str, str | None], Family]] = {
    ("rolesanywhere", "ListTrustAnchors"): Family.TRUST_ANCHOR,
    ("rolesanywhere", "CreateTrustAnchor"): Family.TRUST_ANCHOR,
    ("rolesanywhere", "UpdateTrustAnchor"): Family.TRUST_ANCHOR,
    ("rolesanywhere", "EnableTrustAnchor"): Family.TRUST_ANCHOR,
    ("rolesanywhere", "DeleteTrustAnchor"): Family.TRUST_ANCHOR,
    ("rolesanywhere", "ListTagsForResource"): Family.TAGGING,
    ("rolesanywhere", None): Family.PROFILE,
    ("acm-pca", "CreateCertificateAuthority"): Family.PCA_CREATE,
    ("acm-pca", "IssueCertificate"): Family.PCA_ISSUE,
    ("acm-pca", "GetCertificate"): Family.PCA_CERTIFICATE,
    ("acm-pca", "ListCertificateAuthorities"): Family.PCA_READ,
    ("acm-pca", "DescribeCertificateAuthority"): Family.PCA_READ,
    ("acm-pca", "GetCertificateAuthorityCertificate"): Family.PCA_READ,
    ("acm-pca", "ListTags"): Family.PCA_READ,
    ("acm-pca", None): Family.PCA_CHANGE,
    ("iam", None): Family.IAM,
    ("sts", None): Family.STS,
}


def family_of(service: str, operation: str) -> Family:
    """Give the family of an operation; ``service`` as boto3 names its client."""
    return _FAMILIES.get((service, operation)) or _FAMILIES[service, None]


class Throttle:
    """One bucket per region and family, for one account. Thread-safe."""

    def __init__(
        self,
        rates: Mapping[Family, Rate] = DEFAULT_RATES,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        longest_wait_seconds: float = LONGEST_WAIT_SECONDS,
    ) -> None:
        """``rates`` may name a few families only; the others keep their default."""
        self._rates = {**DEFAULT_RATES, **rates}
        self._clock = clock
        self._sleep = sleep
        self._longest = longest_wait_seconds
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, Family], TokenBucket] = {}

    def bucket(self, region: str, family: Family) -> TokenBucket:
        """Give the one bucket of a region (empty for IAM) and family."""
        with self._lock:
            known = self._buckets.get((region, family))
            if known is None:
                rate = self._rates[family]
                known = TokenBucket(rate.per_second, rate.burst, self._clock)
                self._buckets[region, family] = known
            return known

    def take(self, region: str, service: str, operation: str) -> None:
        """Wait for a turn. Raises ``Trouble`` (WAITING_FOR_QUOTA) when it is too far away."""
        family = family_of(service, operation)
        wait = self.bucket(region, family).take(self._sleep, longest=self._longest)
        if wait > 0:
            raise Trouble(
                Reason.WAITING_FOR_QUOTA,
                f"{operation} waits its turn: AWS allows {self._rates[family].per_second:g} "
                f"{family} calls per second; next try in {wait:.0f} s",
                retry_after=wait,
            )
