"""Mistakes: each is named where it is made, costs nothing while it lasts, and heals when mended."""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest
from tests.cluster.api_server import Manifest, Ref
from tests.cluster.mistakes import MISTAKES, Mistake, Scene
from tests.cluster.stage import Stage, condition, is_ready, reason_of

from rolesanywhere.api import names

WINDOW_SECONDS: Final = 5.0  # in which nothing may happen: two looks at what is refused, and more
WINDOWS: Final = 4  # at most
WRITES: Final = ("CreateT", "CreateP", "CreateC", "Update", "Delete", "Enable", "Issue", "Import")
# Only these: roles of other tests, which have no region, may be on their way out.
IAM_WRITES: Final = ("CreateRole", "AttachRolePolicy", "PutRolePolicy")


@dataclass(frozen=True)
class Made:
    """A mistake that was made, and the object that is to complain."""

    mistake: Mistake
    scene: Scene
    ref: Ref

    @property
    def identity(self) -> Ref:
        """Name the identity that cannot be ready while the mistake lasts."""
        return self.scene.identity

    def is_named(self, manifest: Manifest) -> bool:
        """Tell whether the object complains of just this."""
        return reason_of(manifest, self.mistake.type) == self.mistake.reason


@pytest.fixture(scope="module")
def made(stage: Stage) -> Iterator[dict[str, Made]]:
    """Make all mistakes at once, while two stories are well."""
    shared = {"own CA": stage.story(), "private CA": stage.story()}
    stage.apply(shared["own CA"].own_ca(), shared["private CA"].private_ca())
    stage.apply(*(story.profile_of() for story in shared.values()))
    found = {}
    for number, mistake in enumerate(MISTAKES):
        story = shared[mistake.where] if mistake.where in shared else stage.story()
        scene = Scene(stage, story, f"web-{number}")
        found[mistake.name] = Made(mistake, scene, mistake.make(scene))
    for each in found.values():
        stage.watched.until(each.ref, each.is_named, each.mistake.reason)
    yield found
    for story in {each.scene.story for each in found.values()}:
        stage.end(story)


@pytest.fixture(scope="module")
def mended(made: dict[str, Made]) -> dict[str, Made]:
    """Mend all mistakes at once."""
    for each in made.values():
        each.mistake.mend(each.scene)
    return made


@pytest.fixture(scope="module")
def quiet(stage: Stage, made: dict[str, Made]) -> dict[str, int]:
    """Give the changes in a few seconds in which nobody mends: versions, writes to AWS, events.

    What tests before these left behind may still be ending: the first quiet window counts. A loop
    never has one.
    """
    for each in made.values():
        if each.ref.kind != names.TRUST_ANCHOR:  # what is well must not be in the making any more
            stage.watched.until(each.scene.story.profile, is_decided, "decided")
    found: dict[str, int] = {}
    for _ in range(WINDOWS):
        before = changes(stage, made)
        threading.Event().wait(WINDOW_SECONDS)
        found = dict(changes(stage, made) - before)
        if not found:
            break
    return found


ROWS: Final = pytest.mark.parametrize("name", [mistake.name for mistake in MISTAKES])


@ROWS
def test_mistake_is_named(stage: Stage, made: dict[str, Made], name: str) -> None:
    """The condition has the reason and says what is wrong and what to do; Ready repeats it."""
    case = made[name]
    seen = stage.watched.latest(case.ref)
    story, identity = case.scene.story.name, case.scene.name
    says = case.mistake.says.replace("STORY", story).replace("NAME", identity)
    for type_ in (case.mistake.type, "Ready"):
        found = condition(seen, type_)
        assert found["status"] == "False"
        assert found["reason"] == case.mistake.reason
        assert re.fullmatch(says, found["message"])


@ROWS
def test_mistake_is_told_once(stage: Stage, made: dict[str, Made], name: str) -> None:
    """One Warning says what the condition says."""
    case = made[name]
    seen = stage.watched.latest(case.ref)
    stage.watched.until_event(seen, case.mistake.reason)  # told behind the condition, not with it
    warnings = [each for each in stage.watched.events_of(seen) if each["type"] == "Warning"]
    told = condition(seen, case.mistake.type)
    assert [each["reason"] for each in warnings] == [case.mistake.reason]
    assert warnings[0]["message"] == f"{case.mistake.type}: {told['message']}"


@ROWS
def test_mistake_keeps_the_identity_unready(stage: Stage, made: dict[str, Made], name: str) -> None:
    """Wherever the mistake was made, the identity is not ready and has no Secret of ours."""
    case = made[name]
    seen = stage.watched.until(case.identity, condition, "looked at")
    assert condition(seen)["status"] != "True"
    secret = case.scene.story.secret(case.scene.name)
    if stage.watched.exists(secret):
        labels = stage.watched.latest(secret)["metadata"].get("labels", {})
        assert names.OWNER_UID_LABEL not in labels


def test_mistakes_cause_no_hot_loop(quiet: dict[str, int]) -> None:
    """While nobody mends, no object changes, no event is told, and nothing is written to AWS."""
    assert quiet == {}


@ROWS
def test_mended_mistake_heals(stage: Stage, mended: dict[str, Made], name: str) -> None:
    """Once mended, object and identity become ready without a restart."""
    case = mended[name]
    stage.watched.until(case.ref, is_ready, "ready")
    identity = stage.watched.until(case.identity, is_ready, "ready")
    secret = stage.watched.latest(case.scene.story.secret(case.scene.name))
    uid = identity["metadata"]["uid"]
    assert secret["metadata"]["labels"][names.OWNER_UID_LABEL] == uid
    assert stage.is_running


def is_decided(manifest: Manifest) -> bool:
    return condition(manifest).get("status") in ("True", "False")


def changes(stage: Stage, made: dict[str, Made]) -> Counter[str]:
    """Count versions of all these objects, events about them, and writes to AWS."""
    regions = {each.scene.story.region for each in made.values()}
    found = Counter(
        {
            f"{call.operation} in {call.region}": times
            for call, times in stage.gate.calls().items()
            if call.operation in IAM_WRITES
            or (call.region in regions and call.operation.startswith(WRITES))
        }
    )
    for each in made.values():
        for ref in {each.ref, each.identity}:
            found[f"versions of {ref}"] = len(stage.watched.versions(ref))
            seen = stage.watched.latest(ref)
            found[f"events about {ref}"] = len(stage.watched.events_of(seen))
    return found
