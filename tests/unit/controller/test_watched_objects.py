"""What use cases see of our own kinds: the watch's indices, slim."""

from typing import Any, cast

import kopf

from rolesanywhere.controller.objects import (
    IDENTITIES_OF,
    INDICES,
    PROFILES,
    PROFILES_OF,
    TRUST_ANCHORS,
    WatchedObjects,
    slim,
)
from rolesanywhere.reconcile.ports import KubernetesObject

BODY: dict[str, Any] = {
    "apiVersion": "rolesanywhere.dev/v1alpha1",
    "kind": "WorkloadIdentity",
    "metadata": {
        "name": "report",
        "namespace": "shop",
        "uid": "u",
        "generation": 2,
        "creationTimestamp": "2026-11-24T12:00:00Z",
        "deletionTimestamp": "2026-11-24T13:00:00Z",
        "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"},
        "managedFields": [{"manager": "kubectl"}],
    },
    "spec": {"profileRef": {"name": "default"}},
    "status": {"roleArn": "arn"},
}


class Server:
    """An API server with these objects, which counts how often it is asked."""

    def __init__(self, **bodies: dict[str, Any]) -> None:
        self.bodies = bodies
        self.asked: list[tuple[str, str]] = []

    def read(self, kind: str, name: str) -> dict[str, Any] | None:
        """Read one."""
        self.asked.append((kind, name))
        return self.bodies.get(kind) if name == "late" else None


def objects(
    server: Server | None = None, **indices: dict[str, list[KubernetesObject]]
) -> WatchedObjects:
    whole = {name: indices.get(name, {}) for name in INDICES}
    shown = cast("dict[str, kopf.Index[str, KubernetesObject]]", whole)
    return WatchedObjects(shown, server or Server())


def test_an_object_is_kept_slim() -> None:
    """No annotations and no managed fields: there may be thousands."""
    shown = slim(kopf.Body(cast("kopf.RawBody", BODY)))
    assert (shown.namespace, shown.name, shown.uid) == ("shop", "report", "u")
    assert shown.body["spec"] == BODY["spec"]
    assert shown.body["status"] == BODY["status"]
    kept = {"name", "namespace", "uid", "generation", "creationTimestamp", "deletionTimestamp"}
    assert set(cast("dict[str, Any]", shown.body["metadata"])) == kept


def test_a_new_cluster_scoped_object() -> None:
    """It has no namespace, no status, and is not being deleted."""
    shown = slim({"metadata": {"name": "onprem", "uid": "u"}, "status": None})
    assert shown.namespace is None
    assert shown.body == {"metadata": {"name": "onprem", "uid": "u"}, "spec": {}, "status": {}}


def test_objects_are_found_by_name_and_reference() -> None:
    """Each question has its index."""
    one, two = slim(BODY), slim({**BODY, "metadata": {"name": "two", "uid": "v"}})
    server = Server()
    found = objects(
        server,
        **{
            TRUST_ANCHORS: {"onprem": [one]},
            PROFILES: {"default": [two]},
            PROFILES_OF: {"onprem": [one, two]},
            IDENTITIES_OF: {"default": [two]},
        },
    )
    assert found.trust_anchor("onprem") is one
    assert found.profile("default") is two
    assert list(found.profiles_of("onprem")) == [one, two]
    assert list(found.identities_of("default")) == [two]
    assert list(found.shown_profiles(["default", "other"])) == [two]
    assert server.asked == []


def test_what_the_watch_has_not_shown_is_looked_for_once_more() -> None:
    """It was applied a moment before who refers to it, and is in another watch."""
    body = {"metadata": {"name": "late", "uid": "u", "managedFields": []}}
    server = Server(TrustAnchor=body, Profile=body)
    found = objects(server)
    assert found.trust_anchor("late") == slim(body)
    assert found.profile("late") == slim(body)
    assert server.asked == [("TrustAnchor", "late"), ("Profile", "late")]
    assert list(found.shown_profiles(["late"])) == []


def test_what_is_not_there_is_not_found() -> None:
    """Neither a name nor anyone who refers to it."""
    found = objects()
    assert found.trust_anchor("onprem") is None
    assert found.profile("default") is None
    assert list(found.profiles_of("onprem")) == []
    assert list(found.identities_of("default")) == []
