"""Another replica at the same time, and objects as they were a moment ago: still one of each."""

import pytest
from _pytest.mark import ParameterSet
from tests.unit.reconcile.scenes import (
    DELETIONS,
    EVERYTHING,
    SCENES,
    Scene,
    assert_nothing_left,
    assert_one_of_each,
)

pytestmark = pytest.mark.no_cover  # each scene again and again: counting takes longer than playing


def every_call(scenes: dict[str, Scene]) -> list[ParameterSet]:
    return [
        pytest.param(scene, index, id=f"{name}-{index}-{operation}")
        for name, scene in scenes.items()
        for index, operation in enumerate(scene.calls())
    ]


@pytest.mark.parametrize(
    ("scene", "index"),
    every_call({name: SCENES[name] for name in ("creation", "renewal", "to an existing role")}),
)
def test_two_replicas_make_one_of_each(scene: Scene, index: int) -> None:
    """One tells the whole scene while the other is in the midst of a pass.

    A certificate too many may have been paid for: nobody ever saw it.
    """
    cluster = scene.play()
    cluster.wire.interrupt_in(index, cluster.meanwhile)
    cluster.settle()
    cluster.look_soon(*EVERYTHING)
    cluster.settle()
    issued = len(cluster.pca.leaves())
    assert scene.certificates <= issued <= scene.certificates + 1
    assert_one_of_each(cluster, issued)


@pytest.mark.parametrize("scene", [scene for name, scene in SCENES.items() if " role" not in name])
def test_a_look_at_what_was_makes_nothing_twice(scene: Scene) -> None:
    """Should a pass see the status before the last one, tags and notes tell what is there.

    All but which role an identity had before: for this the keeper remembers what it wrote.
    """
    cluster = scene.begin()
    cluster.is_late = True
    scene.act(cluster)
    cluster.settle()
    cluster.is_late = False
    cluster.look_soon(*EVERYTHING)
    cluster.settle()
    assert_one_of_each(cluster, scene.certificates)


@pytest.mark.parametrize(("scene", "index"), every_call({"deletion": DELETIONS["private CA"]}))
def test_two_replicas_leave_nothing_behind(scene: Scene, index: int) -> None:
    """One takes everything down while the other is in the midst of it."""
    cluster = scene.play()
    cluster.wire.interrupt_in(index, cluster.meanwhile)
    cluster.settle()
    assert_nothing_left(cluster)
