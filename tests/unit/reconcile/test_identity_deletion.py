"""Deleting an identity: everything of it goes, in whatever state it is, and nothing else does."""

from typing import Any

import pytest
from tests.unit.reconcile.bodies import (
    OWN_CA,
    PRIVATE_CA,
    REPORTS,
    Manifest,
    anchor,
    identity,
    profile,
)
from tests.unit.reconcile.cluster import (
    DEFAULT,
    ONPREM,
    OPERATORS,
    REPORT,
    Cluster,
    settled,
    started,
)
from tests.unit.reconcile.editing import SECRET

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain import naming
from rolesanywhere.domain.trouble import Trouble

DERIVED = "shop-report-c8bd3c4f"
SID = naming.statement_id("c1", "uid-3")


def delete(cluster: Cluster) -> None:
    cluster.ask_to_delete(REPORT)
    cluster.settle()
    assert cluster.is_gone(REPORT)


def leftovers(cluster: Cluster) -> list[object]:
    (record,) = cluster.ra.kept_profiles.values()
    secrets = [key for key in cluster.secrets.kept if key != (OPERATORS, "onprem-ca")]
    return [*cluster.iam.roles, *secrets, *record.settings.role_arns]


@pytest.mark.parametrize("source", [PRIVATE_CA, OWN_CA], ids=["private", "own"])
@pytest.mark.parametrize("passes", range(4))
def test_a_deletion_comes_at_any_time(source: Manifest, passes: int) -> None:
    """Before, between and after the passes that made it."""
    cluster = settled(anchor(source))
    cluster.apply(profile())
    cluster.settle()
    cluster.apply(identity())
    for _ in range(passes):
        cluster.reconcile(REPORT)
        cluster.clock.advance(1)
    delete(cluster)
    assert leftovers(cluster) == []


def test_a_deletion_needs_no_status() -> None:
    """It may never have been written: names are derived, and tags tell whose things are."""
    cluster = started(PRIVATE_CA)
    cluster.objects.bodies[REPORT]["status"] = {}
    delete(cluster)
    assert leftovers(cluster) == []


def test_a_deletion_needs_no_readable_spec() -> None:
    """A field of another version must not keep an object, and its namespace, for ever."""
    cluster = started()
    cluster.objects.bodies[REPORT]["spec"]["certificate"] = {"duration": {"new": "form"}}
    delete(cluster)
    assert leftovers(cluster) == []


@pytest.mark.parametrize("policy", ["Delete", "Retain"])
@pytest.mark.parametrize("role", [{"arn": REPORTS}, {"managed": {}}], ids=["existing", "managed"])
def test_what_a_deletion_policy_keeps(role: Manifest, policy: str) -> None:
    """A managed role, if it is to be retained; never the Secret, nor a statement in a role."""
    cluster = settled(anchor())
    cluster.iam.bring("reports")
    cluster.apply(profile())
    cluster.apply(identity(role=role, deletionPolicy=policy))
    cluster.settle()
    delete(cluster)
    assert SECRET not in cluster.secrets.kept
    statements = cluster.iam.roles["reports"].trust_policy["Statement"]
    assert SID not in {each["Sid"] for each in statements}
    assert (DERIVED in cluster.iam.roles) is ("managed" in role and policy == "Retain")
    (record,) = cluster.ra.kept_profiles.values()
    assert record.settings.role_arns == ()


def test_a_retained_role_is_taken_up_by_the_next_of_its_name() -> None:
    """It is this very object's, made again: its tags and trust policy become the new one's."""
    cluster = settled(anchor())
    cluster.apply(profile())
    cluster.apply(identity(deletionPolicy="Retain"))
    cluster.settle()
    delete(cluster)
    cluster.apply(identity())
    cluster.settle()
    assert cluster.ready(REPORT) == ("True", "Ready")
    role = cluster.iam.roles[DERIVED]
    assert role.tags["rolesanywhere.dev/owner-uid"] == "uid-4"
    delete(cluster)
    assert leftovers(cluster) == []


def test_both_secrets_of_a_changed_name_go() -> None:
    """The one the spec names now, and the one the status still knows."""
    cluster = started()
    spec = cluster.objects.bodies[REPORT]["spec"]
    spec["certificate"] = {"secretName": "mine"}
    cluster.secrets.put(cluster.secrets.kept[SECRET])
    delete(cluster)
    assert leftovers(cluster) == []


def test_a_secret_left_for_another_name_goes() -> None:
    """Nobody would renew it."""
    cluster = started()
    cluster.apply(identity(certificate={"secretName": "mine"}))
    cluster.settle()
    assert SECRET not in cluster.secrets.kept
    assert ("shop", "mine") in cluster.secrets.kept
    assert cluster.status(REPORT)["secretName"] == "mine"


@pytest.mark.parametrize("gone", [[DEFAULT], [ONPREM], [DEFAULT, ONPREM]])
def test_a_deletion_needs_neither_profile_nor_anchor(gone: list[Any]) -> None:
    """They may be gone by force: so is then the list, or it is brought in line by itself."""
    cluster = started()
    for key in gone:
        del cluster.objects.bodies[key]
    cluster.ask_to_delete(REPORT)
    cluster.look(REPORT)
    assert cluster.is_gone(REPORT)
    assert cluster.iam.roles == {}
    assert SECRET not in cluster.secrets.kept


@pytest.mark.parametrize("prepare", ["never ready", "being deleted", "AWS is away"])
def test_a_profile_in_trouble_holds_no_deletion_up(prepare: str) -> None:
    """Its list is brought in line when it is well."""
    cluster = started()
    if prepare == "never ready":
        cluster.objects.bodies[DEFAULT]["status"] = {}
    if prepare == "being deleted":
        cluster.ask_to_delete(DEFAULT)
    if prepare == "AWS is away":
        cluster.wire.fail("ra.update_profile", Trouble(Reason.AWS_UNAVAILABLE, "away"))
    cluster.ask_to_delete(REPORT)
    cluster.look(REPORT)
    assert cluster.is_gone(REPORT)
    cluster.look_soon(*cluster.objects.bodies)
    cluster.settle()
    assert all(not each.settings.role_arns for each in cluster.ra.kept_profiles.values())


def test_a_strangers_role_and_secret_stay() -> None:
    """A name is no proof of ownership."""
    cluster = settled(anchor())
    theirs = cluster.iam.bring(DERIVED)
    cluster.apply(profile())
    cluster.settle()
    cluster.apply(identity())
    cluster.settle()
    delete(cluster)
    assert cluster.iam.roles[DERIVED] == theirs


def test_a_deletion_that_is_refused_says_so_and_comes_again() -> None:
    """A role in use elsewhere, say: the object stays until the role can go."""
    cluster = started()
    cluster.wire.fail("iam.delete_role", Trouble(Reason.AWS_REFUSED, "DeleteConflict"), times=3)
    cluster.ask_to_delete(REPORT)
    cluster.look(REPORT)
    assert not cluster.is_gone(REPORT)
    assert cluster.events[-1] == (Reason.AWS_REFUSED, "DeleteConflict")
    cluster.settle()
    assert cluster.is_gone(REPORT)
    assert leftovers(cluster) == []
