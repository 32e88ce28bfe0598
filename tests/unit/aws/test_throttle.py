"""Token buckets and the throttle in front of AWS, with a clock that only tests move."""

import threading
from dataclasses import dataclass, field

import pytest

from rolesanywhere.api.conditions import Reason
from rolesanywhere.aws.throttle import DEFAULT_RATES, Family, Rate, Throttle, TokenBucket, family_of
from rolesanywhere.domain.trouble import Trouble


@dataclass
class Time:
    """A clock whose ``sleep`` moves it and is remembered."""

    now: float = 100.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        """Tell the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


def test_a_rested_bucket_grants_its_burst(time: Time) -> None:
    """As many turns as its capacity come at once, the next after one interval."""
    bucket = TokenBucket(2, 3, time.clock)
    assert [bucket.take(longest=0.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]


def test_a_refused_turn_is_not_taken(time: Time) -> None:
    """Asking again does not push the next turn further away."""
    bucket = TokenBucket(1, 1, time.clock)
    bucket.take(longest=0.0)
    assert bucket.take(longest=0.0) == bucket.take(longest=0.0) == 1.0
    time.now += 1
    assert bucket.take(longest=0.0) == 0.0


def test_a_long_rest_saves_no_more_than_the_burst(time: Time) -> None:
    """An hour of silence does not allow 3,600 calls at once."""
    bucket = TokenBucket(1, 2, time.clock)
    time.now += 3600
    assert [bucket.take(longest=0.0) for _ in range(3)] == [0.0, 0.0, 1.0]


def test_waiting_for_the_answered_time_is_enough(time: Time) -> None:
    """Binary fractions do not make a bucket ask for yet another nanosecond."""
    bucket = TokenBucket(3, 1, time.clock)
    bucket.take(longest=0.0)
    for _ in range(1000):
        time.now += bucket.take(longest=0.0)
        assert bucket.take(longest=0.0) == 0.0


def test_those_who_wait_are_served_in_order(time: Time) -> None:
    """Each waits for its own turn: nobody is overtaken, and nobody sleeps twice."""
    bucket = TokenBucket(1, 1, time.clock)
    waits: list[float] = []
    for _ in range(4):
        bucket.take(waits.append)
    assert waits == [1.0, 2.0, 3.0]


def test_a_turn_too_far_away_is_not_taken(time: Time) -> None:
    """The wait is told, and nobody's turn is lost."""
    bucket = TokenBucket(1, 1, time.clock)
    bucket.take(time.sleep)
    assert bucket.take(time.sleep, longest=0.5) == 1.0
    assert time.slept == []
    assert bucket.take(time.sleep, longest=1.0) == 0.0
    assert time.slept == [1.0]


def test_a_clock_that_steps_back_takes_nothing_away(time: Time) -> None:
    """A suspended machine may hand out times out of order between threads."""
    bucket = TokenBucket(1, 2, time.clock)
    bucket.take(longest=0.0)
    time.now -= 50
    assert bucket.take(longest=0.0) == 0.0


def test_threads_share_a_bucket(time: Time) -> None:
    """No turn is given twice, however many threads ask."""
    bucket = TokenBucket(1, 50, time.clock)
    granted: list[float] = []

    def ask() -> None:
        granted.extend(bucket.take(longest=0.0) for _ in range(20))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert granted.count(0.0) == 50


@pytest.mark.parametrize(
    ("service", "operation", "family"),
    [
        ("rolesanywhere", "ListTrustAnchors", Family.TRUST_ANCHOR),
        ("rolesanywhere", "CreateTrustAnchor", Family.TRUST_ANCHOR),
        ("rolesanywhere", "UpdateProfile", Family.PROFILE),
        ("rolesanywhere", "ListTagsForResource", Family.TAGGING),
        ("acm-pca", "IssueCertificate", Family.PCA_ISSUE),
        ("acm-pca", "GetCertificate", Family.PCA_CERTIFICATE),
        ("acm-pca", "DescribeCertificateAuthority", Family.PCA_READ),
        ("acm-pca", "DeleteCertificateAuthority", Family.PCA_CHANGE),
        ("iam", "GetRole", Family.IAM),
        ("sts", "GetCallerIdentity", Family.STS),
    ],
)
def test_an_operation_belongs_to_a_family(service: str, operation: str, family: Family) -> None:
    """AWS counts the calls of a family together."""
    assert family_of(service, operation) is family


def throttle(time: Time, rates: dict[Family, Rate] | None = None) -> Throttle:
    return Throttle(rates or {}, clock=time.clock, sleep=time.sleep, longest_wait_seconds=2)


def test_calls_of_one_family_wait_for_each_other(time: Time) -> None:
    """A List and a Create of trust anchors share 1 per second."""
    gate = throttle(time)
    gate.take("eu-west-1", "rolesanywhere", "ListTrustAnchors")
    gate.take("eu-west-1", "rolesanywhere", "CreateTrustAnchor")
    assert time.slept == [1.0]


@pytest.mark.parametrize(
    ("region", "operation"), [("eu-west-2", "ListTrustAnchors"), ("eu-west-1", "ListProfiles")]
)
def test_regions_and_families_do_not_wait_for_each_other(
    time: Time, region: str, operation: str
) -> None:
    """AWS's quotas are per region and family."""
    gate = throttle(time)
    gate.take("eu-west-1", "rolesanywhere", "ListTrustAnchors")
    gate.take(region, "rolesanywhere", operation)
    assert time.slept == []


def test_a_worker_does_not_wait_for_ever(time: Time) -> None:
    """Beyond the longest wait the caller learns when to come back, and what it waits for."""
    gate = throttle(time, {Family.PROFILE: Rate(0.1, 1)})
    gate.take("eu-west-1", "rolesanywhere", "CreateProfile")
    with pytest.raises(Trouble) as caught:
        gate.take("eu-west-1", "rolesanywhere", "UpdateProfile")
    assert caught.value.reason is Reason.WAITING_FOR_QUOTA
    assert caught.value.retry_after == pytest.approx(10)
    assert caught.value.message == (
        "UpdateProfile waits its turn: AWS allows 0.1 Roles Anywhere profile calls per second; "
        "next try in 10 s"
    )
    assert time.slept == []


def test_every_family_has_a_rate() -> None:
    """A family without a rate would fail at its first call."""
    assert set(DEFAULT_RATES) == set(Family)
    assert all(rate.per_second > 0 and rate.burst >= 1 for rate in DEFAULT_RATES.values())
