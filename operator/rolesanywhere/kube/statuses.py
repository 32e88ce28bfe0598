"""The statuses of our own kinds: written here, not through kopf.

kopf gives up a patch after a minute without an API server, or at once when it is refused, and then
never runs that object's timer again: nothing would be renewed until the operator restarts.
https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from rolesanywhere.api import names
from rolesanywhere.domain.trouble import NotFound
from rolesanywhere.kube.client import ApiServer
from rolesanywhere.kube.errors import Call


class StatusesClient:
    """Writes statuses. Thread-safe."""

    def __init__(self, server: ApiServer) -> None:
        """Share ``server``'s connections."""
        self._server = server

    def patch(self, body: Mapping[str, Any], patch: Mapping[str, Any]) -> str | None:
        """Merge a patch into an object's status; gives the ``resourceVersion`` that made.

        None if the object is gone. Raises ``Trouble``.
        """
        metadata = body["metadata"]
        call = Call(
            "patch",
            f"{names.PLURALS[body['kind']]}/status",
            metadata.get("namespace"),
            metadata["name"],
            api=f"/apis/{names.API_VERSION}",
        )
        with suppress(NotFound):
            # By uid too: a new object of the same name has a status of its own.
            wanted = {"metadata": {"uid": metadata["uid"]}, "status": patch}
            answer = self._server.request(call, wanted)
            return str(answer["metadata"]["resourceVersion"])
        return None
