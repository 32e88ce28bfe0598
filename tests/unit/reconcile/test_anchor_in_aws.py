"""The trust anchor in AWS: one of it, kept in line, and taken down when nobody refers to it."""

from dataclasses import replace

import pytest
from tests.unit.reconcile.bodies import (
    OWN_CA,
    PRIVATE_CA,
    Manifest,
    anchor,
    profile,
)
from tests.unit.reconcile.cluster import ONPREM, Cluster, settled, the_anchor

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain import naming
from rolesanywhere.domain.observed import AnchorSource, TrustAnchorRecord
from rolesanywhere.domain.trouble import Refusal, Trouble
from rolesanywhere.reconcile import remote_anchor, resource
from rolesanywhere.reconcile.draft import AnchorDraft


def tagged_twin(cluster: Cluster, *, cluster_id: str = "c1") -> TrustAnchorRecord:
    """Have another anchor in AWS of the same name, as of a create that was sent twice."""
    tags = naming.ownership_tags("TrustAnchor", None, "onprem", "uid-1", cluster_id=cluster_id)
    return cluster.ra.create_trust_anchor(
        name="onprem", source=the_anchor(cluster).source, tags=tags
    )


def test_duplicates_converge() -> None:
    """The anchor the status names stays, its twin goes."""
    cluster = settled(anchor())
    mine = the_anchor(cluster)
    tagged_twin(cluster)
    cluster.look_soon(ONPREM)
    cluster.settle()
    assert the_anchor(cluster) == mine


def test_another_clusters_anchor_of_the_same_name_is_left_alone() -> None:
    """A name is no proof: neither used nor changed nor deleted."""
    cluster = settled(anchor())
    others = tagged_twin(cluster, cluster_id="c2")
    cluster.look_soon(ONPREM)
    cluster.settle()
    assert len(cluster.ra.anchors) == 2
    cluster.ask_to_delete(ONPREM)
    cluster.settle()
    assert the_anchor(cluster) == others


@pytest.mark.parametrize(
    ("change", "repair"),
    [
        ({"enabled": False}, "ra.enable_trust_anchor"),
        ({"name": "mine"}, "ra.update_trust_anchor"),
        ({"source": AnchorSource(bundle="another CA")}, "ra.update_trust_anchor"),
    ],
    ids=["disabled", "renamed", "another CA"],
)
def test_what_somebody_changed_is_brought_back(change: dict[str, object], repair: str) -> None:
    """Found by its ARN and tags, and repaired by the one call it takes."""
    cluster = settled(anchor())
    good = the_anchor(cluster)
    cluster.ra.anchors[good.anchor_id] = replace(good, **change)  # type: ignore[arg-type]
    calls = len(cluster.wire.calls)
    cluster.look_soon(ONPREM)
    cluster.settle()
    assert the_anchor(cluster) == good
    changing = {"ra.enable_trust_anchor", "ra.update_trust_anchor", "ra.create_trust_anchor"}
    assert changing.intersection(cluster.wire.calls[calls:]) == {repair}


def test_white_space_in_a_bundle_is_no_change() -> None:
    """AWS may give a PEM back with other line ends."""
    cluster = settled(anchor())
    good = the_anchor(cluster)
    bundle = AnchorSource(bundle=(good.source.bundle or "").replace("\n", "\r\n"))
    cluster.ra.anchors[good.anchor_id] = replace(good, source=bundle)
    cluster.look_soon(ONPREM)
    cluster.settle()
    assert cluster.wire.count("ra.update_trust_anchor") == 0


def test_an_anchor_deleted_by_hand_is_made_again() -> None:
    """Its ARN is another one then, and the status says so."""
    cluster = settled(anchor())
    before = the_anchor(cluster)
    cluster.ra.anchors.clear()
    cluster.look_soon(ONPREM)
    cluster.settle()
    after = the_anchor(cluster)
    assert after.arn != before.arn
    assert cluster.status(ONPREM)["arn"] == after.arn


def test_an_anchor_needs_a_certificate() -> None:
    """Without a CA's there is nothing to trust, and nothing is asked of AWS."""
    cluster = settled(anchor())
    found = resource.trust_anchor(cluster.objects.bodies[ONPREM])
    draft = AnchorDraft(arn=None, anchor_id=None, account=None, authority=None)
    with pytest.raises(Trouble, match="the CA has no certificate yet") as raised:
        remote_anchor.ensure(found, draft, cluster.world)
    assert raised.value.reason is Reason.CA_NOT_ACTIVE


def test_a_status_that_cannot_be_read_is_written_anew() -> None:
    """Another version wrote it: what is in AWS is found by its tags."""
    cluster = settled(anchor())
    good = the_anchor(cluster)
    cluster.objects.bodies[ONPREM]["status"] = {"arn": 1, "conditions": "none"}
    outcome = cluster.reconcile(ONPREM)
    assert outcome.status["arn"] == good.arn
    assert the_anchor(cluster) == good


def test_nothing_is_written_when_all_is_well() -> None:
    """A look at an anchor that is well costs two reads, and no status, event or change."""
    cluster = settled(anchor())
    calls, events = len(cluster.wire.calls), len(cluster.events)
    cluster.look_soon(ONPREM)
    cluster.settle()
    assert cluster.wire.calls[calls:] == ["secrets.read", "ra.trust_anchors", "ra.tags"]
    assert len(cluster.events) == events
    assert cluster.outcomes[-1][1].next_seconds == cluster.settings.resync_seconds


@pytest.mark.parametrize("source", [PRIVATE_CA, OWN_CA], ids=["private", "own"])
@pytest.mark.parametrize("policy", ["Retain", None], ids=["said", "default"])
def test_retained_things_stay(source: Manifest, policy: str | None) -> None:
    """By default a CA and its anchor outlive the object; nothing in AWS is even asked."""
    cluster = settled(anchor(source, deletionPolicy=policy))
    calls = len(cluster.wire.calls)
    cluster.ask_to_delete(ONPREM)
    cluster.settle()
    assert cluster.is_gone(ONPREM)
    assert cluster.wire.calls[calls:] == []
    assert len(cluster.ra.anchors) == 1
    assert len(cluster.secrets.kept) + len(cluster.pca.alive()) == 1


def test_a_deletion_finds_nothing_left_to_do() -> None:
    """Someone was there before: the object goes all the same."""
    cluster = settled(anchor())
    cluster.ra.anchors.clear()
    cluster.secrets.kept.clear()
    cluster.ask_to_delete(ONPREM)
    cluster.settle()
    assert cluster.is_gone(ONPREM)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["a"], "now Profile a does"),
        (["b", "a"], "now Profile a, Profile b do"),
        (
            list("gfedcba"),
            "now Profile a, Profile b, Profile c, Profile d, Profile e and 2 more do",
        ),
    ],
    ids=["one", "two", "seven"],
)
def test_an_anchor_in_use_is_not_deleted(names: list[str], told: str) -> None:
    """It says who refers to it, and goes when nobody does."""
    cluster = settled(anchor())
    keys = [cluster.apply(with_name(profile(), name)) for name in names]
    cluster.ask_to_delete(ONPREM)
    cluster.look(ONPREM)
    reason, message = cluster.events[-1]
    assert reason is Reason.STILL_REFERENCED
    assert message.endswith(told)
    assert not cluster.is_gone(ONPREM)
    cluster.ask_to_delete(*keys)
    cluster.settle()
    assert cluster.is_gone(ONPREM)


def with_name(manifest: Manifest, name: str) -> Manifest:
    return {**manifest, "metadata": {"name": name}}


def test_a_refused_call_is_tried_again_at_leisure() -> None:
    """Only a change helps, but AWS may see it otherwise tomorrow."""
    cluster = Cluster()
    cluster.wire.fail("ra.create_trust_anchor", Refusal(Reason.AWS_REFUSED, "no"))
    cluster.apply(anchor())
    outcome = cluster.reconcile(ONPREM)
    assert (outcome.failed, outcome.next_seconds) == (False, 60.0)
    assert cluster.conditions(ONPREM)["Synced"] == ("False", "AWSRefused")
