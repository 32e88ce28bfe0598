"""Crashes and lost answers at every single call: in the end there is exactly one of everything."""

from collections.abc import Mapping

import pytest
from _pytest.mark import ParameterSet
from tests.fakes import PowerCut
from tests.unit.reconcile.cluster import Cluster
from tests.unit.reconcile.scenes import (
    CREATION,
    CREATION_OF_OWN,
    DELETIONS,
    EVERYTHING,
    SCENES,
    Scene,
    assert_nothing_left,
    assert_one_of_each,
    settle_whatever_happens,
)

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.trouble import Refusal, Trouble

pytestmark = pytest.mark.no_cover  # each scene again and again: counting takes longer than playing
THROTTLED = Trouble(Reason.THROTTLED, "AWS throttled something: it is tried again")
REFUSED = Refusal(Reason.AWS_REFUSED, "AWS refused something: change the spec")
CREATIONS = {"private CA": CREATION, "own CA": CREATION_OF_OWN}
BEFORE, AFTER = False, True  # it is carried out


def every_call(
    scenes: Mapping[str, Scene], *places: bool, with_status: bool = False
) -> list[ParameterSet]:
    """Give each call of each scene, to fail at each of these places."""
    return [
        pytest.param(
            scene, index, after, id=f"{name}-{index}-{'after' if after else 'before'}-{operation}"
        )
        for name, scene in scenes.items()
        for index, operation in enumerate(scene.calls())
        for after in places
        if with_status or operation != "cluster.write_status"
    ]


@pytest.mark.parametrize(
    ("scene", "index", "after"),
    [
        *every_call({"creation": CREATION}, BEFORE, with_status=True),
        *every_call(SCENES, AFTER, with_status=True),
    ],
)
def test_a_crash_makes_nothing_twice(scene: Scene, index: int, *, after: bool) -> None:
    """The process dies at one call of a scene; the next one finishes it with what is there.

    To die before a call is to die after the one before it: one scene is played for that too.
    """
    cluster = scene.play()
    cluster.wire.fail_in(index, PowerCut(), after=after)
    settle_whatever_happens(cluster)
    assert_one_of_each(cluster, scene.certificates)


@pytest.mark.parametrize(("scene", "index", "after"), every_call(DELETIONS, AFTER))
def test_a_crash_leaves_nothing_behind(scene: Scene, index: int, *, after: bool) -> None:
    """The process dies at one call of a deletion; the next one finishes it."""
    cluster = scene.play()
    cluster.wire.fail_in(index, PowerCut(), after=after)
    settle_whatever_happens(cluster)
    assert_nothing_left(cluster)


@pytest.mark.parametrize(("scene", "index", "after"), every_call(CREATIONS, BEFORE, AFTER))
def test_every_trouble_is_told_and_overcome(scene: Scene, index: int, *, after: bool) -> None:
    """A call that fails, or whose answer is lost, is in a condition; then all goes on."""
    cluster = scene.play()
    cluster.wire.fail_in(index, THROTTLED, after=after)
    cluster.settle()
    assert is_told(cluster, THROTTLED, "Unknown")
    assert_one_of_each(cluster, scene.certificates)
    assert cluster.secrets_told() == []


@pytest.mark.parametrize(("scene", "index", "after"), every_call(CREATIONS, BEFORE))
def test_every_refusal_is_told_and_overcome(scene: Scene, index: int, *, after: bool) -> None:
    """What AWS will not take is in a condition, and tried again at leisure."""
    cluster = scene.play()
    cluster.wire.fail_in(index, REFUSED, after=after)
    cluster.settle()
    assert is_told(cluster, REFUSED, "False")
    cluster.look_soon(*EVERYTHING)
    cluster.settle()
    assert_one_of_each(cluster, scene.certificates)


@pytest.mark.parametrize(("scene", "index", "after"), every_call(DELETIONS, BEFORE, AFTER))
def test_every_trouble_of_a_deletion_is_told_and_overcome(
    scene: Scene, index: int, *, after: bool
) -> None:
    """A deletion that was stopped says by what, and comes again until nothing is left."""
    cluster = scene.play()
    cluster.wire.fail_in(index, THROTTLED, after=after)
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
