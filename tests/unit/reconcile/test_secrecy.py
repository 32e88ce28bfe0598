"""No private key is ever in a status, event, message or repr, whatever happens."""

import pytest
from tests.fakes import NOON
from tests.unit.reconcile.bodies import OWN_CA, PRIVATE_CA, Manifest, identity
from tests.unit.reconcile.cluster import ONPREM, OPERATORS, REPORT, started
from tests.unit.reconcile.editing import SECRET, edit, look_again, without

from rolesanywhere.reconcile.identity_secret import Issued


@pytest.mark.parametrize("source", [PRIVATE_CA, OWN_CA], ids=["private", "own"])
def test_a_life_tells_no_key(source: Manifest) -> None:
    """Made, renewed, edited, changed, lost and deleted: nothing of any key is told."""
    cluster = started(source)
    edit(cluster, without("tls.crt"))
    look_again(cluster)
    cluster.apply(identity(certificate={"commonName": "sample"}))
    cluster.settle()
    for key in ((OPERATORS, "onprem-ca"), SECRET):
        cluster.secrets.kept.pop(key, None)
    cluster.look_soon(ONPREM, REPORT)
    cluster.wait(120)
    cluster.ask_to_delete(REPORT)
    cluster.settle()
    assert len({each.data.get("tls.key") for each in cluster.secrets.history}) > 3
    assert cluster.secrets_told() == []


def test_a_key_that_were_told_would_be_noticed() -> None:
    """The check above can fail."""
    cluster = started()
    key = cluster.secrets.kept[SECRET].data["tls.key"]
    cluster.told.append(f"the key is {key.decode()}")
    assert cluster.secrets_told() != []


def test_an_issued_certificate_shows_no_key() -> None:
    """Should one ever be printed, it says when it was issued."""
    issued = Issued(b"the key", b"the certificate", b"the root", NOON)
    assert repr(issued) == "Issued(2026-11-24T12:00:00Z)"
