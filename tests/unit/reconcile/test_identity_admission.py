"""Admission: what a Profile does not allow gets nothing, and says whose hand can change it."""

from typing import Any

import pytest
from tests.unit.reconcile.bodies import (
    EC2_READ,
    REPORTS,
    S3_READ,
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
    settled,
    started,
)

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain import naming
from rolesanywhere.domain.trouble import Trouble

THEIRS = "arn:aws:iam::123456789012:role/theirs"
INLINE = {"read": '{"Statement": []}'}
SELECTED = {"selector": {"matchLabels": {"tier": "1"}}}
MANAGED = {"managed": {"allowedPolicyArns": [S3_READ]}}

# of the Profile, of the identity, reason, words
REFUSALS: dict[str, tuple[Manifest, Manifest, str, str]] = {
    "another Profile": (
        {},
        {"profileRef": {"name": "none"}},
        "ProfileNotFound",
        "there is no Profile none: create it, or name another in spec.profileRef.name",
    ),
    "namespace": (
        {"allowedNamespaces": {"names": ["lab"]}},
        {},
        "NamespaceNotAllowed",
        "Profile default does not allow namespace shop: ask its administrator",
    ),
    "no namespaces": ({"allowedNamespaces": None}, {}, "NamespaceNotAllowed", "namespace shop"),
    "labels": ({"allowedNamespaces": SELECTED}, {}, "NamespaceNotAllowed", "namespace shop"),
    "existing role": (
        {},
        {"role": {"arn": THEIRS}},
        "RoleNotAllowed",
        f"Profile default does not allow role {THEIRS}",
    ),
    "no role": ({}, {"role": {}}, "RoleNotAllowed", "does not allow role"),
    "managed role": (
        {"roles": {}},
        {},
        "RoleNotAllowed",
        "Profile default allows no managed roles",
    ),
    "policy": (
        {"roles": MANAGED},
        {"role": {"managed": {"policyArns": [EC2_READ]}}},
        "RoleNotAllowed",
        f"Profile default does not allow {EC2_READ}",
    ),
    "inline policy": (
        {"roles": MANAGED},
        {"role": {"managed": {"inlinePolicies": INLINE}}},
        "RoleNotAllowed",
        "Profile default allows no inline policies",
    ),
    "long name": (
        {},
        {"certificate": {"commonName": "c" * 62}},
        "InvalidSpec",
        "has 62 characters, AWS takes 61",
    ),
    "value AWS drops": (
        {},
        {"certificate": {"commonName": "report#1"}},
        "InvalidSpec",
        "AWS ignores the value of x509Subject/CN",
    ),
    "key": (
        {},
        {"certificate": {"privateKey": {"algorithm": "RSA", "size": 1024}}},
        "InvalidSpec",
        "RSA has no size 1024",
    ),
    "broken inline policy": (
        {"roles": {"managed": {"allowInlinePolicies": True}}},
        {"role": {"managed": {"inlinePolicies": {"read": "{"}}}},
        "InvalidSpec",
        "spec.role.managed.inlinePolicies.read is not JSON",
    ),
    "session beyond the role's": (
        {"sessionDuration": "2h"},
        {},
        "RoleNotAllowed",
        "allows sessions of 3600 s, Profile default asks for 2h",
    ),
    "unreadable": ({}, {"certificate": 1}, "InvalidSpec", "cannot read the spec"),
}


@pytest.mark.parametrize("case", list(REFUSALS))
def test_what_is_not_allowed_gets_nothing(case: str) -> None:
    """No role, no certificate, no place on the list; and the next look is at leisure."""
    of_profile, of_identity, reason, told = REFUSALS[case]
    cluster = settled(anchor())
    cluster.apply(profile(**of_profile))
    cluster.settle()
    cluster.apply(identity(**of_identity))
    cluster.settle()
    assert cluster.ready(REPORT) == ("False", reason)
    assert told in cluster.message(REPORT)
    assert cluster.iam.roles == {}
    assert list(cluster.secrets.kept) == [(OPERATORS, "onprem-ca")]
    (record,) = cluster.ra.kept_profiles.values()
    assert record.settings.role_arns == ()
    assert cluster.wire.count("sessions.reserve") == 0


def test_a_namespace_is_admitted_by_its_labels() -> None:
    """They are the API server's, not the identity's."""
    cluster = settled(anchor())
    cluster.apply(profile(allowedNamespaces=SELECTED))
    cluster.settle()
    cluster.namespaces.kept["shop"] = {"tier": "1"}
    cluster.apply(identity())
    cluster.settle()
    assert cluster.ready(REPORT) == ("True", "Ready")


@pytest.mark.parametrize(
    ("trouble", "condition"),
    [
        (None, ("Unknown", "Pending")),
        (
            Trouble(Reason.API_SERVER_UNAVAILABLE, "no answer"),
            ("Unknown", "APIServerUnavailable"),
        ),
        (Trouble(Reason.FORBIDDEN, "may not get namespaces"), ("False", "Forbidden")),
    ],
    ids=["gone", "away", "forbidden"],
)
def test_labels_nobody_can_read(trouble: Trouble | None, condition: tuple[str, str]) -> None:
    """Nobody is admitted on a guess."""
    cluster = settled(anchor())
    cluster.apply(profile(allowedNamespaces=SELECTED))
    cluster.settle()
    cluster.apply(identity(namespace="gone" if trouble is None else "shop"))
    key = ("WorkloadIdentity", "gone" if trouble is None else "shop", "report")
    if trouble is not None:
        cluster.wire.fail("namespaces.labels", trouble)
    cluster.reconcile(key)
    assert cluster.conditions(key)["Admitted"] == condition
    assert cluster.iam.roles == {}


@pytest.mark.parametrize("below", [DEFAULT, ONPREM], ids=["Profile", "TrustAnchor"])
def test_nothing_is_built_on_what_is_being_deleted(below: Any) -> None:  # noqa: ANN401 - a key
    """It would only be in the way of the deletion."""
    cluster = settled(anchor())
    cluster.apply(profile())
    cluster.settle()
    cluster.apply(identity())
    cluster.ask_to_delete(below)
    outcome = cluster.reconcile(REPORT)
    assert cluster.conditions(REPORT)["Admitted"] == ("Unknown", f"{below[0]}NotReady")
    assert f"{below[0]} {below[2]} is being deleted" in cluster.message(REPORT)
    assert outcome.failed
    assert cluster.iam.roles == {}


@pytest.mark.parametrize(
    "forbid",
    [
        lambda cluster: cluster.apply(profile(allowedNamespaces={"names": ["lab"]})),
        lambda cluster: cluster.apply(profile(roles={})),
    ],
    ids=["namespace", "role"],
)
@pytest.mark.parametrize("role", [{"arn": REPORTS}, {"managed": {}}], ids=["existing", "managed"])
def test_who_is_not_admitted_any_more_is_shut_out(forbid: Any, role: Manifest) -> None:  # noqa: ANN401 - a function of the cluster
    """Its statement leaves an existing role; no profile lists its role; what it has stays there."""
    cluster = settled(anchor())
    cluster.iam.bring("reports")
    cluster.apply(profile())
    cluster.apply(identity(role=role))
    cluster.settle()
    assert cluster.ready(REPORT) == ("True", "Ready")
    forbid(cluster)
    cluster.settle()
    assert cluster.ready(REPORT)[0] == "False"
    assert cluster.ready(REPORT)[1] in ("NamespaceNotAllowed", "RoleNotAllowed")
    sid = naming.statement_id("c1", "uid-3")
    statements = cluster.iam.roles["reports"].trust_policy["Statement"]
    assert sid not in {each["Sid"] for each in statements}
    (record,) = cluster.ra.kept_profiles.values()
    assert record.settings.role_arns == ()
    assert ("shop", "report-aws-identity") in cluster.secrets.kept
    assert len(cluster.iam.roles) == (1 if "arn" in role else 2)
    cluster.apply(profile())
    cluster.settle()
    cluster.wait(60)
    assert cluster.ready(REPORT) == ("True", "Ready")


def test_who_was_never_admitted_takes_nothing_away() -> None:
    """A role one only names is not asked for, let alone changed."""
    cluster = settled(anchor())
    theirs = cluster.iam.bring("theirs")
    cluster.apply(profile())
    cluster.settle()
    cluster.apply(identity(role={"arn": THEIRS}))
    cluster.settle()
    assert cluster.ready(REPORT) == ("False", "RoleNotAllowed")
    assert {each for each in cluster.wire.calls if each.startswith("iam.")} == set()
    assert cluster.iam.roles["theirs"] == theirs


def test_another_objects_managed_role_is_no_existing_role() -> None:
    """Its trust policy has one master: whoever it was made for."""
    cluster = started()
    cluster.apply(profile(roles={"existing": [{"arn": "arn:aws:iam::123456789012:role/*"}]}))
    theirs = cluster.iam.roles["shop-report-c8bd3c4f"]
    key = cluster.apply(identity("other", role={"arn": theirs.arn}))
    cluster.settle()
    assert cluster.conditions(key)["RoleReady"] == ("False", "RoleNotAllowed")
    assert "is managed for WorkloadIdentity/shop/report" in cluster.message(key)
    assert cluster.iam.roles["shop-report-c8bd3c4f"] == theirs


def test_a_change_of_the_operators_word_reaches_everybody() -> None:
    """Nobody waits for a resync when a Profile becomes another."""
    cluster = started()
    looks = len([key for key, _ in cluster.outcomes if key == REPORT])
    cluster.apply(profile(sessionDuration="30m"))
    cluster.settle()
    assert len([key for key, _ in cluster.outcomes if key == REPORT]) > looks
    secret = cluster.secrets.kept["shop", "report-aws-identity"]
    assert b'"sessionDurationSeconds":1800' in secret.data["agent.json"]
