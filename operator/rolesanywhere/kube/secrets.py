"""Secrets of the cluster. Their data passes through here and is never logged nor part of an error.

https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/secret-v1/
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

from rolesanywhere.domain.observed import OwnerReference, SecretRecord
from rolesanywhere.domain.trouble import Conflict, NotFound
from rolesanywhere.kube.client import ApiServer
from rolesanywhere.kube.errors import Call

_SECRETS: Final = "secrets"


class SecretsClient:
    """``reconcile.ports.Secrets`` over the API server."""

    def __init__(self, server: ApiServer) -> None:
        """Share ``server``'s connections."""
        self._server = server

    def read(self, namespace: str, name: str) -> SecretRecord | None:
        """Read one; None if there is none."""
        with suppress(NotFound):
            return _from_json(self._server.request(Call("get", _SECRETS, namespace, name)))
        return None

    def create(self, secret: SecretRecord) -> SecretRecord:
        """Create one. Raises ``AlreadyExists``."""
        call = Call("create", _SECRETS, secret.namespace, secret.name)
        return _from_json(self._server.request(call, _to_json(secret)))

    def replace(self, secret: SecretRecord) -> SecretRecord:
        """Replace all of one at its ``resource_version``. Raises ``Conflict`` or ``NotFound``."""
        call = Call("update", _SECRETS, secret.namespace, secret.name)
        return _from_json(self._server.request(call, _to_json(secret)))

    def delete(self, secret: SecretRecord) -> None:
        """Delete exactly the one read (by uid); quietly if it is gone."""
        call = Call("delete", _SECRETS, secret.namespace, secret.name)
        options = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {"uid": secret.uid},
        }
        # Conflict: another Secret of this name is there by now, so the one read is gone.
        with suppress(NotFound, Conflict):
            self._server.request(call, options)


def _to_json(secret: SecretRecord) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "namespace": secret.namespace,
        "name": secret.name,
        "labels": dict(secret.labels),
        "annotations": dict(secret.annotations),
        "ownerReferences": [_owner_to_json(secret.owner)] if secret.owner else [],
    }
    if secret.uid:
        metadata["uid"] = secret.uid
    if secret.resource_version:
        metadata["resourceVersion"] = secret.resource_version
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "type": secret.type,
        "data": {key: b64encode(value).decode() for key, value in secret.data.items()},
    }


def _owner_to_json(owner: OwnerReference) -> dict[str, Any]:
    return {
        "apiVersion": owner.api_version,
        "kind": owner.kind,
        "name": owner.name,
        "uid": owner.uid,
        "controller": True,
        # False: to block an owner's deletion takes a right on the owner's finalizers, and a Secret
        # need not be gone before its owner.
        "blockOwnerDeletion": False,
    }


def _from_json(body: Mapping[str, Any]) -> SecretRecord:
    metadata = body["metadata"]
    return SecretRecord(
        namespace=metadata["namespace"],
        name=metadata["name"],
        type=body.get("type", "Opaque"),
        data={key: b64decode(value) for key, value in (body.get("data") or {}).items()},
        labels=metadata.get("labels") or {},
        annotations=metadata.get("annotations") or {},
        uid=metadata["uid"],
        resource_version=metadata["resourceVersion"],
        owner=_controller_from_json(metadata.get("ownerReferences") or ()),
    )


def _controller_from_json(references: Iterable[Mapping[str, Any]]) -> OwnerReference | None:
    for each in references:
        if each.get("controller"):
            return OwnerReference(each["apiVersion"], each["kind"], each["name"], each["uid"])
    return None
