"""Profiles: one in AWS, which lists exactly the roles of identities that are admitted."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.fakes import Key
from tests.unit.reconcile.bodies import OWN_CA, REGION, S3_READ, Manifest, anchor, identity, profile
from tests.unit.reconcile.cluster import DEFAULT, ONPREM, REPORT, Cluster, settled, started

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain import naming
from rolesanywhere.domain.observed import ProfileRecord, ProfileSettings
from rolesanywhere.domain.trouble import Refusal, Trouble
from rolesanywhere.reconcile import remote_profile, resource

ROLE = "arn:aws:iam::123456789012:role/rolesanywhere/shop-report-c8bd3c4f"
ANY_ROLE = "arn:aws:iam::123456789012:role/*"
POLICY = '{"Version": "2012-10-17", "Statement": []}'
THROTTLED = Trouble(Reason.THROTTLED, "AWS throttled it: it is tried again")


def the_profile(cluster: Cluster) -> ProfileRecord:
    (record,) = cluster.ra.kept_profiles.values()
    return record


def change_in_aws(cluster: Cluster, **changes: Any) -> None:  # noqa: ANN401 - any field of settings
    """Do what somebody with a console does."""
    record = the_profile(cluster)
    settings = replace(record.settings, **changes)
    cluster.ra.kept_profiles[record.profile_id] = replace(record, settings=settings)


def shown(cluster: Cluster, name: str, role: str | None, namespace: str = "shop") -> Key:
    """Have an identity that already has its role, as the watch shows it."""
    key = cluster.apply(identity(name, namespace, role={"arn": role or ANY_ROLE}))
    cluster.objects.bodies[key]["status"] = {"roleArn": role} if role else {}
    return key


def begun(**changes: Any) -> Cluster:  # noqa: ANN401 - JSON
    """Have a trust anchor and a Profile, and no identities."""
    cluster = settled(anchor())
    cluster.apply(profile(**changes))
    cluster.settle()
    return cluster


def role(number: int) -> str:
    return f"arn:aws:iam::123456789012:role/r{number:03}"


def test_a_profile_is_created_once() -> None:
    """Enabled, tagged and with the spec's settings; its ARN and number of roles are told."""
    cluster = begun(sessionDuration="2h", sessionPolicy=POLICY)
    record = the_profile(cluster)
    assert record.enabled
    assert record.settings == ProfileSettings(
        name="default",
        role_arns=(),
        duration_seconds=7200,
        session_policy='{"Version":"2012-10-17","Statement":[]}',
    )
    assert cluster.ra.tags_by_arn[record.arn] == naming.ownership_tags(
        "Profile", None, "default", "uid-2", cluster_id="c1"
    )
    assert cluster.status(DEFAULT)["profiles"] == [{"arn": record.arn, "roles": 0}]
    assert cluster.message(DEFAULT) == f"profile {record.arn} is enabled and lists 0 roles"
    cluster.look_soon(DEFAULT)
    cluster.settle()
    assert cluster.wire.count("ra.create_profile") == 1
    assert cluster.wire.count("ra.update_profile") == 0


def test_a_profile_waits_for_its_trust_anchor() -> None:
    """First there is none, then it is not ready, then all is well without anybody's doing."""
    cluster = settled(profile())
    assert cluster.ready(DEFAULT) == ("False", "TrustAnchorNotFound")
    assert "there is no TrustAnchor onprem: create it" in cluster.message(DEFAULT)
    cluster.wire.fail("ra.create_trust_anchor", Refusal(Reason.AWS_REFUSED, "no"))
    cluster.apply(anchor())
    cluster.settle()
    assert cluster.ready(DEFAULT) == ("Unknown", "TrustAnchorNotReady")
    assert "kubectl describe trustanchor onprem says why" in cluster.message(DEFAULT)
    cluster.look_soon(ONPREM)
    cluster.settle()
    assert cluster.ready(DEFAULT) == ("True", "Ready")


def test_a_profile_lists_the_roles_of_admitted_identities() -> None:
    """By name or by label; not those elsewhere, on their way out, unreadable or without a role."""
    cluster = begun(
        allowedNamespaces={"names": ["shop"], "selector": {"matchLabels": {"tier": "1"}}},
        roles={"existing": [{"arn": ANY_ROLE}]},
    )
    cluster.namespaces.kept["web"] = {"tier": "1"}
    shown(cluster, "named", role(1))
    shown(cluster, "same", role(1))
    shown(cluster, "selected", role(2), "web")
    shown(cluster, "elsewhere", role(3), "lab")
    shown(cluster, "homeless", role(4), "gone")
    cluster.ask_to_delete(shown(cluster, "leaving", role(5)))
    unreadable = shown(cluster, "unreadable", role(6))
    cluster.objects.bodies[unreadable]["spec"]["role"] = 1
    shown(cluster, "new", None)
    cluster.reconcile(DEFAULT)
    assert the_profile(cluster).settings.role_arns == (role(1), role(2))
    assert cluster.status(DEFAULT)["profiles"][0]["roles"] == 2


def test_one_role_is_one_role() -> None:
    """People read the message."""
    cluster = started()
    assert cluster.message(DEFAULT).endswith("lists 1 role")


@pytest.mark.parametrize("seconds", [0, 10, 3600], ids=["at once", "soon", "later"])
def test_a_namespace_that_is_not_allowed_any_more(seconds: float) -> None:
    """Its role leaves the list with the change, however short it was there."""
    cluster = started()
    cluster.wait(seconds)
    cluster.apply(profile(allowedNamespaces={"names": ["lab"]}))
    cluster.settle()
    assert the_profile(cluster).settings.role_arns == ()
    assert cluster.ready(REPORT) == ("False", "NamespaceNotAllowed")


def test_a_shared_role_is_listed_while_one_is_admitted() -> None:
    """Of two identities with one role, the one that is shut out keeps nothing from the other."""
    cluster = begun(roles={"existing": [{"arn": ANY_ROLE, "manageTrustPolicy": False}]})
    cluster.iam.bring("r001")
    shown(cluster, "out", role(1), "lab")
    key = cluster.apply(identity("in", role={"arn": role(1)}))
    cluster.reconcile(key)
    assert cluster.conditions(key)["RoleReady"] == ("Unknown", "ProfileNotReady")
    cluster.settle()
    assert the_profile(cluster).settings.role_arns == (role(1),)
    assert cluster.conditions(key)["RoleReady"] == ("True", "Ready")


def test_a_list_does_not_shrink_because_nobody_answers() -> None:
    """An API server that is away for a moment must not shut out those admitted by label."""
    cluster = begun(allowedNamespaces={"selector": {"matchLabels": {"team": "shop"}}})
    cluster.apply(identity())
    cluster.settle()
    away = Trouble(Reason.API_SERVER_UNAVAILABLE, "no answer from the API server")
    cluster.wire.fail("namespaces.labels", away)
    cluster.reconcile(DEFAULT)
    assert cluster.ready(DEFAULT) == ("Unknown", "APIServerUnavailable")
    assert the_profile(cluster).settings.role_arns == (ROLE,)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "mine"},
        {"role_arns": ()},
        {"role_arns": (ROLE, role(9))},
        {"duration_seconds": 900},
        {"session_policy": '{"Statement": []}'},
    ],
    ids=["name", "role removed", "role added", "duration", "session policy"],
)
def test_what_somebody_changed_is_brought_back(changes: dict[str, Any]) -> None:
    """Every setting, by one update."""
    cluster = started()
    cluster.apply(profile(sessionPolicy=POLICY))
    cluster.settle()
    good, updates = the_profile(cluster), cluster.wire.count("ra.update_profile")
    change_in_aws(cluster, **changes)
    cluster.look_soon(DEFAULT)
    cluster.settle()
    assert the_profile(cluster) == good
    assert cluster.wire.count("ra.update_profile") == updates + 1


def test_a_disabled_profile_is_enabled() -> None:
    """A profile that is off would refuse everybody."""
    cluster = started()
    record = the_profile(cluster)
    cluster.ra.kept_profiles[record.profile_id] = replace(record, enabled=False)
    cluster.look_soon(DEFAULT)
    cluster.settle()
    assert the_profile(cluster) == record


def test_a_deleted_profile_is_made_again() -> None:
    """Its new ARN reaches the agents' configuration without a new certificate."""
    cluster = started()
    before = cluster.secrets.kept["shop", "report-aws-identity"]
    cluster.ra.kept_profiles.clear()
    cluster.look_soon(DEFAULT)
    cluster.settle()
    arn = the_profile(cluster).arn
    after = cluster.secrets.kept["shop", "report-aws-identity"]
    assert cluster.status(DEFAULT)["profiles"] == [{"arn": arn, "roles": 1}]
    assert arn in after.data["agent.json"].decode()
    assert after.data["tls.crt"] == before.data["tls.crt"]
    assert cluster.ready(REPORT) == ("True", "Ready")


@pytest.mark.parametrize("lost", [None, "ra.create_profile", "ra.delete_profile"])
def test_a_session_policy_that_is_taken_away(lost: str | None) -> None:
    """AWS takes no empty one: another profile is made, and the first goes, whatever fails."""
    cluster = started()
    cluster.apply(profile(sessionPolicy=POLICY))
    cluster.settle()
    before = the_profile(cluster)
    if lost is not None:
        cluster.wire.fail(lost, THROTTLED, after=lost == "ra.create_profile")
    cluster.apply(profile())
    cluster.settle()
    after = the_profile(cluster)
    assert after.arn != before.arn
    assert after.settings == replace(before.settings, session_policy=None)
    assert cluster.status(REPORT)["profileArn"] == after.arn
    assert cluster.ready(REPORT) == ("True", "Ready")


def test_duplicates_converge() -> None:
    """The one the status names stays; another cluster's of the same name is left alone."""
    cluster = started()
    mine = the_profile(cluster)
    twin = naming.ownership_tags("Profile", None, "default", "uid-2", cluster_id="c1")
    cluster.ra.create_profile(mine.settings, tags=twin)
    foreign = naming.ownership_tags("Profile", None, "default", "uid-2", cluster_id="c2")
    others = cluster.ra.create_profile(mine.settings, tags=foreign)
    cluster.look_soon(DEFAULT)
    cluster.settle()
    assert list(cluster.ra.kept_profiles.values()) == [mine, others]


# Joining.


def test_more_roles_than_a_profile_lists() -> None:
    """AWS lists 250: those that are there stay, and the one too many is told so."""
    cluster = begun(roles={"existing": [{"arn": ANY_ROLE, "manageTrustPolicy": False}]})
    for number in range(250):
        shown(cluster, f"r{number}", role(number + 1))
    cluster.reconcile(DEFAULT)
    listed = the_profile(cluster).settings.role_arns
    assert len(listed) == 250
    cluster.iam.bring("r000")
    one_too_many = cluster.apply(identity("r251", role={"arn": role(0)}))
    outcome = cluster.reconcile(one_too_many)
    assert cluster.conditions(one_too_many)["RoleReady"] == ("False", "RoleNotAllowed")
    assert "lists 250 roles, the most AWS allows in one profile" in cluster.message(one_too_many)
    assert outcome.next_seconds == cluster.settings.refused_seconds
    assert the_profile(cluster).settings.role_arns == listed


def test_a_role_that_joined_is_not_dropped_before_the_watch_shows_it() -> None:
    """The Profile's own pass may come between; after a minute the watch is believed."""
    cluster = begun()
    cluster.apply(identity())
    cluster.objects.freeze()
    cluster.reconcile(REPORT)
    assert the_profile(cluster).settings.role_arns == (ROLE,)
    cluster.reconcile(DEFAULT)
    assert the_profile(cluster).settings.role_arns == (ROLE,)
    cluster.clock.advance(61)
    cluster.reconcile(DEFAULT)
    assert the_profile(cluster).settings.role_arns == ()


def test_a_crowd_that_joins_costs_one_update() -> None:
    """All that wait while one of them asks AWS are listed by the next update together."""
    cluster = begun(roles={"existing": [{"arn": ANY_ROLE}]})
    found = resource.profile(cluster.objects.bodies[DEFAULT])
    crowd = [role(number) for number in range(20)]

    def join(arn: str) -> ProfileRecord:
        return remote_profile.require_role(found, REGION, arn, cluster.world)

    with ThreadPoolExecutor(len(crowd)) as pool:
        with cluster.world.locks.holding(f"joining {found.uid}"):
            records = [pool.submit(join, arn) for arn in crowd]
            wait_for_all(cluster, found.uid, len(crowd))
        assert all(
            arn in each.result().settings.role_arns
            for arn, each in zip(crowd, records, strict=True)
        )
    assert cluster.wire.count("ra.update_profile") == 1


def wait_for_all(cluster: Cluster, uid: str, number: int) -> None:
    long_ago = cluster.clock.now() - timedelta(minutes=1)
    for _ in range(100_000):
        if len(cluster.world.joining.since(uid, long_ago)) == number:
            return
    message = "not all threads came"
    raise AssertionError(message)


def test_an_identity_waits_for_its_profile() -> None:
    """It says which object to look at."""
    cluster = settled(anchor())
    cluster.wire.fail("ra.create_profile", Refusal(Reason.AWS_REFUSED, "no"))
    cluster.apply(profile())
    cluster.settle()
    cluster.apply(identity())
    outcome = cluster.reconcile(REPORT)
    assert cluster.conditions(REPORT)["RoleReady"] == ("Unknown", "ProfileNotReady")
    assert "kubectl describe raprofile default says why" in cluster.message(REPORT)
    assert outcome.next_seconds == 2.0


# Deletion.


def test_a_profile_in_use_is_not_deleted() -> None:
    """It says who refers to it, by namespace and name, and goes when nobody does."""
    cluster = started()
    cluster.ask_to_delete(DEFAULT)
    cluster.look(DEFAULT)
    reason, message = cluster.events[-1]
    assert reason is Reason.STILL_REFERENCED
    assert message == (
        "Profile default is deleted when nothing refers to it any more; now "
        "WorkloadIdentity shop/report does"
    )
    cluster.ask_to_delete(REPORT)
    cluster.settle()
    assert cluster.is_gone(DEFAULT)
    assert cluster.ra.kept_profiles == {}


def test_a_retained_profile_stays() -> None:
    """With deletionPolicy Retain nothing in AWS is even asked."""
    cluster = begun(deletionPolicy="Retain")
    calls = len(cluster.wire.calls)
    cluster.ask_to_delete(DEFAULT)
    cluster.settle()
    assert cluster.is_gone(DEFAULT)
    assert cluster.wire.calls[calls:] == []
    assert len(cluster.ra.kept_profiles) == 1


@pytest.mark.parametrize("is_ready", [True, False])
def test_a_profile_whose_trust_anchor_is_gone_by_force(*, is_ready: bool) -> None:
    """Its own ARN says where it is; without one there is nothing to look for."""
    cluster = begun() if is_ready else settled(profile())
    cluster.objects.bodies.pop(ONPREM, None)
    cluster.ask_to_delete(DEFAULT)
    cluster.look(DEFAULT)
    assert cluster.is_gone(DEFAULT)
    assert cluster.ra.kept_profiles == {}


def test_an_identity_that_leaves_takes_its_role_off_the_list() -> None:
    """Only its own, and at once."""
    cluster = started(OWN_CA)
    other = cluster.apply(identity("other", role={"managed": {"policyArns": [S3_READ]}}))
    cluster.settle()
    assert len(the_profile(cluster).settings.role_arns) == 2
    cluster.ask_to_delete(REPORT)
    cluster.look(REPORT)
    assert cluster.is_gone(REPORT)
    assert the_profile(cluster).settings.role_arns == (cluster.status(other)["roleArn"],)


@pytest.mark.parametrize("broken", ["{", "[]", '"Statement"'])
def test_a_session_policy_that_is_none(broken: str) -> None:
    """It is refused by name, before AWS sees it."""
    manifest: Manifest = profile(sessionPolicy=broken)
    cluster = settled(anchor())
    cluster.apply(manifest)
    cluster.settle()
    assert cluster.ready(DEFAULT) == ("False", "InvalidSpec")
    assert "spec.sessionPolicy" in cluster.message(DEFAULT)
    assert cluster.ra.kept_profiles == {}
