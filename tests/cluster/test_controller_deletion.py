"""Deletion: in any order, it ends; what waits says for whom; AWS is left as it was before."""

import itertools
from collections.abc import Iterator
from typing import Final

import pytest
from tests.cluster.api_server import Ref
from tests.cluster.aws_account import AwsAccount
from tests.cluster.stage import Stage, condition, reason_of
from tests.cluster.story import Story, with_role, with_roles

from rolesanywhere.api import names
from rolesanywhere.api.conditions import Reason

KINDS: Final = (names.TRUST_ANCHOR, names.PROFILE, names.WORKLOAD_IDENTITY)
ORDERS: Final = list(itertools.permutations(KINDS))
RETAIN: Final = {"deletionPolicy": "Retain"}
OTHERS: Final = ("web-1", "web-2")


class Tales(dict[str, Story]):
    """Stories by name; all of them begin and become ready side by side."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage

    def begin(self, name: str) -> Story:
        """Begin a story."""
        self[name] = self._stage.story()
        return self[name]


@pytest.fixture(scope="module")
def tales(stage: Stage) -> Iterator[Tales]:
    """Begin all stories of this module, and wait until they are ready."""
    tales = Tales(stage)
    for order in ORDERS:
        story = tales.begin(" ".join(order))
        stage.apply(story.own_ca(), story.profile_of(), story.identity_of())
    story = tales.begin("private CA")
    stage.apply(story.private_ca(), story.profile_of(), story.identity_of())
    story = tales.begin("retained")
    retained = story.private_ca()
    retained["spec"] |= RETAIN
    stage.apply(retained, story.profile_of(RETAIN), story.identity_of(changes=RETAIN))
    story = tales.begin("existing role")
    role = stage.account.make_role(story.name)
    changes = with_role(role)
    stage.apply(story.own_ca(), story.profile_of(with_roles(role)))
    stage.apply(story.identity_of(changes=changes), *_more(story))
    for story in tales.values():
        stage.until_ready(story.anchor, story.profile, story.identity())
    stage.until_ready(*(tales["existing role"].identity(name) for name in OTHERS))
    yield tales
    for story in tales.values():
        stage.end(story)


def _more(story: Story) -> list[dict[str, object]]:
    """Describe identities with managed roles beside the one with an existing role."""
    return [story.identity_of(name) for name in OTHERS]


@pytest.fixture(scope="module")
def deleted(stage: Stage, tales: Tales) -> Tales:
    """Delete the objects of all stories but one without waiting, six in different orders."""
    retained = tales["retained"]
    place = Ref("Namespace", tales["existing role"].namespace)
    for ref in (retained.identity(), retained.profile, retained.anchor, place):
        stage.server.delete(ref)
    for order in ORDERS:
        story = tales[" ".join(order)]
        for kind in order:
            stage.server.delete(of_kind(story, kind))
    return tales


@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
def test_any_order_ends(stage: Stage, deleted: Tales, order: tuple[str, ...]) -> None:
    """Whatever goes first, all go; nothing of them is left in AWS or in the cluster."""
    story = deleted[" ".join(order)]
    identity = stage.watched.versions(story.identity())[-1]
    for kind in KINDS:
        stage.watched.until_gone(of_kind(story, kind))
    stage.watched.until_gone(story.secret())
    stage.watched.until_gone(story.authority_secret)
    assert stage.account.trust_anchors(story.region) == []
    assert stage.account.profiles(story.region) == []
    assert stage.account.roles_of(identity) == []


def test_what_is_in_use_waits_and_says_for_whom(stage: Stage, deleted: Tales) -> None:
    """TrustAnchor and Profile wait for what refers to them by name; then all of them go."""
    story = deleted["private CA"]
    arn = stage.watched.latest(story.anchor)["status"]["certificateAuthority"]["arn"]
    stage.server.delete(story.anchor)
    assert waits(stage, story.anchor) == (
        f"TrustAnchor {story.name} is deleted when nothing refers to it any more; now Profile "
        f"{story.name} does"
    )
    stage.server.delete(story.profile)
    assert waits(stage, story.profile) == (
        f"Profile {story.name} is deleted when nothing refers to it any more; now "
        f"WorkloadIdentity {story.namespace}/web does"
    )
    stage.server.delete(story.identity())
    for ref in (story.identity(), story.profile, story.anchor):
        stage.watched.until_gone(ref)
    assert stage.account.trust_anchors(story.region) == []
    (authority,) = stage.account.authorities(story.region)
    assert (authority["Arn"], authority["Status"]) == (arn, "DELETED")


def test_what_is_retained_stays(stage: Stage, deleted: Tales) -> None:
    """With Retain, the objects go and all they made stays: CA, trust anchor, profile and role."""
    story = deleted["retained"]
    identity = stage.watched.versions(story.identity())[-1]
    for ref in (story.identity(), story.profile, story.anchor, story.secret()):
        stage.watched.until_gone(ref)
    (authority,) = stage.account.authorities(story.region)
    assert authority["Status"] == "ACTIVE"
    (anchor,) = stage.account.trust_anchors(story.region)
    assert anchor["enabled"]
    (profile,) = stage.account.profiles(story.region)
    assert profile["enabled"]
    (role,) = stage.account.roles_of(identity)
    assert identity["status"]["roleArn"].endswith(f"/{role}")


def test_namespace_goes_with_its_identities(stage: Stage, deleted: Tales) -> None:
    """A deleted namespace takes its identities along, their roles and their place on the list."""
    story = deleted["existing role"]
    managed = [stage.watched.versions(story.identity(name))[-1] for name in OTHERS]
    stage.watched.until_gone(Ref("Namespace", story.namespace))
    for identity in managed:
        assert stage.account.roles_of(identity) == []
    (profile,) = stage.account.profiles(story.region)
    assert profile["roleArns"] == []
    assert sids(stage.account, story.name) == ["Others"]


def test_deletion_during_a_pause_is_made_up_for(stage: Stage, deleted: Tales) -> None:
    """What was deleted while no controller ran goes when the next one starts."""
    story = deleted["existing role"]
    stage.rest()
    stage.server.delete(story.profile)
    stage.server.delete(story.anchor)
    stage.run()
    for ref in (story.profile, story.anchor):
        stage.watched.until_gone(ref)
    assert stage.account.trust_anchors(story.region) == []


def of_kind(story: Story, kind: str) -> Ref:
    return next(
        each for each in (story.anchor, story.profile, story.identity()) if each.kind == kind
    )


def waits(stage: Stage, ref: Ref) -> str:
    """Wait until an object says for whom it waits, and give what it says."""
    seen = stage.watched.until(
        ref, lambda each: reason_of(each) == Reason.STILL_REFERENCED, "waiting"
    )
    assert "deletionTimestamp" in seen["metadata"]
    assert condition(seen)["status"] == "False"
    return str(condition(seen)["message"])


def sids(account: AwsAccount, role: str) -> list[str]:
    return [each["Sid"] for each in account.statements(role)]
