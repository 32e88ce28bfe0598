"""What a TrustAnchor may ask for, and what it must not change."""

from datetime import UTC, datetime

import pytest
from tests.unit.reconcile.bodies import (
    OWN_CA,
    PRIVATE_CA,
    Manifest,
    anchor,
)
from tests.unit.reconcile.cluster import ONPREM, settled, the_anchor

from rolesanywhere.pki import inspection


def with_validity(source: Manifest, validity: Manifest) -> Manifest:
    (kind,) = source
    create = {**source[kind]["create"], "validity": validity}
    return {kind: {**source[kind], "create": create}}


@pytest.mark.parametrize("source", [PRIVATE_CA, OWN_CA], ids=["private", "own"])
@pytest.mark.parametrize(
    ("validity", "end"),
    [
        (None, datetime(2036, 11, 24, 12, tzinfo=UTC)),
        ({"years": 3}, datetime(2029, 11, 24, 12, tzinfo=UTC)),
        ({"notAfter": "2200-03-15T00:00:00Z"}, datetime(2200, 3, 15, tzinfo=UTC)),
    ],
    ids=["default", "years", "date"],
)
def test_a_ca_lives_as_long_as_was_asked(
    source: Manifest, validity: Manifest | None, end: datetime
) -> None:
    """Ten years by default, or until a given day, as far away as it may be."""
    cluster = settled(anchor(with_validity(source, validity) if validity else source))
    certificate = cluster.status(ONPREM)["certificateAuthority"]["certificate"]
    assert inspection.inspect(certificate.encode())[0].not_after == end


@pytest.mark.parametrize("source", [PRIVATE_CA, OWN_CA], ids=["private", "own"])
def test_a_ca_that_would_be_over_is_never_made(source: Manifest) -> None:
    """An end in the past is refused before anything is paid for."""
    cluster = settled(anchor(with_validity(source, {"notAfter": "2026-11-24T11:59:59Z"})))
    assert cluster.ready(ONPREM) == ("False", "InvalidSpec")
    assert "is over" in cluster.message(ONPREM)
    assert cluster.pca.made == {}
    assert cluster.secrets.kept == {}


@pytest.mark.parametrize(
    ("first", "then"), [(PRIVATE_CA, OWN_CA), (OWN_CA, PRIVATE_CA)], ids=["to own", "to private"]
)
def test_the_kind_of_source_cannot_change(first: Manifest, then: Manifest) -> None:
    """Should the API server let it through, nothing follows but words."""
    cluster = settled(anchor(first))
    before, calls = the_anchor(cluster), len(cluster.wire.calls)
    cluster.apply(anchor(then))
    cluster.settle()
    assert cluster.ready(ONPREM) == ("False", "SourceChanged")
    assert "put it back" in cluster.message(ONPREM)
    assert the_anchor(cluster) == before
    assert set(cluster.wire.calls[calls:]) == {"cluster.write_status"}
    cluster.apply(anchor(first))
    cluster.settle()
    assert cluster.ready(ONPREM) == ("True", "Ready")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ({}, "spec.source needs one of awsPrivateCA and ownCA"),
        ({"awsPrivateCA": {}}, "spec.source.awsPrivateCA needs one of arn and create"),
        ({"ownCA": {"secretName": 1}}, "this version of the operator cannot read the spec"),
    ],
    ids=["neither", "nothing", "unreadable"],
)
def test_a_spec_that_says_too_little(source: Manifest, told: str) -> None:
    """What should not have passed the API server is named, not guessed at."""
    cluster = settled(anchor(source))
    assert cluster.ready(ONPREM) == ("False", "InvalidSpec")
    assert told in cluster.message(ONPREM)
