"""The role of an identity: created within bounds, or an existing one in which it has its place."""

from typing import Any

import pytest
from tests.unit.reconcile.bodies import (
    BOUNDARY,
    EC2_READ,
    REPORTS,
    S3_READ,
    Manifest,
    anchor,
    identity,
    profile,
)
from tests.unit.reconcile.cluster import REPORT, Cluster, settled, started

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain import naming
from rolesanywhere.domain.observed import RoleRecord
from rolesanywhere.domain.trouble import AlreadyExists, Trouble

DERIVED = "shop-report-c8bd3c4f"
SID = naming.statement_id("c1", "uid-3")
STRANGERS = {
    "Sid": "Theirs",
    "Effect": "Allow",
    "Principal": {"Service": "ec2.amazonaws.com"},
    "Action": "sts:AssumeRole",
}
THEIR_POLICY = {"Version": "2012-10-17", "Statement": [STRANGERS]}
INLINE = {"read": '{"Version": "2012-10-17", "Statement": []}'}
BOUNDS = {
    "path": "/teams/",
    "permissionsBoundaryArn": BOUNDARY,
    "allowedPolicyArns": [S3_READ, EC2_READ],
    "allowInlinePolicies": True,
    "maxSessionDuration": "2h",
}


def begun(**changes: Any) -> Cluster:  # noqa: ANN401 - JSON
    """Have a trust anchor and a Profile, and no identities."""
    cluster = settled(anchor())
    cluster.apply(profile(**changes))
    cluster.settle()
    return cluster


def with_existing_role(manages: bool = True) -> Cluster:  # noqa: FBT001, FBT002 - a row's value
    cluster = begun(roles={"existing": [{"arn": REPORTS, "manageTrustPolicy": manages}]})
    cluster.iam.bring("reports", trust_policy=THEIR_POLICY)
    return cluster


def the_role(cluster: Cluster) -> RoleRecord:
    (role,) = cluster.iam.roles.values()
    return role


def sids(cluster: Cluster, role: str = "reports") -> set[str]:
    return {each["Sid"] for each in cluster.iam.roles[role].trust_policy["Statement"]}


def look_again(cluster: Cluster) -> None:
    cluster.look_soon(REPORT)
    cluster.settle()


# Managed.


def test_a_managed_role_is_complete_before_anything_else() -> None:
    """Path, boundary, tags and trust policy from the start; policies before anyone may use it."""
    cluster = begun(roles={"managed": BOUNDS})
    managed = {"policyArns": [S3_READ, EC2_READ], "inlinePolicies": INLINE}
    cluster.apply(identity(role={"managed": managed}))
    before = len(cluster.wire.calls)
    cluster.settle()
    role = the_role(cluster)
    assert (role.name, role.path) == (DERIVED, "/teams/")
    assert role.permissions_boundary_arn == BOUNDARY
    assert role.max_session_duration_seconds == 7200
    assert role.tags == naming.ownership_tags(
        "WorkloadIdentity", "shop", "report", "uid-3", cluster_id="c1"
    )
    assert role.policy_arns == {S3_READ, EC2_READ}
    assert role.inline_policies == {"read": {"Version": "2012-10-17", "Statement": []}}
    assert sids(cluster, DERIVED) == {SID}
    changing = [each for each in cluster.wire.calls[before:] if is_change(each)]
    assert changing[:6] == [
        "iam.create_role",
        "iam.attach_policy",
        "iam.attach_policy",
        "iam.put_inline_policy",
        "ra.update_profile",
        "secrets.create",
    ]
    assert cluster.ready(REPORT) == ("True", "Ready")
    assert cluster.status(REPORT)["roleArn"] == role.arn


def is_change(call: str) -> bool:
    reads = ("iam.role", "iam.role_trust", "ra.profiles", "ra.tags", "secrets.read")
    return call not in reads


@pytest.mark.parametrize(
    "changes",
    [
        {"policy_arns": frozenset()},
        {"policy_arns": frozenset({S3_READ, EC2_READ})},
        {"inline_policies": {"more": {"Statement": []}}},
        {"permissions_boundary_arn": None},
        {"permissions_boundary_arn": EC2_READ},
        {"max_session_duration_seconds": 3600},
    ],
    ids=["detached", "attached", "inline", "no boundary", "another boundary", "longest session"],
)
def test_what_somebody_did_to_a_managed_role_is_undone(changes: dict[str, Any]) -> None:
    """In one pass that reads all of the role, each sixth one, and without a new certificate."""
    cluster = begun(roles={"managed": BOUNDS})
    cluster.apply(identity())
    cluster.settle()
    good, secret = the_role(cluster), cluster.secrets.kept
    cluster.iam.change(DERIVED, **changes)
    cluster.wait(6 * cluster.settings.resync_seconds)
    cluster.reconcile(REPORT)
    assert the_role(cluster) == good
    assert cluster.secrets.kept == secret
    assert cluster.ready(REPORT) == ("True", "Ready")


def test_a_boundary_that_is_not_asked_for_any_more_is_taken_away() -> None:
    """The Profile's word counts for roles that are there already."""
    cluster = begun(roles={"managed": BOUNDS})
    cluster.apply(identity())
    cluster.settle()
    bounds = {key: value for key, value in BOUNDS.items() if key != "permissionsBoundaryArn"}
    cluster.apply(profile(roles={"managed": bounds}))
    cluster.settle()
    assert the_role(cluster).permissions_boundary_arn is None


def test_a_deleted_role_is_made_again() -> None:
    """Whole, under the same ARN."""
    cluster = started()
    good = the_role(cluster)
    cluster.iam.roles.clear()
    look_again(cluster)
    again = the_role(cluster)
    assert (again.arn, again.policy_arns) == (good.arn, good.policy_arns)
    assert again.trust_policy == good.trust_policy


@pytest.mark.parametrize(
    ("tags", "owner"),
    [
        ({}, "someone else"),
        (
            naming.ownership_tags("WorkloadIdentity", "lab", "other", "u", cluster_id="c2"),
            "WorkloadIdentity/lab/other",
        ),
    ],
    ids=["a stranger's", "another cluster's"],
)
def test_a_role_name_that_is_taken(tags: dict[str, str], owner: str) -> None:
    """The role of another is not touched, neither now nor at the end."""
    cluster = begun()
    theirs = cluster.iam.bring(
        "Taken", trust_policy=THEIR_POLICY, tags=tags, path="/rolesanywhere/"
    )
    cluster.apply(identity(role={"managed": {"name": "taken"}}))
    cluster.settle()
    assert cluster.conditions(REPORT)["RoleReady"] == ("False", "RoleNameTaken")
    assert f"belongs to {owner}" in cluster.message(REPORT)
    cluster.ask_to_delete(REPORT)
    cluster.settle()
    assert cluster.is_gone(REPORT)
    assert the_role(cluster) == theirs


@pytest.mark.parametrize("after", [False, True], ids=["not seen yet", "just made"])
def test_iam_that_lags_behind(*, after: bool) -> None:
    """A role that IAM does not show and yet has is looked for once more."""
    cluster = begun()
    cluster.apply(identity())
    exists = AlreadyExists(Reason.ROLE_NAME_TAKEN, "EntityAlreadyExists")
    cluster.wire.fail("iam.create_role", exists, after=after)
    cluster.reconcile(REPORT)
    condition = cluster.conditions(REPORT)["RoleReady"]
    assert condition == (("True", "Ready") if after else ("False", "RoleNameTaken"))
    cluster.settle()
    assert cluster.ready(REPORT) == ("True", "Ready")
    assert len(cluster.iam.roles) == 1


def test_another_name_is_another_role() -> None:
    """The one it had goes, so that no role is left behind; the certificate stays."""
    cluster = started()
    secret = cluster.secrets.kept["shop", "report-aws-identity"]
    cluster.apply(identity(role={"managed": {"name": "Mine"}}))
    cluster.settle()
    assert the_role(cluster).name == "Mine"
    after = cluster.secrets.kept["shop", "report-aws-identity"]
    assert after.data["tls.crt"] == secret.data["tls.crt"]
    assert "role/rolesanywhere/Mine" in after.data["agent.json"].decode()
    assert cluster.ready(REPORT) == ("True", "Ready")


# Existing.


def test_an_existing_role_gets_the_identitys_statement() -> None:
    """Beside what is there, which stays."""
    cluster = with_existing_role()
    cluster.apply(identity(role={"arn": REPORTS}))
    cluster.settle()
    assert cluster.ready(REPORT) == ("True", "Ready")
    assert sids(cluster) == {"Theirs", SID}
    assert cluster.wire.count("iam.set_trust_policy") == 1
    look_again(cluster)
    assert cluster.wire.count("iam.set_trust_policy") == 1


def test_an_existing_role_whose_trust_policy_is_not_ours_to_manage() -> None:
    """It is left as it is, and what keeps the identity out is said."""
    cluster = with_existing_role(manages=False)
    cluster.apply(identity(role={"arn": REPORTS}))
    cluster.reconcile(REPORT)
    cluster.clock.advance(60)
    cluster.reconcile(REPORT)
    assert cluster.conditions(REPORT)["RoleReady"] == ("True", "Ready")
    assert cluster.ready(REPORT) == ("False", "SessionRefused")
    assert 'role reports: statement "Theirs": ' in cluster.message(REPORT)
    assert cluster.wire.count("iam.set_trust_policy") == 0


def test_two_identities_share_a_role() -> None:
    """Each has its own statement; one goes and the other stays; after the last nobody gets in."""
    cluster = with_existing_role()
    cluster.iam.change("reports", trust_policy={"Version": "2012-10-17", "Statement": []})
    keys = [cluster.apply(identity(name, role={"arn": REPORTS})) for name in ("one", "two")]
    cluster.settle()
    first, second = (naming.statement_id("c1", uid) for uid in ("uid-3", "uid-4"))
    assert sids(cluster) == {first, second}
    assert [cluster.ready(key) for key in keys] == [("True", "Ready")] * 2
    cluster.ask_to_delete(keys[0])
    cluster.settle()
    assert sids(cluster) == {second}
    cluster.look_soon(keys[1])
    cluster.settle()
    assert cluster.ready(keys[1]) == ("True", "Ready")
    cluster.ask_to_delete(keys[1])
    cluster.settle()
    assert sids(cluster) == {"RolesAnywhereNobody"}
    (nobody,) = the_role(cluster).trust_policy["Statement"]
    assert nobody["Condition"] == {"StringEquals": {"aws:SourceArn": "nobody"}}


def test_a_role_that_nobody_had_can_be_had_again() -> None:
    """What was left so that nobody gets in does not keep the next one out."""
    cluster = with_existing_role()
    cluster.iam.change("reports", trust_policy={"Version": "2012-10-17", "Statement": []})
    cluster.apply(identity(role={"arn": REPORTS}))
    cluster.settle()
    cluster.ask_to_delete(REPORT)
    cluster.settle()
    assert sids(cluster) == {"RolesAnywhereNobody"}
    cluster.apply(identity(role={"arn": REPORTS}))
    cluster.settle()
    assert cluster.ready(REPORT) == ("True", "Ready")
    assert sids(cluster) == {naming.statement_id("c1", "uid-4")}


@pytest.mark.parametrize(
    ("role", "reason", "told"),
    [
        (None, "RoleNotFound", f"there is no role {REPORTS}: create it"),
        (
            {"path": "/teams/"},
            "RoleNotFound",
            f"role reports is arn:aws:iam::123456789012:role/teams/reports, not {REPORTS}",
        ),
        (
            {"max_session_duration_seconds": 1800},
            "RoleNotAllowed",
            "role reports allows sessions of 1800 s, Profile default asks for 1h",
        ),
    ],
    ids=["missing", "at another path", "short sessions"],
)
def test_an_existing_role_that_will_not_do(
    role: dict[str, Any] | None, reason: str, told: str
) -> None:
    """It is said what to change; no certificate is made for it."""
    cluster = begun()
    if role is not None:
        cluster.iam.bring("reports", **role)
    cluster.apply(identity(role={"arn": REPORTS}))
    cluster.reconcile(REPORT)
    assert cluster.conditions(REPORT)["RoleReady"] == ("False", reason)
    assert told in cluster.message(REPORT)
    assert cluster.conditions(REPORT)["CertificateReady"] == ("Unknown", "Pending")
    assert ("shop", "report-aws-identity") not in cluster.secrets.kept


@pytest.mark.parametrize("is_there", [True, False], ids=["right by now", "gone by now"])
def test_an_outdated_look_at_a_shared_role_changes_nothing(*, is_there: bool) -> None:
    """Before it is written, a shared trust policy is read anew."""
    cluster = with_existing_role()
    cluster.iam.outdated["reports"] = the_role(cluster)
    cluster.apply(identity(role={"arn": REPORTS}))
    cluster.reconcile(REPORT)
    right = the_role(cluster)
    assert sids(cluster) == {"Theirs", SID}
    if not is_there:
        cluster.iam.roles.clear()
    cluster.apply(identity(role={"arn": REPORTS}, deletionPolicy="Retain"))
    cluster.reconcile(REPORT)
    assert list(cluster.iam.roles.values()) == ([right] if is_there else [])
    assert cluster.wire.count("iam.set_trust_policy") == 1


def test_a_statement_that_is_gone_already_is_not_taken_out() -> None:
    """An outdated look shows it; the fresh one does not, and nothing is written."""
    cluster = with_existing_role()
    cluster.apply(identity(role={"arn": REPORTS}))
    cluster.settle()
    cluster.iam.outdated["reports"] = the_role(cluster)
    cluster.iam.change("reports", trust_policy=THEIR_POLICY)
    cluster.ask_to_delete(REPORT)
    cluster.settle()
    assert cluster.is_gone(REPORT)
    assert sids(cluster) == {"Theirs"}
    assert cluster.wire.count("iam.set_trust_policy") == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("LimitExceeded: Cannot exceed quota", "trust policy of role reports, and it is full"),
        ("MalformedPolicyDocument: no", "no"),
    ],
    ids=["full", "refused"],
)
def test_a_trust_policy_that_is_not_taken(words: str, told: str) -> None:
    """A quota that many identities reach together has advice of its own."""
    cluster = with_existing_role()
    refused = Trouble(Reason.AWS_REFUSED, f"AWS refused UpdateAssumeRolePolicy reports: {words}")
    cluster.wire.fail("iam.set_trust_policy", refused)
    cluster.apply(identity(role={"arn": REPORTS}))
    cluster.reconcile(REPORT)
    assert cluster.conditions(REPORT)["RoleReady"] == ("False", "AWSRefused")
    assert told in cluster.message(REPORT)
    assert ("spread them over several roles" in cluster.message(REPORT)) is ("full" in told)


# From one to the other.


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"managed": {"policyArns": [S3_READ]}}, {"arn": REPORTS}),
        ({"arn": REPORTS}, {"managed": {"policyArns": [S3_READ]}}),
    ],
    ids=["to existing", "to managed"],
)
def test_a_change_of_role_cleans_up(first: Manifest, then: Manifest) -> None:
    """The managed role is deleted, or the statement taken out; the profile lists the new one."""
    cluster = begun()
    cluster.iam.bring("reports", trust_policy=THEIR_POLICY)
    cluster.apply(identity(role=first))
    cluster.settle()
    cluster.apply(identity(role=then))
    cluster.settle()
    assert cluster.ready(REPORT) == ("True", "Ready")
    assert (DERIVED in cluster.iam.roles) is ("managed" in then)
    assert (SID in sids(cluster)) is ("arn" in then)
    assert "Theirs" in sids(cluster)
    (record,) = cluster.ra.kept_profiles.values()
    assert record.settings.role_arns == (cluster.status(REPORT)["roleArn"],)


def test_a_role_no_longer_chosen_is_let_go_whatever_becomes_of_the_other() -> None:
    """Only the role in the spec was admitted: nobody keeps another by naming one not there."""
    cluster = started()
    cluster.apply(identity(role={"arn": REPORTS}))
    cluster.reconcile(REPORT)
    assert cluster.conditions(REPORT)["RoleReady"] == ("False", "RoleNotFound")
    assert DERIVED not in cluster.iam.roles
