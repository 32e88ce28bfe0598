"""The Secret of an identity: edited, deleted, taken by others; and the CA it is issued from."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.unit.reconcile.bodies import (
    OWN_CA,
    PRIVATE_CA,
    Manifest,
    anchor,
    identity,
    profile,
)
from tests.unit.reconcile.cluster import (
    ONPREM,
    OPERATORS,
    REPORT,
    settled,
    started,
)
from tests.unit.reconcile.editing import (
    OTHER_KEY,
    SECRET,
    edit,
    look_again,
    the_secret,
    with_data,
    with_note,
    without,
)

from rolesanywhere.api.conditions import Reason
from rolesanywhere.controller.attempt import attempt
from rolesanywhere.domain.observed import SecretRecord
from rolesanywhere.domain.trouble import AlreadyExists, Conflict
from rolesanywhere.pki import pairs
from rolesanywhere.reconcile import workload_identity

BOTH = pytest.mark.parametrize("source", [PRIVATE_CA, OWN_CA], ids=["private", "own"])


@BOTH
@pytest.mark.parametrize(
    "change",
    [
        without("tls.key"),
        without("tls.crt"),
        with_data("tls.crt", b"garbage"),
        with_data("tls.key", OTHER_KEY.private_key),
        lambda secret: replace(secret, annotations={}),
        with_note("issued-at", "yesterday"),
        with_note("issued-at", "2020-01-01T00:00:00Z"),
        with_note("authority", "another"),
    ],
    ids=[
        "no key",
        "no certificate",
        "garbage",
        "another key",
        "no notes",
        "no time of issue",
        "another time of issue",
        "another CA",
    ],
)
def test_an_edited_secret_is_issued_anew(
    source: Manifest, change: Callable[[SecretRecord], SecretRecord]
) -> None:
    """Whatever was done to it; and a key that might have been seen is not used again."""
    cluster = started(source)
    before = the_secret(cluster)
    edit(cluster, change)
    look_again(cluster)
    after = the_secret(cluster)
    assert pairs.key_matches(after.data["tls.key"], after.data["tls.crt"])
    assert after.data["tls.key"] not in (before.data["tls.key"], OTHER_KEY.private_key)
    assert cluster.ready(REPORT) == ("True", "Ready")
    assert len(cluster.pca.leaves()) == (2 if source is PRIVATE_CA else 0)


@BOTH
def test_a_deleted_secret_is_issued_anew(source: Manifest) -> None:
    """The key is gone, so there is another one."""
    cluster = started(source)
    before = cluster.secrets.kept.pop(SECRET)
    look_again(cluster)
    assert the_secret(cluster).data["tls.key"] != before.data["tls.key"]
    assert cluster.ready(REPORT) == ("True", "Ready")


@pytest.mark.parametrize(
    "change", [without("agent.json"), with_data("agent.json", b"{}"), without("ca.crt")]
)
def test_what_is_no_secret_is_only_put_back(
    change: Callable[[SecretRecord], SecretRecord],
) -> None:
    """The agent's configuration is no reason to issue; nor is the root, which nobody reads."""
    cluster = started()
    before = the_secret(cluster)
    edit(cluster, change)
    look_again(cluster)
    after = the_secret(cluster)
    assert after.data["agent.json"] == before.data["agent.json"]
    assert after.data["tls.crt"] == before.data["tls.crt"]
    assert cluster.ready(REPORT) == ("True", "Ready")


def test_the_agents_configuration_follows_the_anchor() -> None:
    """A new ARN reaches the pod in its Secret, without another certificate."""
    cluster = started()
    before = the_secret(cluster)
    cluster.ra.anchors.clear()
    cluster.look_soon(ONPREM)
    cluster.settle()
    cluster.wait(60)
    arn = cluster.status(ONPREM)["arn"]
    after = the_secret(cluster)
    assert arn not in before.data["agent.json"].decode()
    assert json.loads(after.data["agent.json"])["trustAnchorArn"] == arn
    assert after.data["tls.crt"] == before.data["tls.crt"]
    assert cluster.ready(REPORT) == ("True", "Ready")


def test_a_secret_that_somebody_changes_at_the_same_time() -> None:
    """Nothing is overwritten unseen: the pass is made again."""
    cluster = started()
    edit(cluster, without("agent.json"))
    cluster.wire.fail("secrets.replace", Conflict(Reason.PENDING, "it has been modified"))
    cluster.reconcile(REPORT)
    assert cluster.conditions(REPORT)["CertificateReady"] == ("Unknown", "Pending")
    cluster.settle()
    assert cluster.ready(REPORT) == ("True", "Ready")


def strangers_secret(name: str = SECRET[1]) -> SecretRecord:
    return SecretRecord("shop", name, "Opaque", {"a": b"b"}, {}, {}, uid="stranger")


@BOTH
def test_a_secret_name_that_is_taken(source: Manifest) -> None:
    """A stranger's Secret is neither read for a certificate nor overwritten nor deleted."""
    cluster = settled(anchor(source))
    kept = cluster.secrets.put(strangers_secret())
    cluster.apply(profile())
    cluster.apply(identity())
    cluster.settle()
    assert cluster.ready(REPORT) == ("False", "SecretNameTaken")
    assert "delete it, or choose another spec.certificate.secretName" in cluster.message(REPORT)
    assert the_secret(cluster) == kept
    cluster.ask_to_delete(REPORT)
    cluster.settle()
    assert cluster.is_gone(REPORT)
    assert the_secret(cluster) == kept


def test_a_secret_name_that_is_taken_in_between() -> None:
    """It is looked at again: it may be our own, made by another replica."""
    cluster = settled(anchor())
    cluster.apply(profile())
    cluster.settle()
    cluster.apply(identity())
    exists = AlreadyExists(Reason.SECRET_NAME_TAKEN, "exists")
    cluster.wire.fail("secrets.create", exists, after=True)
    cluster.reconcile(REPORT)
    assert cluster.conditions(REPORT)["CertificateReady"] == ("False", "SecretNameTaken")
    assert "made by another in between" in cluster.message(REPORT)
    cluster.settle()
    assert cluster.ready(REPORT) == ("True", "Ready")


def test_a_secret_may_have_a_name() -> None:
    """The spec's, and the agent finds it there."""
    cluster = settled(anchor())
    cluster.apply(profile())
    cluster.apply(identity(certificate={"secretName": "mine"}))
    cluster.settle()
    assert ("shop", "mine") in cluster.secrets.kept
    assert cluster.status(REPORT)["secretName"] == "mine"


@pytest.mark.parametrize("missing", [True, False], ids=["gone", "another one"])
def test_an_own_ca_that_is_gone_when_it_is_needed(*, missing: bool) -> None:
    """Certificates in use live on; one that is due says what is missing."""
    cluster = started(OWN_CA)
    key = cluster.apply(identity("other"))
    held = cluster.secrets.kept.pop((OPERATORS, "onprem-ca"))
    if not missing:
        cluster.secrets.put(replace(held, data={}))
    cluster.clock.advance(11)  # what was read before is not fresh any more
    cluster.reconcile(key)
    reason = "CANotFound" if missing else "CASecretInvalid"
    assert cluster.conditions(key)["CertificateReady"] == ("False", reason)
    assert cluster.ready(REPORT) == ("True", "Ready")


def test_a_thousand_identities_do_not_read_the_ca_each_time() -> None:
    """Its Secret is read once in ten seconds."""
    cluster = started(OWN_CA)
    reads = cluster.wire.count("secrets.read")
    keys = [cluster.apply(identity(f"r{number}")) for number in range(10)]
    for key in keys:
        cluster.reconcile(key)
    assert cluster.wire.count("secrets.read") == reads + len(keys)  # their own Secrets


def test_a_secret_that_does_not_come_back_as_it_was_written(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A policy engine may strip what it does not know: that is said, and not looped over."""
    cluster = started()
    cluster.secrets.admit = lambda secret: replace(secret, annotations={})
    del cluster.secrets.kept[SECRET]
    body = cluster.objects.bodies[REPORT]
    outcome = attempt(workload_identity.reconcile, body, cluster.world)
    told = {each["type"]: each for each in outcome.status["conditions"]}
    assert told["CertificateReady"]["reason"] == "InternalError"
    assert "shop/report-aws-identity is unreadable" in told["CertificateReady"]["message"]
    assert (outcome.next_seconds, outcome.failed) == (60.0, False)
    assert caplog.records == []
