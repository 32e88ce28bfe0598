"""TrustAnchors on AWS Private CA: existing ones, and those created, activated and owned."""

from datetime import timedelta

import pytest
from tests.fake_private_ca import BROUGHT
from tests.fakes import NOON
from tests.unit.reconcile.bodies import (
    PRIVATE_CA,
    REGION,
    anchor,
    existing_ca,
)
from tests.unit.reconcile.cluster import ONPREM, Cluster, settled, the_anchor

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain import naming
from rolesanywhere.domain.certificate import serial_hex
from rolesanywhere.domain.observed import AnchorSource
from rolesanywhere.domain.trouble import NotFound, Trouble
from rolesanywhere.pki import inspection

THROTTLED = Trouble(Reason.THROTTLED, "AWS throttled it: it is tried again")


def test_a_private_ca_is_created_activated_and_anchored() -> None:
    """The CA goes through acm-pca's states, gets its own root certificate, and then an anchor."""
    cluster = settled(anchor(PRIVATE_CA))
    steps = [
        (each.status["certificateAuthority"]["state"], each.status["conditions"][0]["reason"])
        for _, each in cluster.outcomes
    ]
    assert list(dict.fromkeys(steps)) == [
        ("CREATING", "Creating"),
        ("PENDING_CERTIFICATE", "Creating"),
        ("ACTIVE", "Ready"),
    ]
    (authority,) = cluster.pca.made.values()
    assert authority.tags == naming.ownership_tags(
        "TrustAnchor", None, "onprem", "uid-1", cluster_id="c1"
    )
    record = the_anchor(cluster)
    assert (record.name, record.enabled) == ("onprem", True)
    assert record.source == AnchorSource(private_ca_arn=authority.arn)
    assert cluster.ra.tags_by_arn[record.arn] == authority.tags


def test_a_ca_whose_request_is_late() -> None:
    """It is not given out the moment acm-pca calls for a certificate."""
    cluster = Cluster()
    cluster.pca.csr_seconds = 3.0
    cluster.apply(anchor(PRIVATE_CA))
    cluster.settle()
    assert cluster.ready(ONPREM) == ("True", "Ready")
    assert cluster.wire.count("pca.csr") > cluster.wire.count("pca.issue")


def test_the_status_tells_ca_and_anchor() -> None:
    """What trust policies and people need to know is in the status."""
    cluster = settled(anchor(PRIVATE_CA))
    (authority,) = cluster.pca.made.values()
    facts = inspection.inspect((authority.certificate or "").encode())[0]
    status = cluster.status(ONPREM)
    record = the_anchor(cluster)
    assert (status["arn"], status["anchorId"]) == (record.arn, record.anchor_id)
    assert (status["account"], status["observedGeneration"]) == ("123456789012", 1)
    assert status["certificateAuthority"] == {
        "arn": authority.arn,
        "state": "ACTIVE",
        "subject": "CN=sample,OU=tech",
        "keyAlgorithm": "EC_prime256v1",
        "usageMode": "ShortLived",
        "serial": serial_hex(facts.serial),
        "notBefore": "2026-11-24T11:00:02Z",
        "notAfter": "2036-11-24T12:00:00Z",
        "certificate": authority.certificate,
    }


@pytest.mark.parametrize(
    ("state", "failure", "ready", "told"),
    [
        ("CREATING", None, ("Unknown", "Creating"), "is being created"),
        (
            "PENDING_CERTIFICATE",
            None,
            ("False", "CANotActive"),
            "has no certificate yet: install one in AWS Private CA",
        ),
        ("DISABLED", None, ("False", "CANotActive"), "is disabled: enable it in AWS Private CA"),
        ("EXPIRED", None, ("False", "CAExpired"), "renew its certificate"),
        ("FAILED", "OTHER", ("False", "CANotActive"), "could not be made (OTHER)"),
        ("DELETED", None, ("False", "CANotFound"), "restore it in AWS Private CA"),
        ("RESTING", None, ("False", "CANotActive"), "is RESTING"),
    ],
)
def test_an_existing_ca_that_cannot_sign(
    state: str, failure: str | None, ready: tuple[str, str], told: str
) -> None:
    """Each state has a reason, and words for what to do; nothing is done to the CA."""
    cluster = Cluster()
    authority = cluster.pca.bring()
    authority.forced, authority.failure = state, failure
    cluster.apply(anchor(existing_ca(authority.arn)))
    cluster.reconcile(ONPREM)
    assert cluster.ready(ONPREM) == ready
    assert f"Private CA {authority.arn}" in cluster.message(ONPREM)
    assert told in cluster.message(ONPREM)
    assert cluster.conditions(ONPREM)["Synced"] == ("Unknown", "Pending")
    assert cluster.status(ONPREM)["certificateAuthority"] == {"arn": authority.arn, "state": state}
    assert {"pca.issue", "pca.install", "ra.create_trust_anchor"}.isdisjoint(cluster.wire.calls)


def test_a_ca_that_does_not_exist() -> None:
    """An ARN nobody knows is looked for again: it may be about to appear."""
    arn = f"arn:aws:acm-pca:{REGION}:123456789012:certificate-authority/none"
    cluster = settled(anchor(existing_ca(arn)))
    assert cluster.ready(ONPREM) == ("False", "CANotFound")
    assert f"Private CA {arn} does not exist (yet)" in cluster.message(ONPREM)
    assert cluster.outcomes[-1][1].failed


def test_an_existing_ca_is_used_and_never_deleted() -> None:
    """A CA somebody else made gets an anchor; deletion takes the anchor only."""
    cluster = Cluster()
    authority = cluster.pca.bring(BROUGHT)
    cluster.apply(anchor(existing_ca(authority.arn)))
    cluster.settle()
    assert the_anchor(cluster).source == AnchorSource(private_ca_arn=authority.arn)
    assert cluster.wire.count("pca.create") == 0
    cluster.ask_to_delete(ONPREM)
    cluster.settle()
    assert cluster.is_gone(ONPREM)
    assert cluster.ra.anchors == {}
    assert cluster.pca.alive() == [authority]


def test_a_ca_whose_creation_was_forgotten_is_found_again() -> None:
    """The answer is lost, and the token too: the tags still tell whose it is."""
    cluster = Cluster()
    cluster.wire.fail("pca.create", THROTTLED, after=True)
    cluster.apply(anchor(PRIVATE_CA))
    cluster.reconcile(ONPREM)
    cluster.clock.advance(600)
    cluster.settle()
    assert cluster.ready(ONPREM) == ("True", "Ready")
    assert len(cluster.pca.made) == 1


def test_of_two_forgotten_cas_the_active_one_counts() -> None:
    """However many there came to be, it is the one that can sign; one deleted since is none."""
    cluster = Cluster()
    cluster.apply(anchor(PRIVATE_CA))
    mine = naming.ownership_tags("TrustAnchor", None, "onprem", "uid-1", cluster_id="c1")
    fresh, active = cluster.pca.bring(), cluster.pca.bring()
    foreign = cluster.pca.bring()
    fresh.tags = active.tags = mine
    fresh.certificate = None
    cluster.wire.fail("pca.tags", NotFound(Reason.CA_NOT_FOUND, "gone"))
    cluster.reconcile(ONPREM)
    assert cluster.status(ONPREM)["certificateAuthority"]["arn"] == active.arn
    cluster.ask_to_delete(ONPREM)
    cluster.settle()
    assert cluster.pca.alive() == [foreign]


def test_a_renewed_ca_is_shown_to_aws() -> None:
    """Roles Anywhere looks at a Private CA's validity only when the anchor is updated."""
    cluster = settled(anchor(PRIVATE_CA))
    (authority,) = cluster.pca.made.values()
    cluster.pca.renew(authority, NOON + timedelta(days=7300))
    cluster.look_soon(ONPREM)
    cluster.settle()
    record = the_anchor(cluster)
    assert cluster.wire.count("ra.update_trust_anchor") == 1
    assert cluster.ra.vouched[record.anchor_id] == authority.certificate
    cluster.look_soon(ONPREM)
    cluster.settle()
    assert cluster.wire.count("ra.update_trust_anchor") == 1


@pytest.mark.parametrize("times", [1, 3])
def test_a_renewed_ca_is_shown_to_aws_however_long_it_takes(times: int) -> None:
    """An update that failed is not forgotten, though the status knows the new certificate."""
    cluster = settled(anchor(PRIVATE_CA))
    (authority,) = cluster.pca.made.values()
    cluster.pca.renew(authority, NOON + timedelta(days=7300))
    cluster.wire.fail("ra.update_trust_anchor", THROTTLED, times=times)
    cluster.look_soon(ONPREM)
    cluster.settle()
    assert cluster.ready(ONPREM) == ("True", "Ready")
    assert cluster.ra.vouched[the_anchor(cluster).anchor_id] == authority.certificate
