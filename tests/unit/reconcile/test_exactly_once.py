"""Crashes and lost answers at every single call: in the end there is exactly one of everything."""

from collections.abc import Callable
from functools import cache

import pytest
from _pytest.mark import ParameterSet
from tests.fakes import PowerCut
from tests.unit.reconcile.bodies import OWN_CA, PRIVATE_CA, Manifest, anchor, identity, profile
from tests.unit.reconcile.cluster import DEFAULT, ONPREM, REPORT, Cluster, started

from rolesanywhere.api import names
from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.trouble import Refusal, Trouble
from rolesanywhere.pki import inspection

SOURCES: dict[str, Manifest] = {"private": PRIVATE_CA, "own": OWN_CA}
EVERYTHING = (ONPREM, DEFAULT, REPORT)
THROTTLED = Trouble(Reason.THROTTLED, "AWS throttled something: it is tried again")
REFUSED = Refusal(Reason.AWS_REFUSED, "AWS refused something: change the spec")


def begun(source: Manifest, *, is_slow: bool = True) -> Cluster:
    cluster = Cluster()
    if not is_slow:
        cluster.pca.creating_seconds = cluster.pca.signing_seconds = 0.0
    for manifest in (anchor(source), profile(), identity()):
        cluster.apply(manifest)
    return cluster


@cache
def calls_of_creation(source: str, *, is_slow: bool = True) -> tuple[str, ...]:
    cluster = begun(SOURCES[source], is_slow=is_slow)
    cluster.settle()
    return tuple(cluster.wire.calls)


@cache
def calls_of_deletion(source: str) -> tuple[str, ...]:
    cluster = started(SOURCES[source])
    before = len(cluster.wire.calls)
    cluster.ask_to_delete(*EVERYTHING)
    cluster.settle()
    return tuple(cluster.wire.calls[before:])


def every(calls: Callable[[str], tuple[str, ...]]) -> list[ParameterSet]:
    return [
        pytest.param(source, index, after, id=f"{source}-{index}-{place}-{operation}")
        for source in SOURCES
        for index, operation in enumerate(calls(source))
        for place, after in (("before", False), ("after", True))
    ]


def of_ports(calls: Callable[[str], tuple[str, ...]]) -> list[ParameterSet]:
    return [each for each in every(calls) if not str(each.id).endswith("cluster.write_status")]


def settle_whatever_happens(cluster: Cluster) -> None:
    try:
        cluster.settle()
    except PowerCut:
        cluster.restart()
        cluster.settle()


def assert_one_of_each(cluster: Cluster) -> None:
    assert {key: cluster.ready(key) for key in EVERYTHING} == dict.fromkeys(
        EVERYTHING, ("True", "Ready")
    )
    assert len(cluster.ra.anchors) == 1
    assert len(cluster.ra.kept_profiles) == 1
    assert len(cluster.iam.roles) == 1
    for key, field, remote in (
        (ONPREM, "arn", cluster.ra.anchors),
        (REPORT, "profileArn", cluster.ra.kept_profiles),
    ):
        assert [each.arn for each in remote.values()] == [cluster.status(key)[field]]
    assert_one_certificate(cluster)


def assert_one_certificate(cluster: Cluster) -> None:
    is_private = bool(cluster.pca.made)
    kept = {secret.labels[names.ROLE_IN_SECRET_LABEL] for secret in cluster.secrets.kept.values()}
    assert len(cluster.secrets.kept) == len(kept)
    assert kept == ({"identity"} if is_private else {"identity", "authority"})
    secret = cluster.secrets.kept["shop", "report-aws-identity"]
    assert inspection.key_matches(secret.data["tls.key"], secret.data["tls.crt"])
    if is_private:
        assert len(cluster.pca.made) == 1
        assert [each.encode() for each in cluster.pca.leaves()] == [secret.data["tls.crt"]]


def assert_nothing_left(cluster: Cluster) -> None:
    assert cluster.objects.bodies == {}
    assert cluster.ra.anchors == {}
    assert cluster.ra.kept_profiles == {}
    assert cluster.iam.roles == {}
    assert cluster.secrets.kept == {}
    assert cluster.pca.alive() == []


@pytest.mark.parametrize(("source", "index", "after"), every(calls_of_creation))
def test_a_crash_makes_nothing_twice(source: str, index: int, *, after: bool) -> None:
    """The process dies at one call of the story; the next one finishes it with what is there."""
    cluster = begun(SOURCES[source])
    cluster.wire.fail_at(index, PowerCut(), after=after)
    settle_whatever_happens(cluster)
    assert_one_of_each(cluster)


@pytest.mark.parametrize(
    ("index", "operation"),
    list(enumerate(calls_of_creation("private", is_slow=False))),
)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_makes_nothing_twice_when_aws_is_quick(
    index: int, operation: str, *, after: bool
) -> None:
    """All of an issue may happen in one pass, and be lost with it."""
    cluster = begun(PRIVATE_CA, is_slow=False)
    cluster.wire.fail_at(index, PowerCut(), after=after)
    settle_whatever_happens(cluster)
    assert_one_of_each(cluster)


@pytest.mark.parametrize(("source", "index", "after"), every(calls_of_deletion))
def test_a_crash_leaves_nothing_behind(source: str, index: int, *, after: bool) -> None:
    """The process dies at one call of a deletion; the next one finishes it."""
    cluster = started(SOURCES[source])
    cluster.ask_to_delete(*EVERYTHING)
    cluster.wire.fail_at(len(cluster.wire.calls) + index, PowerCut(), after=after)
    settle_whatever_happens(cluster)
    assert_nothing_left(cluster)


@pytest.mark.parametrize(("source", "index", "after"), of_ports(calls_of_creation))
def test_every_trouble_is_told_and_overcome(source: str, index: int, *, after: bool) -> None:
    """A call that fails, or whose answer is lost, is in a condition; then all goes on."""
    cluster = begun(SOURCES[source])
    cluster.wire.fail_at(index, THROTTLED, after=after)
    cluster.settle()
    assert is_told(cluster, THROTTLED, "Unknown")
    assert_one_of_each(cluster)
    assert cluster.secrets_told() == []


@pytest.mark.parametrize(("source", "index", "after"), of_ports(calls_of_creation)[::2])
def test_every_refusal_is_told_and_overcome(source: str, index: int, *, after: bool) -> None:
    """What AWS will not take is in a condition, and tried again at leisure."""
    assert not after  # AWS refuses before it does anything
    cluster = begun(SOURCES[source])
    cluster.wire.fail_at(index, REFUSED)
    cluster.settle()
    assert is_told(cluster, REFUSED, "False")
    for key in EVERYTHING:
        cluster.look_soon(key)
    cluster.settle()
    assert_one_of_each(cluster)


@pytest.mark.parametrize(("source", "index", "after"), of_ports(calls_of_deletion))
def test_every_trouble_of_a_deletion_is_told_and_overcome(
    source: str, index: int, *, after: bool
) -> None:
    """A deletion that was stopped says by what, and comes again until nothing is left."""
    cluster = started(SOURCES[source])
    cluster.ask_to_delete(*EVERYTHING)
    cluster.wire.fail_at(len(cluster.wire.calls) + index, THROTTLED, after=after)
    cluster.settle()
    assert (THROTTLED.reason, THROTTLED.message) in cluster.events
    assert_nothing_left(cluster)


def is_told(cluster: Cluster, trouble: Trouble, status: str) -> bool:
    told = (trouble.reason, trouble.message, status)
    return any(
        (condition["reason"], condition["message"], condition["status"]) == told
        for _, outcome in cluster.outcomes
        for condition in outcome.status["conditions"]
        if condition["type"] != "Ready"
    )
