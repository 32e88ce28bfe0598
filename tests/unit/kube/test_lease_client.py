"""The Lease over HTTP: what is sent, what answers become, and what of others is left alone."""

from typing import Any

import pytest
from tests.flow.scripted_control_plane import Answer, ScriptedControlPlane
from tests.unit.kube.answering import status

from rolesanywhere.controller.candidate import Leases
from rolesanywhere.domain.lease import LeaseRecord
from rolesanywhere.domain.trouble import AlreadyExists, Conflict, NotFound, Trouble
from rolesanywhere.kube.client import ApiServer
from rolesanywhere.kube.lease import NAME, Lease, LeaseClient

LEASES = "/apis/coordination.k8s.io/v1/namespaces/ours/leases"
RECORD = LeaseRecord("a", 15, "2026-11-24T12:00:00.000000Z", "2026-11-24T12:00:02.000001Z", 3)
SPEC = {
    "holderIdentity": "a",
    "leaseDurationSeconds": 15,
    "acquireTime": "2026-11-24T12:00:00.000000Z",
    "renewTime": "2026-11-24T12:00:02.000001Z",
    "leaseTransitions": 3,
}


def lease_json(**spec: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {
            "namespace": "ours",
            "name": NAME,
            "uid": "uid-1",
            "resourceVersion": "7",
            "labels": {"team": "platform"},
        },
        "spec": spec,
    }


def leases_of(server: ApiServer) -> Leases:
    return LeaseClient(server, "ours", NAME)


def test_a_lease_is_read(plane: ScriptedControlPlane, server: ApiServer) -> None:
    """With times as the texts they are."""
    plane.will(f"GET {LEASES}/{NAME}", Answer(200, lease_json(**SPEC)))
    lease = leases_of(server).read()
    assert lease is not None
    assert lease.record == RECORD


@pytest.mark.parametrize(
    "spec",
    [{}, dict.fromkeys(SPEC, None), {"holderIdentity": "", "leaseTransitions": 0}],
    ids=["bare", "null", "empty"],
)
def test_a_lease_nobody_holds_is_read(
    plane: ScriptedControlPlane, server: ApiServer, spec: dict[str, Any]
) -> None:
    """The API server leaves empty fields out; people write others."""
    plane.will(f"GET {LEASES}/{NAME}", Answer(200, lease_json(**spec)))
    lease = leases_of(server).read()
    assert lease is not None
    assert lease.record == LeaseRecord()


def test_a_missing_lease_is_none(plane: ScriptedControlPlane, server: ApiServer) -> None:
    """Missing is an answer."""
    plane.will(f"GET {LEASES}/{NAME}", status(404, "NotFound", "not found"))
    assert leases_of(server).read() is None


def test_a_lease_is_created(plane: ScriptedControlPlane, server: ApiServer) -> None:
    """Under its name, in the operator's namespace."""
    plane.will(f"POST {LEASES}", Answer(201, lease_json(**SPEC)))
    leases_of(server).create(RECORD)
    assert plane.asked[0].body == {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"namespace": "ours", "name": NAME},
        "spec": SPEC,
    }


def test_a_lease_is_replaced_as_it_was_read(plane: ScriptedControlPlane, server: ApiServer) -> None:
    """Its version guards the write; what others wrote into it stays."""
    held = lease_json(holderIdentity="b", preferredHolder="c")
    plane.will(f"GET {LEASES}/{NAME}", Answer(200, held))
    plane.will(f"PUT {LEASES}/{NAME}", Answer(200, held))
    leases = leases_of(server)
    lease = leases.read()
    assert lease is not None
    leases.replace(lease, RECORD)
    assert plane.asked[1].body == {**held, "spec": {**SPEC, "preferredHolder": "c"}}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (status(409, "AlreadyExists", "exists"), AlreadyExists),
        (status(404, "NotFound", 'namespaces "ours" not found'), NotFound),
    ],
)
def test_a_lease_that_cannot_be_created(
    plane: ScriptedControlPlane, server: ApiServer, answer: Answer, kind: type[Trouble]
) -> None:
    """Another candidate was quicker, or the operator's namespace is not there."""
    plane.will(f"POST {LEASES}", answer)
    with pytest.raises(kind):
        leases_of(server).create(RECORD)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (status(409, "Conflict", "the object has been modified"), Conflict),
        (status(404, "NotFound", "not found"), NotFound),
    ],
)
def test_a_lease_that_changed_is_not_replaced(
    plane: ScriptedControlPlane, server: ApiServer, answer: Answer, kind: type[Trouble]
) -> None:
    """Whoever read it too early must know that it does not lead."""
    plane.will(f"PUT {LEASES}/{NAME}", answer)
    with pytest.raises(kind):
        leases_of(server).replace(Lease(LeaseRecord(), lease_json()), RECORD)


def test_a_write_is_not_sent_again(plane: ScriptedControlPlane, server: ApiServer) -> None:
    """A renewal whose answer was lost counts from a time nobody knows: the next one tells."""
    plane.will(f"GET {LEASES}/{NAME}", Answer(200, lease_json(**SPEC)))
    plane.will(f"PUT {LEASES}/{NAME}", Answer(lost=True), Answer(200, lease_json(**SPEC)))
    leases = leases_of(server)
    lease = leases.read()
    assert lease is not None
    with pytest.raises(Trouble, match="no answer from the API server to update leases"):
        leases.replace(lease, RECORD)
    assert len(plane.asked) == 2


def test_a_missing_right_names_itself(plane: ScriptedControlPlane, server: ApiServer) -> None:
    """A controller that waits for ever says for what."""
    said = 'leases "x" is forbidden: User "y" cannot get resource "leases"'
    plane.will(f"GET {LEASES}/{NAME}", status(403, "Forbidden", said))
    with pytest.raises(Trouble, match="the operator may not get leases in namespace ours: add it"):
        leases_of(server).read()
