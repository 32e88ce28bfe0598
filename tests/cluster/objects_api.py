"""Our kinds over the API server's own HTTP: what it says, word for word, and in milliseconds."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import kubernetes.client
import kubernetes.config
from kubernetes.client.exceptions import ApiException

from rolesanywhere.api import names

Manifest = dict[str, Any]

PLURALS: Final = {
    names.TRUST_ANCHOR: names.TRUST_ANCHORS,
    names.PROFILE: names.PROFILES,
    names.WORKLOAD_IDENTITY: names.WORKLOAD_IDENTITIES,
}
# Said along with faults that keep the rules from being evaluated at all; it names no fault itself.
UNCHECKED: Final = "some validation rules were not checked because the object was invalid"
TRIED: Final = {"dry_run": "All", "field_validation": "Strict"}  # strict as kubectl is


class RefusedError(Exception):
    """The API server took a manifest for wrong; ``answer`` has a line for each fault."""

    def __init__(self, answer: list[str]) -> None:
        super().__init__("\n".join(answer))
        self.answer = answer


class ObjectsApi:
    """Objects of our kinds, on a server. What is only tried is checked in full and not stored."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - the client carries no types
        self._api: Any = kubernetes.client.CustomObjectsApi(client)

    @contextmanager
    def existing(self, manifest: Manifest) -> Iterator[Manifest]:
        """Keep an object for as long as the block lasts; give it as stored."""
        stored = self._call("create", manifest, body=manifest, field_validation="Strict")
        try:
            yield stored
        finally:
            self._call("delete", manifest, name=manifest["metadata"]["name"])

    def try_create(self, manifest: Manifest) -> Manifest:
        """Give an object as it would be stored. Raises ``RefusedError``."""
        return self._call("create", manifest, body=manifest, **TRIED)

    def try_change(self, manifest: Manifest) -> Manifest:
        """Give an existing object as it would be when replaced. Raises ``RefusedError``."""
        name = manifest["metadata"]["name"]
        held = self._call("get", manifest, name=name)
        body = manifest | {"metadata": held["metadata"]}
        return self._call("replace", manifest, name=name, body=body, **TRIED)

    def set_status(self, manifest: Manifest, status: object) -> Manifest:
        """Write an object's status and give the object as stored. Raises ``RefusedError``."""
        return self._call(
            "patch",
            manifest,
            "_status",
            name=manifest["metadata"]["name"],
            body={"status": status},
            field_validation="Strict",
        )

    def _call(self, verb: str, manifest: Manifest, part: str = "", **arguments: object) -> Manifest:
        namespace = manifest["metadata"].get("namespace")
        scope = "namespaced" if namespace else "cluster"
        place = {"namespace": namespace} if namespace else {}
        method = getattr(self._api, f"{verb}_{scope}_custom_object{part}")
        kind = {"group": names.GROUP, "version": names.VERSION, "plural": PLURALS[manifest["kind"]]}
        try:
            answer: Manifest = method(**kind, **place, **arguments)
        except ApiException as error:
            raise RefusedError(_faults(json.loads(error.body or "{}"))) from error
        return answer


@contextmanager
def connected(kubeconfig: Path) -> Iterator[ObjectsApi]:
    """Connect for as long as the block lasts."""
    load: Any = kubernetes.config.new_client_from_config
    with load(str(kubeconfig)) as client:
        yield ObjectsApi(client)


def named(manifest: Manifest, name: str, namespace: str = "default") -> Manifest:
    """Give the manifest with a name of its own, in a namespace if its kind has one."""
    place = {"namespace": namespace} if manifest["kind"] == names.WORKLOAD_IDENTITY else {}
    return manifest | {"metadata": {"name": name, **place}}


def _faults(status: Manifest) -> list[str]:
    causes = status.get("details", {}).get("causes", [])
    told = [f"{cause['field']}: {cause['message']}" for cause in causes]
    return [line for line in told if UNCHECKED not in line] or [status.get("message", "")]
