"""Writing a status over HTTP: what is sent, and which version it made."""

from collections.abc import Iterator

import pytest
from kubernetes.client import Configuration
from tests.flow.scripted_control_plane import Answer, ScriptedControlPlane

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.trouble import Trouble
from rolesanywhere.kube.client import ApiServer
from rolesanywhere.kube.statuses import StatusesClient

BODY = {
    "kind": "WorkloadIdentity",
    "metadata": {"name": "report", "namespace": "shop", "uid": "u"},
}
PATCH = {"arn": "a", "session": None}
CALL = "PATCH /apis/rolesanywhere.dev/v1alpha1/namespaces/shop/workloadidentities/report/status"


@pytest.fixture
def plane() -> Iterator[ScriptedControlPlane]:
    server = ScriptedControlPlane()
    yield server
    server.close()


@pytest.fixture
def statuses(plane: ScriptedControlPlane) -> Iterator[StatusesClient]:
    server = ApiServer(Configuration(host=plane.url), pool_size=1, read_seconds=5)
    yield StatusesClient(server)
    server.close()


def test_a_status_is_merged(plane: ScriptedControlPlane, statuses: StatusesClient) -> None:
    """By uid too, and only where something changed; the version it made is told."""
    plane.will(CALL, Answer(body={"metadata": {"resourceVersion": "42"}}))
    assert statuses.patch(BODY, PATCH) == "42"
    (asked,) = plane.asked
    assert asked.body == {"metadata": {"uid": "u"}, "status": PATCH}
    assert asked.headers["Content-Type"] == "application/merge-patch+json"


def test_the_status_of_an_object_that_is_gone(
    plane: ScriptedControlPlane, statuses: StatusesClient
) -> None:
    """It makes no version, and nobody needs to know."""
    plane.will(CALL, Answer(404, {"kind": "Status", "reason": "NotFound", "message": "gone"}))
    assert statuses.patch(BODY, PATCH) is None


def test_a_status_the_api_server_does_not_take(
    plane: ScriptedControlPlane, statuses: StatusesClient
) -> None:
    """The keeper is told: it is tried again."""
    plane.will(CALL, Answer(403, {"kind": "Status", "reason": "Forbidden", "message": "cannot"}))
    with pytest.raises(Trouble) as raised:
        statuses.patch(BODY, PATCH)
    assert raised.value.reason is Reason.FORBIDDEN
