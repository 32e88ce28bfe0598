"""Issues in flight at AWS Private CA: written down, resumed, and not to be tampered with."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.reconcile.bodies import (
    PRIVATE_CA,
    anchor,
    identity,
    profile,
)
from tests.unit.reconcile.cluster import (
    DEFAULT,
    REPORT,
    Cluster,
    settled,
)
from tests.unit.reconcile.editing import (
    OTHER_KEY,
    SECRET,
    the_leaf,
    the_secret,
    with_data,
    with_note,
    without,
)

from rolesanywhere.api.authority import KeyAlgorithm
from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain import moments, naming
from rolesanywhere.domain.observed import SecretRecord
from rolesanywhere.domain.trouble import AlreadyExists, NotFound
from rolesanywhere.pki import inspection, pairs
from rolesanywhere.pki.adapter import X509

WEEK = timedelta(days=7)


def in_flight() -> Cluster:
    """Have an issue sent and not yet answered."""
    cluster = settled(anchor(PRIVATE_CA))
    cluster.apply(profile())
    cluster.settle()
    cluster.apply(identity())
    cluster.reconcile(REPORT)
    return cluster


def the_request(cluster: Cluster) -> SecretRecord:
    (found,) = [
        each
        for each in cluster.secrets.kept.values()
        if each.labels.get("rolesanywhere.dev/secret") == "issuance"
    ]
    return found


def test_an_issue_in_flight_is_written_down_and_shown() -> None:
    """Key, request, end and token in a Secret; all but the key in the status."""
    cluster = in_flight()
    request = the_request(cluster)
    assert set(request.data) == {"tls.key", "request.csr"}
    assert request.namespace == "rolesanywhere-system"  # out of the tenant's reach
    assert cluster.conditions(REPORT)["CertificateReady"] == ("Unknown", "Issuing")
    assert cluster.status(REPORT)["issuance"] == {
        "token": request.annotations["rolesanywhere.dev/token"],
        "startedAt": moments.show(cluster.clock.now()),
        "notAfter": moments.show(cluster.clock.now() + WEEK),
        "certificateArn": request.annotations["rolesanywhere.dev/certificate-arn"],
    }
    cluster.settle()
    assert the_leaf(cluster).not_after == moments.read(
        request.annotations["rolesanywhere.dev/not-after"]
    )
    assert set(cluster.secrets.kept) == {SECRET}


def test_a_spec_that_changes_in_flight() -> None:
    """What was asked for before is not wanted any more: the request is made anew."""
    cluster = in_flight()
    cluster.apply(identity(certificate={"commonName": "sample"}))
    cluster.settle()
    assert the_leaf(cluster).subject.first("CN") == "sample"
    assert set(cluster.secrets.kept) == {SECRET}
    assert cluster.ready(REPORT) == ("True", "Ready")


def test_a_request_that_lay_too_long() -> None:
    """Its certificate would be over: it is made anew."""
    cluster = in_flight()
    cluster.clock.advance(8 * 86400)
    cluster.settle()
    assert the_leaf(cluster).not_after > cluster.clock.now() + timedelta(days=6)
    assert cluster.ready(REPORT) == ("True", "Ready")


def test_a_request_aws_knows_nothing_of() -> None:
    """An ARN that leads nowhere is dropped, and the request made anew."""
    cluster = in_flight()
    cluster.wire.fail("pca.certificate", NotFound(Reason.CA_NOT_FOUND, "AWS found nothing"))
    cluster.reconcile(REPORT)
    assert cluster.conditions(REPORT)["CertificateReady"] == ("False", "CANotFound")
    cluster.settle()
    assert cluster.ready(REPORT) == ("True", "Ready")
    assert set(cluster.secrets.kept) == {SECRET}


def test_a_request_that_another_replica_writes() -> None:
    """It is looked at again, and used."""
    cluster = settled(anchor(PRIVATE_CA))
    cluster.apply(profile())
    cluster.settle()
    cluster.apply(identity())
    exists = AlreadyExists(Reason.SECRET_NAME_TAKEN, "exists")
    cluster.wire.fail("secrets.create", exists, after=True)
    cluster.reconcile(REPORT)
    assert cluster.conditions(REPORT)["CertificateReady"] == ("Unknown", "Issuing")
    assert "is being written" in cluster.message(REPORT)
    cluster.settle()
    assert cluster.ready(REPORT) == ("True", "Ready")
    assert len(cluster.pca.leaves()) == 1


def forged_request(secret: SecretRecord) -> SecretRecord:
    """Put another subject into a request, with a token that fits."""
    pair = X509().request(
        KeyAlgorithm.EC_PRIME256V1,
        common_name="admin",
        organizational_unit="tech",
        organization=None,
        uri="spiffe://c.example/ns/kube-system/sa/admin",
    )
    notes = {
        **secret.annotations,
        "rolesanywhere.dev/token": naming.token("uid-3", pair.document.decode()),
    }
    notes.pop("rolesanywhere.dev/certificate-arn", None)
    data = {"tls.key": pair.private_key, "request.csr": pair.document}
    return replace(secret, data=data, annotations=notes)


def test_a_tenant_cannot_put_another_subject_into_a_request() -> None:
    """Who may write Secrets of a namespace gets no certificate that says anything else."""
    cluster = in_flight()
    cluster.secrets.put(forged_request(the_request(cluster)))
    cluster.reconcile(REPORT)
    cluster.clock.advance(1)
    cluster.reconcile(REPORT)
    assert cluster.conditions(REPORT)["CertificateReady"] == ("False", "AWSRefused")
    assert "somebody changed its request" in cluster.message(REPORT)
    cluster.settle()
    assert cluster.ready(REPORT) == ("True", "Ready")
    shown = [each.data["tls.crt"] for each in cluster.secrets.history if "tls.crt" in each.data]
    subjects = {inspection.inspect(each)[0].subject.first("CN") for each in shown}
    assert subjects == {"report.shop"}


@pytest.mark.parametrize(
    "change",
    [
        lambda secret: replace(secret, annotations={}),
        lambda secret: replace(secret, labels={}),
        with_note("token", "mine"),
        with_note("issued-at", "yesterday"),
        with_note("not-after", "never"),
        with_note("not-after", "2030-01-01T00:00:00Z"),
        without("tls.key"),
        without("request.csr"),
        with_data("tls.key", OTHER_KEY.private_key),
        with_data("request.csr", OTHER_KEY.document),
    ],
    ids=[
        "no notes",
        "no owner",
        "another token",
        "no time of issue",
        "no end",
        "a later end",
        "no key",
        "no request",
        "another key",
        "another request",
    ],
)
def test_a_request_that_was_edited_is_made_anew(
    change: Callable[[SecretRecord], SecretRecord],
) -> None:
    """Nothing of it reaches the workload, and it stands in nobody's way."""
    cluster = in_flight()
    cluster.secrets.put(change(the_request(cluster)))
    cluster.settle()
    cluster.wait(60)
    secret, leaf = the_secret(cluster), the_leaf(cluster)
    assert pairs.key_matches(secret.data["tls.key"], secret.data["tls.crt"])
    assert secret.data["tls.key"] != OTHER_KEY.private_key
    assert leaf.subject.first("CN") == "report.shop"
    assert leaf.not_after < cluster.clock.now() + timedelta(days=7, minutes=5)
    assert cluster.ready(REPORT) == ("True", "Ready")
    assert set(cluster.secrets.kept) == {SECRET}
    assert cluster.ready(DEFAULT) == ("True", "Ready")


def test_a_renewal_in_flight_is_no_interruption() -> None:
    """The present certificate serves until its successor is there, which is looked for at once."""
    cluster = in_flight()
    cluster.settle()
    before = cluster.status(REPORT)["certificate"]
    cluster.clock.moment = moments.read(before["renewAt"])
    outcome = cluster.reconcile(REPORT)
    assert cluster.ready(REPORT) == ("True", "Ready")
    assert cluster.conditions(REPORT)["CertificateReady"] == ("True", "Ready")
    assert cluster.status(REPORT)["certificate"] == before
    assert "its successor is being issued" in str(cluster.status(REPORT)["conditions"])
    assert (outcome.next_seconds, outcome.failed) == (1.0, False)
    cluster.settle()
    assert cluster.status(REPORT)["certificate"]["serial"] != before["serial"]
    assert cluster.ready(REPORT) == ("True", "Ready")
