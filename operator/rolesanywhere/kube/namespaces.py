"""Namespaces of the cluster: their labels, by which a Profile's selector admits them."""

from collections.abc import Callable, Mapping
from typing import Final

from rolesanywhere.kube.client import ApiServer
from rolesanywhere.kube.errors import Call

FRESH_SECONDS: Final = 5.0


class NamespacesClient:
    """``reconcile.ports.Namespaces`` over the API server; answers are kept for a few seconds.

    Thread-safe: two threads may both ask for a namespace, the later answer stays.
    """

    def __init__(
        self,
        server: ApiServer,
        *,
        clock: Callable[[], float],
        fresh_seconds: float = FRESH_SECONDS,
    ) -> None:
        """``clock`` gives monotonic seconds; ``fresh_seconds`` is how old an answer may be."""
        self._server = server
        self._clock = clock
        self._fresh_seconds = fresh_seconds
        self._kept: dict[str, tuple[float, Mapping[str, str]]] = {}

    def labels(self, name: str) -> Mapping[str, str]:
        """Labels of a namespace, a few seconds old at most. Raises ``NotFound``."""
        now = self._clock()
        kept = self._kept.get(name)
        if kept is not None and now - kept[0] < self._fresh_seconds:
            return kept[1]
        self._kept.pop(name, None)  # a namespace that is gone is not kept for ever
        answer = self._server.request(Call("get", "namespaces", name=name))
        labels: Mapping[str, str] = answer["metadata"].get("labels") or {}
        self._kept[name] = (now, labels)
        return labels
