"""TrustAnchors on an own CA: taken, made, replaced, and never remade in silence."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.fakes import NOON
from tests.unit.reconcile.bodies import (
    OWN_CA,
    Manifest,
    anchor,
)
from tests.unit.reconcile.cluster import ONPREM, OPERATORS, Cluster, settled, the_anchor

from rolesanywhere.api.authority import CASubject, KeyAlgorithm
from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.certificate import KeyPair
from rolesanywhere.domain.observed import AnchorSource, SecretRecord
from rolesanywhere.domain.trouble import AlreadyExists
from rolesanywhere.pki import inspection, pairs
from rolesanywhere.pki.adapter import X509

BROUGHT_CA: Manifest = {"ownCA": {"secretName": "onprem-ca"}}


def own_authority(
    *, not_before: datetime = NOON - timedelta(days=1), not_after: datetime | None = None
) -> KeyPair:
    return X509().create_own_authority(
        KeyAlgorithm.EC_PRIME256V1,
        CASubject(common_name="brought"),
        not_before=not_before,
        not_after=not_after or NOON + timedelta(days=365),
    )


def keep_authority(cluster: Cluster, key: bytes, certificate: bytes) -> None:
    """Put a CA's Secret there, as an administrator does."""
    held = cluster.secrets.kept.get((OPERATORS, "onprem-ca"))
    secret = SecretRecord(
        namespace=OPERATORS,
        name="onprem-ca",
        type="kubernetes.io/tls",
        data={"tls.key": key, "tls.crt": certificate},
        labels=held.labels if held is not None else {},
        annotations={},
        uid="brought",
    )
    cluster.secrets.put(secret)


def test_an_own_ca_is_made() -> None:
    """Key and certificate are in a Secret of the operator's namespace, the latter in the anchor."""
    cluster = settled(anchor(OWN_CA))
    secret = cluster.secrets.kept[OPERATORS, "onprem-ca"]
    certificate = secret.data["tls.crt"]
    assert secret.type == "kubernetes.io/tls"
    assert secret.labels["rolesanywhere.dev/owner-uid"] == "uid-1"
    assert secret.owner is None  # it may outlive its TrustAnchor
    assert pairs.key_matches(secret.data["tls.key"], certificate)
    facts = inspection.inspect(certificate)[0]
    assert (facts.subject.text, facts.is_ca) == ("CN=sample,OU=tech", True)
    assert facts.not_before < NOON
    assert the_anchor(cluster).source == AnchorSource(bundle=certificate.decode())
    assert cluster.status(ONPREM)["certificateAuthority"]["secretName"] == "onprem-ca"
    assert cluster.secrets_told() == []


def test_an_own_ca_is_brought() -> None:
    """An administrator's own key and certificate are taken as they are, and stay in the end."""
    cluster = Cluster()
    pair = own_authority()
    keep_authority(cluster, pair.private_key, pair.document)
    cluster.apply(anchor(BROUGHT_CA))
    cluster.settle()
    assert cluster.ready(ONPREM) == ("True", "Ready")
    assert "own CA CN=brought signs until 2027-11-24" in cluster.message(ONPREM, "CAReady")
    cluster.ask_to_delete(ONPREM)
    cluster.settle()
    assert cluster.is_gone(ONPREM)
    assert list(cluster.secrets.kept) == [(OPERATORS, "onprem-ca")]


def bad_secrets() -> dict[str, tuple[bytes, bytes, str, str]]:
    good, other = own_authority(), own_authority()
    leaf = X509().request(
        KeyAlgorithm.EC_PRIME256V1,
        common_name="leaf",
        organizational_unit=None,
        organization=None,
        uri="spiffe://a",
    )
    loaded = X509().load_own_authority(good.private_key, good.document)
    signed = loaded.issue(leaf.document, not_before=NOON, not_after=NOON + timedelta(days=1))
    expired = own_authority(not_after=NOON)
    return {
        "another's key": (other.private_key, good.document, "CASecretInvalid", "tls.key"),
        "no key": (b"", good.document, "CASecretInvalid", "tls.key"),
        "no certificate": (good.private_key, b"", "CASecretInvalid", "tls.crt"),
        "not a CA": (leaf.private_key, signed, "CASecretInvalid", "not a CA"),
        "expired": (
            expired.private_key,
            expired.document,
            "CAExpired",
            f"the CA certificate in Secret {OPERATORS}/onprem-ca expired at 2026-11-24T12:00:00Z",
        ),
    }


@pytest.mark.parametrize("case", list(bad_secrets()))
def test_an_own_ca_that_is_no_good(case: str) -> None:
    """Each fault has its reason; no anchor is made of it, and nothing of the key is told."""
    key, certificate, reason, told = bad_secrets()[case]
    cluster = Cluster()
    keep_authority(cluster, key, certificate)
    cluster.apply(anchor(BROUGHT_CA))
    cluster.settle()
    assert cluster.ready(ONPREM) == ("False", reason)
    assert told in cluster.message(ONPREM)
    assert cluster.ra.anchors == {}
    assert cluster.outcomes[-1][1].next_seconds == cluster.settings.refused_seconds
    state = "EXPIRED" if case == "expired" else None
    assert cluster.status(ONPREM)["certificateAuthority"].get("state") == state
    assert not key or cluster.secrets_told() == []


def test_an_own_ca_that_is_missing() -> None:
    """Without words on how to make one, the Secret must be there; it is taken when it comes."""
    cluster = settled(anchor(BROUGHT_CA))
    assert cluster.ready(ONPREM) == ("False", "CANotFound")
    assert f"there is no Secret {OPERATORS}/onprem-ca: create it" in cluster.message(ONPREM)
    pair = own_authority()
    keep_authority(cluster, pair.private_key, pair.document)
    cluster.look_soon(ONPREM)
    cluster.settle()
    assert cluster.ready(ONPREM) == ("True", "Ready")


def test_a_lost_ca_is_never_remade_in_silence() -> None:
    """Certificates in use would lose their issuer: the Secret has to be restored."""
    cluster = settled(anchor(OWN_CA))
    lost = cluster.secrets.kept.pop((OPERATORS, "onprem-ca"))
    before = the_anchor(cluster)
    cluster.look_soon(ONPREM)
    cluster.settle()
    assert cluster.ready(ONPREM) == ("False", "CANotFound")
    assert "is gone: restore it" in cluster.message(ONPREM)
    assert cluster.secrets.kept == {}
    cluster.secrets.put(lost)
    cluster.look_soon(ONPREM)
    cluster.settle()
    assert cluster.ready(ONPREM) == ("True", "Ready")
    assert the_anchor(cluster) == before


def test_an_own_ca_is_made_by_one_of_two_passes() -> None:
    """The slower of two replicas waits for the other's Secret."""
    cluster = Cluster()
    taken = AlreadyExists(Reason.SECRET_NAME_TAKEN, "exists")
    cluster.wire.fail("secrets.create", taken, after=True)
    cluster.apply(anchor(OWN_CA))
    cluster.reconcile(ONPREM)
    assert cluster.ready(ONPREM) == ("Unknown", "Creating")
    cluster.settle()
    assert cluster.ready(ONPREM) == ("True", "Ready")
    assert cluster.wire.count("secrets.create") == 1


def test_a_replaced_own_ca_is_put_into_the_same_anchor() -> None:
    """The anchor's ARN, which trust policies name, outlives a CA."""
    cluster = settled(anchor(OWN_CA))
    before = the_anchor(cluster)
    pair = own_authority()
    keep_authority(cluster, pair.private_key, pair.document)
    cluster.look_soon(ONPREM)
    cluster.settle()
    after = the_anchor(cluster)
    assert after == replace(before, source=AnchorSource(bundle=pair.document.decode()))
    assert cluster.wire.count("ra.update_trust_anchor") == 1


def test_another_secret_is_another_ca() -> None:
    """What is known of the CA in one Secret is not said of the one in another."""
    cluster = settled(anchor(OWN_CA))
    cluster.apply(anchor({"ownCA": {"secretName": "other"}}))
    cluster.settle()
    assert cluster.ready(ONPREM) == ("False", "CANotFound")
    assert cluster.status(ONPREM)["certificateAuthority"] == {"secretName": "other"}
