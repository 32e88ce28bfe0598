"""The API server for tests of the controller: any object by name, and watches, in milliseconds.

``kubectl`` costs a tenth of a second of CPU each time; these tests ask hundreds of times.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

import kubernetes.config

from rolesanywhere.api import names

Manifest = dict[str, Any]

_OURS: Final = f"/apis/{names.API_VERSION}"
_RIGHTS: Final = "/apis/rbac.authorization.k8s.io/v1"
_PLACES: Final[Mapping[str, tuple[str, str]]] = {
    names.TRUST_ANCHOR: (_OURS, names.TRUST_ANCHORS),
    names.PROFILE: (_OURS, names.PROFILES),
    names.WORKLOAD_IDENTITY: (_OURS, names.WORKLOAD_IDENTITIES),
    "Secret": ("/api/v1", "secrets"),
    "Event": ("/api/v1", "events"),
    "Namespace": ("/api/v1", "namespaces"),
    "ClusterRole": (_RIGHTS, "clusterroles"),
}
_MERGE: Final = "application/merge-patch+json"
_JSON: Final = "application/json"
_SECONDS: Final = 30.0  # until an answer
_WATCH_SECONDS: Final = 3600  # longer than any run of these tests
_CONNECTIONS: Final = 12  # kept: one per watch, and some
_ERRORS: Final = 400  # HTTP statuses from here on


class Ref(NamedTuple):
    """An object by kind and name; ``namespace`` is empty for cluster-scoped kinds."""

    kind: str
    name: str
    namespace: str = ""

    @classmethod
    def of(cls, manifest: Manifest) -> "Ref":
        """Name the object of a manifest."""
        metadata = manifest["metadata"]
        return cls(manifest["kind"], metadata["name"], metadata.get("namespace", ""))

    def __str__(self) -> str:
        """Read as people write it."""
        return f"{self.kind} {'/'.join(part for part in self[:0:-1] if part)}"


class RefusedError(Exception):
    """The API server said no; ``status`` is HTTP's."""

    def __init__(self, status: int, answer: str) -> None:
        super().__init__(f"HTTP {status}: {answer}")
        self.status = status


class ApiServer:
    """The API server, with the rights of one kubeconfig. Thread-safe; ``close`` it."""

    def __init__(self, kubeconfig: Path) -> None:
        """Connect; nothing is asked yet."""
        load: Any = kubernetes.config.new_client_from_config
        self._client = load(str(kubeconfig))
        configuration = self._client.configuration
        configuration.connection_pool_maxsize = _CONNECTIONS
        self._host: str = configuration.host
        self._pool = self._client.rest_client.pool_manager
        self._pool.connection_pool_kw["maxsize"] = _CONNECTIONS

    def close(self) -> None:
        """Close all connections."""
        self._pool.clear()
        self._client.close()

    def create(self, manifest: Manifest) -> Manifest:
        """Create an object, strictly; gives it as stored. Raises ``RefusedError``."""
        return self._call("POST", _path(Ref.of(manifest), new=True), manifest)

    def read(self, ref: Ref) -> Manifest:
        """Read an object. Raises ``RefusedError``."""
        return self._call("GET", _path(ref))

    def list(self, kind: str) -> list[Manifest]:
        """List all objects of a kind. Raises ``RefusedError``."""
        items: list[Manifest] = self._call("GET", _path(Ref(kind, ""), new=True))["items"]
        return items

    def change(self, ref: Ref, patch: Manifest) -> Manifest:
        """Merge a patch into an object; gives it as stored. Raises ``RefusedError``."""
        return self._call("PATCH", _path(ref), patch, _MERGE)

    def delete(self, ref: Ref) -> None:
        """Ask for an object to be deleted, and do not wait. Raises ``RefusedError``."""
        self._call("DELETE", _path(ref))

    def text(self, path: str) -> str:
        """Read what is no object, such as /metrics. Raises ``RefusedError``."""
        answer = self._pool.request("GET", self._host + path, timeout=_SECONDS)
        return str(_require_success(answer).decode())

    def watch(self, kind: str, since: str = "") -> "Watch":
        """Watch all objects of a kind: those there are, then every change.

        ``since`` is the resource version after which to go on, without those there are.
        """
        path = f"{_path(Ref(kind, ''), new=True)}?watch=1&timeoutSeconds={_WATCH_SECONDS}"
        path += f"&resourceVersion={since}" if since else ""
        answer = self._pool.request(
            "GET", self._host + path, preload_content=False, timeout=_WATCH_SECONDS
        )
        return Watch(answer)

    def _call(
        self, method: str, path: str, body: Manifest | None = None, content: str = _JSON
    ) -> Manifest:
        answer = self._pool.request(
            method,
            f"{self._host}{path}{'?fieldValidation=Strict' if body is not None else ''}",
            headers={"Content-Type": content, "Accept": _JSON},
            body=json.dumps(body) if body is not None else None,
            timeout=_SECONDS,
        )
        told: Manifest = json.loads(_require_success(answer))
        return told


class Watch:
    """A watch's changes, one after another. ``stop`` ends it from any thread."""

    def __init__(self, answer: Any) -> None:  # noqa: ANN401 - urllib3's, behind an untyped client
        self._answer = answer
        self._stopped = False

    def __iter__(self) -> Iterator[tuple[str, Manifest]]:
        """Give each change's type (ADDED, MODIFIED, DELETED) and the object as it became."""
        try:
            for line in self._lines():
                change = json.loads(line)
                yield change["type"], change["object"]
        except Exception:
            if not self._stopped:
                raise
        finally:
            self._answer.release_conn()
            self._answer.close()

    def stop(self) -> None:
        """End it; whoever reads it sees its end."""
        self._stopped = True
        with suppress(OSError):  # it has ended by itself
            self._answer.shutdown()

    def _lines(self) -> Iterator[bytes]:
        rest = b""
        for piece in self._answer.stream(amt=None):
            *lines, rest = (rest + piece).split(b"\n")
            yield from lines


def _path(ref: Ref, *, new: bool = False) -> str:
    """Give an object's path, or the one that objects like it are created at and listed under."""
    api, plural = _PLACES[ref.kind]
    scope = f"/namespaces/{ref.namespace}" if ref.namespace else ""
    return f"{api}{scope}/{plural}{'' if new else f'/{ref.name}'}"


def _require_success(answer: Any) -> bytes:  # noqa: ANN401 - urllib3's, behind an untyped client
    content = bytes(answer.data)
    if answer.status >= _ERRORS:
        raise RefusedError(answer.status, content.decode())
    return content
