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


class RefusedError(Exception):
    """The API server took a manifest for wrong; ``answer`` has a line for each fault."""

    def __init__(self, answer: list[str]) -> None:
        super().__init__("\n".join(answer))
        self.answer = answer


class ObjectsApi:
    """Create, change and delete objects of our kinds. Unknown fields are refused, as by kubectl."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - the client carries no types
        self._api: Any = kubernetes.client.CustomObjectsApi(client)

    def create(self, manifest: Manifest, *, dry_run: bool = False) -> Manifest:
        """Create an object and give it as stored, or as it would be. Raises ``RefusedError``."""
        return self._call("create", manifest, body=manifest, **_options(dry_run=dry_run))

    def try_change(self, manifest: Manifest) -> Manifest:
        """Give an object as it would be were it replaced. Raises ``RefusedError``."""
        held = self._call("get", manifest, name=manifest["metadata"]["name"])
        metadata = held["metadata"] | manifest["metadata"]
        body = manifest | {"metadata": metadata}
        return self._call(
            "replace", manifest, name=metadata["name"], body=body, **_options(dry_run=True)
        )

    def delete(self, manifest: Manifest) -> None:
        """Delete an object."""
        self._call("delete", manifest, name=manifest["metadata"]["name"])

    def _call(self, verb: str, manifest: Manifest, **arguments: object) -> Manifest:
        namespace = manifest["metadata"].get("namespace")
        scope = "namespaced" if namespace else "cluster"
        place = {"namespace": namespace} if namespace else {}
        method = getattr(self._api, f"{verb}_{scope}_custom_object")
        try:
            answer: Manifest = method(
                group=names.GROUP,
                version=names.VERSION,
                plural=PLURALS[manifest["kind"]],
                **place,
                **arguments,
            )
        except ApiException as error:
            raise RefusedError(_faults(json.loads(error.body or "{}"))) from error
        return answer


@contextmanager
def connected(kubeconfig: Path) -> Iterator[ObjectsApi]:
    """Connect for as long as the block lasts."""
    load: Any = kubernetes.config.new_client_from_config
    with load(str(kubeconfig)) as client:
        yield ObjectsApi(client)


def _options(*, dry_run: bool) -> Manifest:
    return {"field_validation": "Strict"} | ({"dry_run": "All"} if dry_run else {})


def _faults(status: Manifest) -> list[str]:
    causes = status.get("details", {}).get("causes", [])
    told = [f"{cause['field']}: {cause['message']}" for cause in causes]
    return [line for line in told if UNCHECKED not in line] or [status.get("message", "")]
