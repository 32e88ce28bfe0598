"""Secrets, namespaces and events over HTTP: what is sent, and what answers become."""

import logging
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.flow.scripted_control_plane import Answer, ScriptedControlPlane
from tests.unit.kube.answering import kubeconfig, status

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.observed import OwnerReference, SecretRecord
from rolesanywhere.domain.trouble import AlreadyExists, Conflict, NotFound, Refusal, Trouble
from rolesanywhere.kube.client import ApiServer, connect
from rolesanywhere.kube.errors import Call
from rolesanywhere.kube.events import EventsClient, EventType
from rolesanywhere.kube.namespaces import NamespacesClient
from rolesanywhere.kube.objects import ObjectsClient
from rolesanywhere.kube.secrets import SecretsClient
from rolesanywhere.reconcile.ports import Namespaces, Secrets

SECRETS = "/api/v1/namespaces/shop/secrets"
OWNER = OwnerReference("rolesanywhere.dev/v1alpha1", "WorkloadIdentity", "report", "uid-of-owner")
SECRET = SecretRecord(
    namespace="shop",
    name="report",
    type="kubernetes.io/tls",
    data={"tls.key": b"very-secret", "tls.crt": b"\x00\xff"},
    labels={"a": "b"},
    annotations={"c": "d"},
    owner=OWNER,
)


def secret_json(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "namespace": "shop",
            "name": "report",
            "uid": "uid-1",
            "resourceVersion": "7",
            "labels": {"a": "b"},
            "annotations": {"c": "d"},
            "ownerReferences": [
                {"apiVersion": "v1", "kind": "ConfigMap", "name": "x", "uid": "y"},
                {
                    "apiVersion": OWNER.api_version,
                    "kind": OWNER.kind,
                    "name": OWNER.name,
                    "uid": OWNER.uid,
                    "controller": True,
                },
            ],
        },
        "type": "kubernetes.io/tls",
        "data": {
            "tls.key": b64encode(b"very-secret").decode(),
            "tls.crt": b64encode(b"\x00\xff").decode(),
        },
        **changes,
    }


NOT_FOUND = status(404, "NotFound", 'secrets "report" not found')


def secrets_of(server: ApiServer) -> Secrets:
    return SecretsClient(server)


def namespaces_of(server: ApiServer, clock: Callable[[], float] = lambda: 0.0) -> Namespaces:
    return NamespacesClient(server, clock=clock, fresh_seconds=5)


def test_a_secret_is_read(plane: ScriptedControlPlane, server: ApiServer) -> None:
    """Data decoded, the controlling owner among several; the operator shows its token."""
    plane.will(f"GET {SECRETS}/report", Answer(200, secret_json()))
    secret = secrets_of(server).read("shop", "report")
    assert secret is not None
    assert (secret.uid, secret.resource_version) == ("uid-1", "7")
    assert secret.data == SECRET.data
    assert secret.labels == {"a": "b"}
    assert secret.owner == OWNER
    assert plane.asked[0].headers["Authorization"] == "Bearer a-token"
    assert plane.asked[0].headers["User-Agent"] == "rolesanywhere-operator"


def test_a_bare_secret_is_read(plane: ScriptedControlPlane, server: ApiServer) -> None:
    """The API server leaves empty fields out."""
    metadata = {"namespace": "shop", "name": "report", "uid": "u", "resourceVersion": "1"}
    plane.will(f"GET {SECRETS}/report", Answer(200, {"metadata": metadata, "type": "Opaque"}))
    secret = secrets_of(server).read("shop", "report")
    assert secret == SecretRecord("shop", "report", "Opaque", {}, {}, {}, "u", "1")


def test_a_missing_secret_is_none(plane: ScriptedControlPlane, server: ApiServer) -> None:
    """Missing is an answer."""
    plane.will(f"GET {SECRETS}/report", NOT_FOUND)
    assert secrets_of(server).read("shop", "report") is None


def test_a_secret_is_created_whole(plane: ScriptedControlPlane, server: ApiServer) -> None:
    """One write: labels, owner and all data."""
    plane.will(f"POST {SECRETS}", Answer(201, secret_json()))
    assert secrets_of(server).create(SECRET).uid == "uid-1"
    body = plane.asked[0].body
    assert body["type"] == "kubernetes.io/tls"
    assert body["data"] == secret_json()["data"]
    assert body["metadata"] == {
        "namespace": "shop",
        "name": "report",
        "labels": {"a": "b"},
        "annotations": {"c": "d"},
        "ownerReferences": [
            {
                "apiVersion": OWNER.api_version,
                "kind": OWNER.kind,
                "name": OWNER.name,
                "uid": OWNER.uid,
                "controller": True,
                "blockOwnerDeletion": False,
            }
        ],
    }


def test_a_secret_is_replaced_as_it_was_read(
    plane: ScriptedControlPlane, server: ApiServer
) -> None:
    """Version and uid travel along: someone else's change is not overwritten."""
    plane.will(f"GET {SECRETS}/report", Answer(200, secret_json()))
    plane.will(f"PUT {SECRETS}/report", Answer(200, secret_json()))
    secrets = secrets_of(server)
    read = secrets.read("shop", "report")
    assert read is not None
    secrets.replace(read)
    metadata = plane.asked[1].body["metadata"]
    assert (metadata["uid"], metadata["resourceVersion"]) == ("uid-1", "7")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (status(409, "AlreadyExists", "exists"), AlreadyExists),
        (status(409, "Conflict", "the object has been modified"), Conflict),
        (NOT_FOUND, NotFound),
        (status(422, "Invalid", "metadata.labels: Invalid value"), Refusal),
    ],
)
def test_a_refused_write_says_why(
    plane: ScriptedControlPlane, server: ApiServer, answer: Answer, kind: type[Trouble]
) -> None:
    """The kind tells the use case what to do next; nothing of the data shows."""
    plane.will(f"PUT {SECRETS}/report", answer)
    with pytest.raises(kind) as caught:
        secrets_of(server).replace(SECRET)
    assert "did not update secrets shop/report" in caught.value.message
    assert "very-secret" not in f"{caught.value!r} {caught.value.__context__!r}"
    assert b64encode(b"very-secret").decode() not in repr(caught.value.__context__)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, {"kind": "Status"}),
        NOT_FOUND,
        status(409, "Conflict", "Precondition failed: UID in precondition: a, in object meta: b"),
    ],
    ids=["there", "gone", "another of its name"],
)
def test_exactly_the_secret_read_is_deleted(
    plane: ScriptedControlPlane, server: ApiServer, answer: Answer
) -> None:
    """The uid goes along; a successor of the same name is left alone, quietly."""
    plane.will(f"GET {SECRETS}/report", Answer(200, secret_json()))
    plane.will(f"DELETE {SECRETS}/report", answer)
    secrets = secrets_of(server)
    read = secrets.read("shop", "report")
    assert read is not None
    secrets.delete(read)
    assert plane.asked[1].body["preconditions"] == {"uid": "uid-1"}


def test_a_missing_right_names_itself(plane: ScriptedControlPlane, server: ApiServer) -> None:
    """Verb, resource and namespace, and where to add it."""
    said = 'secrets "report" is forbidden: User "x" cannot get resource "secrets" in "shop"'
    plane.will(f"GET {SECRETS}/report", status(403, "Forbidden", said))
    with pytest.raises(Trouble) as caught:
        secrets_of(server).read("shop", "report")
    assert type(caught.value) is Trouble
    assert caught.value.reason is Reason.FORBIDDEN
    assert caught.value.message == (
        "the operator may not get secrets in namespace shop: "
        f"add it to the operator's Role or ClusterRole ({said})"
    )


def test_a_quota_is_not_a_missing_right(plane: ScriptedControlPlane, server: ApiServer) -> None:
    """A 403 of quota or admission must not send anyone to edit the ClusterRole."""
    said = 'secrets "report" is forbidden: exceeded quota: secrets=10'
    plane.will(f"POST {SECRETS}", status(403, "Forbidden", said))
    with pytest.raises(Trouble) as caught:
        secrets_of(server).create(SECRET)
    assert caught.value.reason is Reason.FORBIDDEN
    assert "ClusterRole" not in caught.value.message
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (status(500, "InternalError", "etcd"), Reason.API_SERVER_UNAVAILABLE),
        (status(503, "ServiceUnavailable", "starting"), Reason.API_SERVER_UNAVAILABLE),
        (status(429, "TooManyRequests", "slow down"), Reason.API_SERVER_UNAVAILABLE),
        (status(401, "Unauthorized", "Unauthorized"), Reason.FORBIDDEN),
        (status(418, "Teapot", "short"), Reason.INTERNAL_ERROR),
        (Answer(502, "<html>"), Reason.API_SERVER_UNAVAILABLE),
        (Answer(lost=True), Reason.API_SERVER_UNAVAILABLE),
    ],
    ids=str,
)
def test_what_is_not_our_fault_is_tried_again(
    plane: ScriptedControlPlane, server: ApiServer, answer: Answer, reason: Reason
) -> None:
    """Outages, expired tokens and unknown answers are no Refusal."""
    plane.will(f"PUT {SECRETS}/report", answer)
    with pytest.raises(Trouble) as caught:
        secrets_of(server).replace(SECRET)
    assert type(caught.value) is Trouble
    assert caught.value.reason is reason
    assert "update secrets shop/report" in caught.value.message


@pytest.mark.parametrize(("verb", "attempts"), [("get", 2), ("update", 1), ("create", 1)])
def test_only_reads_are_repeated(
    plane: ScriptedControlPlane, server: ApiServer, verb: str, attempts: int
) -> None:
    """A write whose answer was lost may have happened: the use case looks."""
    call = Call(verb, "secrets", "shop", "report")
    plane.will(f"{call.method} {call.path}", Answer(lost=True))
    with pytest.raises(Trouble):
        server.request(call)
    assert len(plane.asked) == attempts


def test_a_name_cannot_leave_its_path(plane: ScriptedControlPlane, server: ApiServer) -> None:
    """Whatever a spec says, the path asked for is the one meant."""
    with pytest.raises(Trouble):
        secrets_of(server).read("shop", "../configmaps/x")
    assert plane.asked[0].target == f"{SECRETS}/..%2Fconfigmaps%2Fx"


def test_labels_of_a_namespace_are_kept_for_a_moment(
    plane: ScriptedControlPlane, server: ApiServer
) -> None:
    """Many identities of a namespace cost one read; a new label counts seconds later."""
    now = 0.0
    plane.will(
        "GET /api/v1/namespaces/shop",
        Answer(200, {"metadata": {"name": "shop", "labels": {"team": "a"}}}),
        Answer(200, {"metadata": {"name": "shop"}}),
    )
    namespaces = namespaces_of(server, clock=lambda: now)
    assert namespaces.labels("shop") == namespaces.labels("shop") == {"team": "a"}
    assert len(plane.asked) == 1
    now = 5.0
    assert namespaces.labels("shop") == {}


def test_a_missing_namespace_is_not_found(plane: ScriptedControlPlane, server: ApiServer) -> None:
    """It is asked for by name, in the cluster."""
    answer = status(404, "NotFound", 'namespaces "shop" not found')
    plane.will("GET /api/v1/namespaces/shop", answer)
    with pytest.raises(NotFound) as caught:
        namespaces_of(server).labels("shop")
    assert "get namespaces shop" in caught.value.message


def body_of(kind: str, namespace: str | None) -> dict[str, Any]:
    metadata = {"name": "report", "uid": "uid-9", "resourceVersion": "3"}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": "rolesanywhere.dev/v1alpha1", "kind": kind, "metadata": metadata}


@pytest.mark.parametrize(
    ("kind", "plural"), [("TrustAnchor", "trustanchors"), ("Profile", "profiles")]
)
def test_one_of_our_own_objects_is_read(
    plane: ScriptedControlPlane, server: ApiServer, kind: str, plural: str
) -> None:
    """As it is, or not at all; a refusal is one."""
    body = body_of(kind, None)
    plane.will(
        f"GET /apis/rolesanywhere.dev/v1alpha1/{plural}/report",
        Answer(200, body),
        status(404, "NotFound", "not found"),
        status(403, "Forbidden", f'user "x" cannot get resource "{plural}"'),
    )
    objects = ObjectsClient(server)
    assert objects.read(kind, "report") == body
    assert objects.read(kind, "report") is None
    with pytest.raises(Trouble) as caught:
        objects.read(kind, "report")
    assert caught.value.reason is Reason.FORBIDDEN


@pytest.mark.parametrize(
    ("body", "namespace"),
    [(body_of("WorkloadIdentity", "shop"), "shop"), (body_of("TrustAnchor", None), "default")],
)
def test_an_event_is_published(
    plane: ScriptedControlPlane, server: ApiServer, body: dict[str, Any], namespace: str
) -> None:
    """Where ``kubectl describe`` looks for it, also for cluster-scoped objects."""
    plane.will(f"POST /api/v1/namespaces/{namespace}/events", Answer(201, {}))
    moment = datetime(2026, 11, 24, 12, tzinfo=UTC)
    events = EventsClient(server, now=lambda: moment, instance="pod-1")
    events.publish(body, event_type=EventType.WARNING, reason="AccessDenied", message="m" * 2000)
    sent = plane.asked[0].body
    assert sent["metadata"] == {"generateName": "report.", "namespace": namespace}
    assert sent["involvedObject"] == {
        "apiVersion": "rolesanywhere.dev/v1alpha1",
        "kind": body["kind"],
        **body["metadata"],
    }
    assert (sent["type"], sent["reason"]) == ("Warning", "AccessDenied")
    assert len(sent["message"]) == 1024
    assert sent["lastTimestamp"] == "2026-11-24T12:00:00Z"
    assert sent["reportingComponent"] == "rolesanywhere-operator"


def test_a_lost_event_is_logged_and_nothing_fails(
    plane: ScriptedControlPlane, server: ApiServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A namespace on its way out takes no events; deletion goes on."""
    said = "unable to create new content in namespace shop because it is being terminated"
    plane.will("POST /api/v1/namespaces/shop/events", status(403, "Forbidden", said))
    events = EventsClient(server, now=lambda: datetime.now(UTC), instance="pod-1")
    with caplog.at_level(logging.WARNING):
        events.publish(
            body_of("WorkloadIdentity", "shop"),
            event_type=EventType.NORMAL,
            reason="Ready",
            message="ready",
        )
    assert said in caplog.text


def test_nobody_there_is_said_so(tmp_path: Path) -> None:
    """The cause is named, without a pool's address in memory."""
    api = connect(kubeconfig=kubeconfig(tmp_path, "http://127.0.0.1:1"))
    with pytest.raises(Trouble) as caught:
        api.request(Call("get", "namespaces", name="shop"))
    api.close()
    assert caught.value.reason is Reason.API_SERVER_UNAVAILABLE
    assert "Connection refused" in caught.value.message
    assert "0x" not in caught.value.message


def test_an_answer_that_is_not_json_is_trouble(
    plane: ScriptedControlPlane, server: ApiServer
) -> None:
    """A login page of a proxy answers 200 too."""
    plane.will("GET /api/v1/namespaces/shop", Answer(200, raw=b"<html>"))
    with pytest.raises(Trouble) as caught:
        namespaces_of(server).labels("shop")
    assert caught.value.reason is Reason.API_SERVER_UNAVAILABLE


def test_without_a_cluster_it_says_what_to_do(tmp_path: Path) -> None:
    """Started on a bare machine, the message tells the two ways."""
    with pytest.raises(Refusal) as caught:
        connect(kubeconfig=tmp_path / "none")
    assert caught.value.message.endswith("run in a pod, or name a kubeconfig")
