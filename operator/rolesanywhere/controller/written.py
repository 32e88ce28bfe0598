"""Statuses we wrote and the watch may not have shown yet: a pass must not begin without them."""

from typing import Any

from rolesanywhere.reconcile.resource import Body


class Written:
    """The last status of each object, until it is seen. Whoever uses it holds the object's turn."""

    def __init__(self) -> None:
        self._statuses: dict[str, tuple[int, dict[str, Any]]] = {}

    def note(self, uid: str, version: str, status: dict[str, Any]) -> None:
        """Remember what was written, and the ``resourceVersion`` it made."""
        self._statuses[uid] = int(version), status

    def seen(self, body: Body) -> Body:
        """Give the object with its latest status, the watch's or ours.

        Of one object, versions are compared as numbers:
        https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
        """
        uid = body["metadata"]["uid"]
        version, status = self._statuses.get(uid, (0, {}))
        if int(body["metadata"]["resourceVersion"]) >= version:
            self.forget(uid)
            return body
        return {**body, "status": status}

    def forget(self, uid: str) -> None:
        """Drop an object that is gone."""
        self._statuses.pop(uid, None)
