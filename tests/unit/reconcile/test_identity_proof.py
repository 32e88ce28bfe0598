"""The proof: a session as the workload, made again after changes, explained when refused."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.reconcile.bodies import REPORTS, S3_READ, Manifest, anchor, identity, profile
from tests.unit.reconcile.cluster import (
    DEFAULT,
    ONPREM,
    OPERATORS,
    REPORT,
    Cluster,
    settled,
    started,
)
from tests.unit.reconcile.editing import SECRET, look_again

from rolesanywhere.api.authority import CASubject, KeyAlgorithm
from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain import moments
from rolesanywhere.domain.trouble import Trouble
from rolesanywhere.pki.adapter import X509

DERIVED = "shop-report-c8bd3c4f"
REFUSED = Trouble(Reason.SESSION_REFUSED, "AWS refused CreateSession: AccessDeniedException")
THROTTLED = Trouble(Reason.THROTTLED, "AWS throttled CreateSession", retry_after=7.0)


def begun() -> Cluster:
    """Have a Profile that is ready, and an identity nobody looked at."""
    cluster = settled(anchor())
    cluster.apply(profile())
    cluster.settle()
    cluster.apply(identity())
    return cluster


def proofs(cluster: Cluster) -> int:
    return cluster.wire.count("sessions.create_session")


def edit_trust(cluster: Cluster, change: Mapping[str, Any], role: str = DERIVED) -> None:
    """Change each statement of a role's trust policy, as somebody with a console does."""
    policy = cluster.iam.roles[role].trust_policy
    changed = [{**each, **change} for each in policy["Statement"]]
    cluster.iam.change(role, trust_policy={**policy, "Statement": changed})


def told(cluster: Cluster) -> list[str]:
    return [reason.value for reason, _ in cluster.events]


def test_a_proof_is_recorded() -> None:
    """Which role was assumed, until when, by which certificate; and no credentials."""
    cluster = started()
    status = cluster.status(REPORT)
    now = cluster.clock.now()
    serial = status["certificate"]["serial"]
    assert status["session"] == {
        "assumedRoleArn": f"arn:aws:sts::123456789012:assumed-role/{DERIVED}/{int(serial, 16):x}",
        "expiration": moments.show(now + timedelta(hours=1)),
        "checkedAt": moments.show(now),
        "certificateSerial": serial,
        "roleArn": status["roleArn"],
        "packedPolicySize": 12,
    }
    assert cluster.message(REPORT) == f"AWS granted {status['session']['assumedRoleArn']}"


def test_a_proof_is_made_once() -> None:
    """A look at what is well asks for no session: the quota is the agents'."""
    cluster = started()
    look_again(cluster)
    assert proofs(cluster) == 1
    assert cluster.wire.count("sessions.reserve") == 1


@pytest.mark.parametrize("seconds", [3600, -10])
def test_a_proof_goes_stale(seconds: float) -> None:
    """After an hour, or when the clock that made it was ahead, it is made again."""
    cluster = started()
    before = cluster.status(REPORT)["session"]["checkedAt"]
    cluster.clock.advance(seconds)
    cluster.reconcile(REPORT)
    assert proofs(cluster) == 2
    assert cluster.status(REPORT)["session"]["checkedAt"] != before


def replace_profile(cluster: Cluster) -> None:
    cluster.ra.kept_profiles.clear()
    cluster.look_soon(DEFAULT)


def lose_secret(cluster: Cluster) -> None:
    del cluster.secrets.kept[SECRET]


def replace_anchor(cluster: Cluster) -> None:
    cluster.ra.anchors.clear()
    cluster.look_soon(ONPREM)


@pytest.mark.parametrize(
    "change",
    [
        replace_profile,
        replace_anchor,
        lambda cluster: cluster.apply(identity(role={"managed": {"name": "other"}})),
        lambda cluster: cluster.apply(identity(certificate={"commonName": "sample"})),
        lambda cluster: cluster.apply(profile(sessionDuration="30m")),
        lose_secret,
    ],
    ids=["profile", "anchor", "role", "certificate", "duration", "Secret"],
)
def test_a_change_is_proven(change: Any) -> None:  # noqa: ANN401 - a function of the cluster
    """Whatever a session is made of: when it is another, the old proof says nothing."""
    cluster = started()
    before = proofs(cluster)
    change(cluster)
    look_again(cluster)
    assert proofs(cluster) > before
    assert cluster.ready(REPORT) == ("True", "Ready")
    status = cluster.status(REPORT)
    assert status["session"]["certificateSerial"] == status["certificate"]["serial"]
    assert status["session"]["roleArn"] == status["roleArn"]


# A trust policy that somebody edits: the story's last scene.

EDITS: dict[str, tuple[Manifest, str]] = {
    "another name": (
        {"Condition": {"StringEquals": {"aws:PrincipalTag/x509Subject/CN": "other"}}},
        'aws:PrincipalTag/x509Subject/CN: the policy says "other"',
    ),
    "an action less": ({"Action": "sts:AssumeRole"}, "the request is sts:TagSession"),
    "denied": ({"Effect": "Deny", "Condition": {}}, "denies sts:AssumeRole explicitly"),
    "another service": (
        {"Principal": {"Service": "ec2.amazonaws.com"}},
        "ec2.amazonaws.com",
    ),
}


@pytest.mark.parametrize("case", list(EDITS))
@pytest.mark.parametrize("role", [DERIVED, "reports"], ids=["managed", "existing"])
def test_an_edited_trust_policy_is_told_then_repaired(case: str, role: str) -> None:
    """First the condition says what happened and why AWS refuses; the next pass puts it right."""
    change, why = EDITS[case]
    cluster = begun()
    if role == "reports":
        cluster.iam.bring("reports")
        cluster.apply(identity(role={"arn": REPORTS}))
    cluster.settle()
    cluster.wait(60)
    good, events = cluster.iam.roles[role].trust_policy, len(cluster.events)
    edit_trust(cluster, change, role)
    first = cluster.reconcile(REPORT)
    assert cluster.conditions(REPORT) == {
        "Ready": ("False", "TrustPolicyChanged"),
        "Admitted": ("True", "Ready"),
        "RoleReady": ("False", "TrustPolicyChanged"),
        "CertificateReady": ("True", "Ready"),
        "SessionVerified": ("False", "SessionRefused"),
    }
    assert why in cluster.message(REPORT, "RoleReady")
    assert cluster.message(REPORT, "RoleReady").endswith("it is being repaired")
    assert "AccessDeniedException: Unable to assume role" in cluster.message(
        REPORT, "SessionVerified"
    )
    assert f"(role {role}: " in cluster.message(REPORT, "SessionVerified")
    assert "session" not in cluster.status(REPORT)
    assert (first.next_seconds, first.failed) == (1.0, False)
    cluster.clock.advance(1)
    cluster.reconcile(REPORT)
    assert cluster.ready(REPORT) == ("True", "Ready")
    assert cluster.conditions(REPORT)["RoleReady"] == ("True", "TrustPolicyRepaired")
    assert cluster.iam.roles[role].trust_policy == good
    assert told(cluster)[events:] == [
        "TrustPolicyChanged",
        "SessionRefused",
        "Ready",
        "TrustPolicyRepaired",
        "Ready",  # SessionVerified
    ]
    cluster.reconcile(REPORT)
    assert cluster.conditions(REPORT)["RoleReady"] == ("True", "Ready")


def test_a_trust_policy_that_lets_others_in_too_is_told_and_repaired() -> None:
    """The workload still gets its session; that somebody else might is said."""
    cluster = started()
    policy = cluster.iam.roles[DERIVED].trust_policy
    more = [*policy["Statement"], {**policy["Statement"][0], "Sid": "More", "Condition": {}}]
    cluster.iam.change(DERIVED, trust_policy={**policy, "Statement": more})
    cluster.reconcile(REPORT)
    assert cluster.conditions(REPORT)["RoleReady"] == ("False", "TrustPolicyChanged")
    assert "it says more or other than the operator wrote" in cluster.message(REPORT)
    assert cluster.conditions(REPORT)["SessionVerified"] == ("True", "Ready")
    cluster.settle()
    assert len(cluster.iam.roles[DERIVED].trust_policy["Statement"]) == 1


def replace_authority(cluster: Cluster) -> None:
    """Put another CA into the Secret, of another name."""
    pair = X509().create_own_authority(
        KeyAlgorithm.EC_PRIME256V1,
        CASubject(common_name="another"),
        not_before=cluster.clock.now() - timedelta(days=1),
        not_after=cluster.clock.now() + timedelta(days=365),
    )
    held = cluster.secrets.kept[OPERATORS, "onprem-ca"]
    data = {"tls.key": pair.private_key, "tls.crt": pair.document}
    cluster.secrets.put(replace(held, data=data))
    cluster.look_soon(ONPREM)


@pytest.mark.parametrize(
    "change",
    [
        lambda cluster: cluster.apply(profile(subject={"organizationalUnit": "ops"})),
        lambda cluster: cluster.apply(profile(subject={})),
        replace_anchor,
        replace_authority,
        lambda cluster: cluster.apply(identity(certificate={"commonName": "sample"})),
    ],
    ids=["another unit", "no unit", "another anchor", "another CA", "another name"],
)
def test_our_own_next_step_is_nobodys_doing(change: Any) -> None:  # noqa: ANN401 - a function of the cluster
    """A trust policy that has to change because the spec or its Profile did is no alarm."""
    cluster = started()
    change(cluster)
    cluster.settle()
    cluster.wait(60)
    assert cluster.ready(REPORT) == ("True", "Ready")
    assert "TrustPolicyChanged" not in told(cluster)


# Refused for other reasons.


def test_a_refusal_that_the_trust_policy_does_not_explain() -> None:
    """AWS's words are passed on as they are; it is tried again less and less often."""
    cluster = started()
    cluster.wait(3600 - 60)
    cluster.wire.fail("sessions.create_session", REFUSED, times=3)
    cluster.clock.advance(60)
    outcome = cluster.reconcile(REPORT)
    assert cluster.ready(REPORT) == ("False", "SessionRefused")
    assert cluster.message(REPORT) == REFUSED.message
    assert (outcome.failed, outcome.next_seconds) == (True, 0.0)
    cluster.settle()
    assert cluster.ready(REPORT) == ("True", "Ready")


@pytest.mark.parametrize("is_gone", [True, False], ids=["the role is gone", "nobody answers"])
def test_a_refusal_that_cannot_be_explained(*, is_gone: bool) -> None:
    """Then AWS's words have to do."""
    cluster = started()
    cluster.clock.advance(3600)
    cluster.restart()
    cluster.wire.fail("sessions.create_session", REFUSED)
    if is_gone:
        cluster.iam.outdated[DERIVED] = None
    else:
        cluster.wire.fail("iam.role_trust", Trouble(Reason.ACCESS_DENIED, "AWS denied GetRole"))
    cluster.reconcile(REPORT)
    assert cluster.wire.calls.count("iam.role_trust") == 1
    assert cluster.ready(REPORT) == ("False", "SessionRefused")
    assert cluster.message(REPORT) == REFUSED.message


@pytest.mark.parametrize(
    ("seconds", "condition"),
    [(29, ("Unknown", "Pending")), (31, ("False", "SessionRefused"))],
)
def test_iam_needs_some_seconds(seconds: float, condition: tuple[str, str]) -> None:
    """A role that was made or changed just now may be refused yet: that is no failure at first."""
    cluster = begun()
    cluster.wire.fail("sessions.create_session", REFUSED, times=2)
    outcome = cluster.reconcile(REPORT)
    assert cluster.conditions(REPORT)["SessionVerified"] == ("Unknown", "Pending")
    assert "does not know the new role everywhere yet" in cluster.message(REPORT, "SessionVerified")
    assert cluster.ready(REPORT) == ("True", "Ready")
    assert (outcome.next_seconds, outcome.failed) == (3.0, False)
    cluster.clock.advance(seconds)
    cluster.reconcile(REPORT)
    assert cluster.conditions(REPORT)["SessionVerified"] == condition
    cluster.settle()
    assert cluster.conditions(REPORT)["SessionVerified"] == ("True", "Ready")


@pytest.mark.parametrize(
    ("trouble", "condition", "ready"),
    [
        (THROTTLED, ("Unknown", "Throttled"), "True"),
        (
            Trouble(Reason.AWS_UNAVAILABLE, "AWS could not answer"),
            ("Unknown", "AWSUnavailable"),
            "True",
        ),
        (Trouble(Reason.AWS_REFUSED, "AWS refused it"), ("False", "AWSRefused"), "False"),
    ],
)
def test_a_proof_that_cannot_be_made(
    trouble: Trouble, condition: tuple[str, str], ready: str
) -> None:
    """What nobody can tell holds no identity back, and the last proof stays on record."""
    cluster = started()
    record = cluster.status(REPORT)["session"]
    cluster.clock.advance(3600)
    cluster.wire.fail("sessions.create_session", trouble)
    outcome = cluster.reconcile(REPORT)
    assert cluster.conditions(REPORT)["SessionVerified"] == condition
    assert cluster.message(REPORT, "SessionVerified") == trouble.message
    assert cluster.ready(REPORT)[0] == ready
    assert cluster.status(REPORT)["session"] == record
    assert (outcome.failed, outcome.next_seconds) == (True, trouble.retry_after or 0.0)
    cluster.settle()
    assert cluster.conditions(REPORT)["SessionVerified"] == ("True", "Ready")


# The quota.


def test_a_turn_is_waited_for_and_kept() -> None:
    """The identity is ready meanwhile; looks in between neither ask nor take another turn."""
    cluster = begun()
    cluster.sessions.waits = [5.0]
    outcome = cluster.reconcile(REPORT)
    assert cluster.conditions(REPORT)["SessionVerified"] == ("Unknown", "WaitingForQuota")
    assert cluster.ready(REPORT) == ("True", "Ready")
    assert (outcome.next_seconds, outcome.failed) == (5.0, False)
    cluster.clock.advance(2)
    assert cluster.reconcile(REPORT).next_seconds == 3.0
    assert proofs(cluster) == 0
    cluster.clock.advance(3)
    cluster.reconcile(REPORT)
    assert cluster.conditions(REPORT)["SessionVerified"] == ("True", "Ready")
    assert (proofs(cluster), cluster.wire.count("sessions.reserve")) == (1, 1)


def test_a_turn_used_is_used_up() -> None:
    """The next proof takes its own."""
    cluster = started()
    cluster.clock.advance(3600)
    cluster.reconcile(REPORT)
    assert cluster.wire.count("sessions.reserve") == 2


def test_a_proof_needs_a_role_and_a_certificate() -> None:
    """While one of them is in trouble, no session is asked for."""
    cluster = begun()
    cluster.wire.fail("iam.create_role", Trouble(Reason.ACCESS_DENIED, "AWS denied CreateRole"))
    cluster.reconcile(REPORT)
    assert cluster.conditions(REPORT) == {
        "Ready": ("False", "AccessDenied"),
        "Admitted": ("True", "Ready"),
        "RoleReady": ("False", "AccessDenied"),
        "CertificateReady": ("Unknown", "Pending"),
        "SessionVerified": ("Unknown", "Pending"),
    }
    assert proofs(cluster) == 0


def test_a_certificate_is_renewed_while_iam_is_away() -> None:
    """The workload goes on with what it has; the proof waits for IAM."""
    settings = replace(Cluster().settings, resync_seconds=86400.0, proof_seconds=1e9)
    cluster = Cluster(settings)
    for manifest in (anchor(), profile(), identity(role={"managed": {"policyArns": [S3_READ]}})):
        cluster.apply(manifest)
    cluster.settle()
    before = cluster.status(REPORT)["certificate"]["serial"]
    cluster.clock.advance(5 * 86400)
    away = Trouble(Reason.AWS_UNAVAILABLE, "AWS could not answer GetRole")
    cluster.wire.fail("iam.role_trust", away)
    cluster.wire.fail("iam.role", away)
    cluster.reconcile(REPORT)
    assert cluster.conditions(REPORT)["RoleReady"] == ("Unknown", "AWSUnavailable")
    assert cluster.conditions(REPORT)["CertificateReady"] == ("True", "Ready")
    assert cluster.status(REPORT)["certificate"]["serial"] != before
    assert cluster.conditions(REPORT)["SessionVerified"] == ("Unknown", "Pending")
