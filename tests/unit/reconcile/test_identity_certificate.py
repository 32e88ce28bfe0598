"""Certificates: who they speak of, when they are renewed, and which changes issue another."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.fakes import NOON
from tests.unit.reconcile.bodies import (
    OWN_CA,
    PRIVATE_CA,
    Manifest,
    anchor,
    existing_ca,
    identity,
    profile,
)
from tests.unit.reconcile.cluster import (
    ONPREM,
    OPERATORS,
    REPORT,
    SETTINGS,
    Cluster,
    started,
)
from tests.unit.reconcile.editing import (
    SECRET,
    the_leaf,
    the_secret,
)

from rolesanywhere.api.authority import CASubject, KeyAlgorithm
from rolesanywhere.api.trust_anchor import CreatePrivateCA
from rolesanywhere.domain import moments
from rolesanywhere.pki import inspection, pairs
from rolesanywhere.pki.adapter import X509

BOTH = pytest.mark.parametrize("source", [PRIVATE_CA, OWN_CA], ids=["private", "own"])
WEEK = timedelta(days=7)
SELDOM = replace(SETTINGS, resync_seconds=86400, proof_seconds=86400)  # fewer passes in a test


@BOTH
def test_a_certificate_says_who_the_workload_is(source: Manifest) -> None:
    """The operator writes the subject; the ServiceAccount's URI is the one alternative name."""
    cluster = started(source)
    leaf = the_leaf(cluster)
    assert leaf.subject.attributes == (("OU", "tech"), ("CN", "report.shop"))
    assert leaf.issuer.text == "CN=sample,OU=tech"
    assert leaf.san_uri == ("spiffe://c.example/ns/shop/sa/report",)
    assert (leaf.san_dns, leaf.is_ca) == ((), False)
    assert leaf.key_usage == frozenset({"digitalSignature", "keyEncipherment"})
    assert leaf.not_before < cluster.clock.now()
    issued_at = moments.read(cluster.status(REPORT)["certificate"]["issuedAt"])
    assert leaf.not_after == issued_at + WEEK


@BOTH
def test_the_secret_has_all_a_pod_needs(source: Manifest) -> None:
    """Key, certificate, root and the agent's configuration, owned by the identity."""
    cluster = started(source)
    secret = the_secret(cluster)
    assert set(secret.data) == {"tls.key", "tls.crt", "ca.crt", "agent.json"}
    assert secret.type == "kubernetes.io/tls"
    assert pairs.key_matches(secret.data["tls.key"], secret.data["tls.crt"])
    assert len(inspection.inspect(secret.data["tls.crt"])) == 1  # no root in it
    root = cluster.status(ONPREM)["certificateAuthority"]["certificate"]
    assert secret.data["ca.crt"].decode() == root
    assert secret.labels == {
        "app.kubernetes.io/managed-by": "rolesanywhere-operator",
        "rolesanywhere.dev/owner-uid": "uid-3",
        "rolesanywhere.dev/secret": "identity",
    }
    assert secret.owner is not None
    assert (secret.owner.kind, secret.owner.name) == ("WorkloadIdentity", "report")
    assert secret.owner.uid == "uid-3"
    status = cluster.status(REPORT)
    told = json.loads(secret.data["agent.json"])
    assert {key: value for key, value in told.items() if value is not None} == {
        "name": "report",
        "namespace": "shop",
        "region": "ap-northeast-1",
        "trustAnchorArn": status["trustAnchorArn"],
        "profileArn": status["profileArn"],
        "roleArn": status["roleArn"],
        "sessionDurationSeconds": 3600,
    }
    assert cluster.secrets_told() == []


@BOTH
def test_the_status_tells_the_certificate(source: Manifest) -> None:
    """Serial, names and times; the ARN where AWS issued it; no issue is in flight any more."""
    cluster = started(source)
    status, leaf = cluster.status(REPORT), the_leaf(cluster)
    told = status["certificate"]
    assert int(told["serial"], 16) == leaf.serial
    assert (told["subject"], told["issuer"]) == ("CN=report.shop,OU=tech", "CN=sample,OU=tech")
    assert moments.read(told["notAfter"]) == leaf.not_after
    assert ("arn" in told) is (source is PRIVATE_CA)
    assert "issuance" not in status
    assert status["secretName"] == SECRET[1]


@pytest.mark.parametrize(
    ("wanted", "algorithm"),
    [
        ({"algorithm": "ECDSA"}, "EC_prime256v1"),
        ({"algorithm": "ECDSA", "size": 384}, "EC_secp384r1"),
        ({"algorithm": "RSA", "size": 2048}, "RSA_2048"),
    ],
)
def test_a_key_is_of_the_kind_asked_for(wanted: Manifest, algorithm: str) -> None:
    """Whatever kind the CA's own key is."""
    cluster = Cluster()
    cluster.apply(anchor(PRIVATE_CA))
    cluster.apply(profile())
    cluster.apply(identity(certificate={"privateKey": wanted}))
    cluster.settle()
    assert the_leaf(cluster).key_algorithm == algorithm
    assert cluster.ready(REPORT) == ("True", "Ready")


def test_an_rsa_ca_signs_with_rsa() -> None:
    """The signing algorithm is of the CA's key, not of the workload's."""
    cluster = Cluster()
    subject = CASubject(common_name="rsa")
    wanted = CreatePrivateCA(subject=subject, key_algorithm=KeyAlgorithm.RSA_2048)
    authority = cluster.pca.bring(wanted)
    for manifest in (anchor(existing_ca(authority.arn)), profile(), identity()):
        cluster.apply(manifest)
    cluster.settle()
    assert cluster.ready(REPORT) == ("True", "Ready")
    assert any("SHA256WITHRSA" in each for each in cluster.wire.said if "pca.issue" in each)


@BOTH
def test_a_certificate_ends_with_its_ca(source: Manifest) -> None:
    """A CA vouches for nothing beyond its own end; when that has come, nothing is issued."""
    cluster = Cluster(SELDOM)
    create = {"validity": {"notAfter": "2026-11-24T14:00:00Z"}}
    (kind,) = source
    short = {kind: {**source[kind], "create": {**source[kind]["create"], **create}}}
    for manifest in (anchor(short), profile(), identity()):
        cluster.apply(manifest)
    cluster.settle()
    assert moments.show(the_leaf(cluster).not_after) == "2026-11-24T14:00:00Z"
    assert cluster.ready(REPORT) == ("True", "Ready")
    cluster.wait(2.5 * 3600)
    cluster.look_soon(ONPREM, REPORT)
    cluster.settle()
    assert cluster.ready(ONPREM) == ("False", "CAExpired")
    assert cluster.ready(REPORT)[0] != "True"
    assert the_leaf(cluster).not_after < cluster.clock.now()


@BOTH
def test_renewal_is_counted_from_the_issue(source: Manifest) -> None:
    """Two thirds of a week, less some jitter; not before, with another key, in the same Secret."""
    cluster = started(source, SELDOM)
    told, first = cluster.status(REPORT)["certificate"], the_secret(cluster)
    renew_at = moments.read(told["renewAt"])
    share = (renew_at - moments.read(told["issuedAt"])) / WEEK
    assert 0.61 < share < 0.671
    cluster.wait((renew_at - cluster.clock.now()).total_seconds() - 1)
    assert the_secret(cluster) == first
    cluster.wait(3)
    second = the_secret(cluster)
    assert second.uid == first.uid
    for name in ("tls.key", "tls.crt"):
        assert second.data[name] != first.data[name]
    assert pairs.key_matches(second.data["tls.key"], second.data["tls.crt"])
    assert cluster.ready(REPORT) == ("True", "Ready")
    assert (
        cluster.status(REPORT)["session"]["certificateSerial"]
        == (cluster.status(REPORT)["certificate"]["serial"])
    )
    assert len(cluster.pca.leaves()) == (2 if source is PRIVATE_CA else 0)
    assert cluster.secrets_told() == []


@BOTH
def test_weeks_of_renewals(source: Manifest) -> None:
    """A certificate is never out of date, each has a key of its own, and there is one Secret."""
    cluster = started(source, SELDOM)
    for _ in range(8):
        cluster.wait(5 * 86400)
        assert the_leaf(cluster).not_after > cluster.clock.now() + timedelta(days=1)
        assert cluster.ready(REPORT) == ("True", "Ready")
    kept = [each for each in cluster.secrets.history if each.name == SECRET[1]]
    assert len({each.data["tls.key"] for each in kept}) > 8
    assert len({(each.data["tls.key"], each.data["tls.crt"]) for each in kept}) == len(
        {each.data["tls.key"] for each in kept}
    )
    expected = {SECRET} if source is PRIVATE_CA else {SECRET, (OPERATORS, "onprem-ca")}
    assert set(cluster.secrets.kept) == expected


CHANGES: dict[str, tuple[Manifest, Manifest, bool]] = {
    "another name": ({"certificate": {"commonName": "sample"}}, {}, True),
    "another ServiceAccount": ({"serviceAccountName": "other"}, {}, True),
    "another life": ({"certificate": {"duration": "24h"}}, {}, True),
    "another key": ({"certificate": {"privateKey": {"algorithm": "ECDSA", "size": 384}}}, {}, True),
    "another unit": ({}, {"subject": {"organizationalUnit": "ops"}}, True),
    "an organization": (
        {},
        {"subject": {"organizationalUnit": "tech", "organization": "Example"}},
        True,
    ),
    "renewed earlier": ({"certificate": {"renewAt": "50%"}}, {}, False),
    "another session": ({}, {"sessionDuration": "30m"}, False),
    "other policies": ({"role": {"managed": {}}}, {}, False),
}


@BOTH
@pytest.mark.parametrize("case", list(CHANGES))
def test_a_changed_spec_is_issued_anew_only_where_the_certificate_differs(
    source: Manifest, case: str
) -> None:
    """Anything else leaves key and certificate alone."""
    of_identity, of_profile, issues = CHANGES[case]
    cluster = started(source)
    before = the_secret(cluster)
    cluster.apply(profile(**of_profile))
    cluster.apply(identity(**of_identity))
    cluster.settle()
    cluster.wait(60)
    after = the_secret(cluster)
    assert (after.data["tls.crt"] != before.data["tls.crt"]) is issues
    assert (after.data["tls.key"] != before.data["tls.key"]) is issues
    assert cluster.ready(REPORT) == ("True", "Ready")
    assert len(cluster.pca.leaves()) == (1 + issues if source is PRIVATE_CA else 0)


def test_another_ca_in_the_anchor_issues_anew() -> None:
    """Even one of the same name: leaves of the old one are not trusted any more."""
    cluster = started(OWN_CA)
    before = the_secret(cluster)
    held = cluster.secrets.kept[OPERATORS, "onprem-ca"]
    pair = X509().create_own_authority(
        KeyAlgorithm.EC_PRIME256V1,
        CASubject(common_name="sample", organizational_unit="tech"),
        not_before=NOON - timedelta(days=1),
        not_after=NOON + timedelta(days=365),
    )
    data = {"tls.key": pair.private_key, "tls.crt": pair.document}
    cluster.secrets.put(replace(held, data=data))
    cluster.look_soon(ONPREM)
    cluster.settle()
    after = the_secret(cluster)
    assert after.data["tls.crt"] != before.data["tls.crt"]
    assert after.data["ca.crt"] == pair.document
    assert cluster.ready(REPORT) == ("True", "Ready")
