"""One object of our own kinds, as the API server has it at this moment.

For what the watch has not shown: it is kopf that watches, and reads by the hundred.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from rolesanywhere.api import names
from rolesanywhere.domain.trouble import NotFound
from rolesanywhere.kube.client import ApiServer
from rolesanywhere.kube.errors import Call


class ObjectsClient:
    """Reads objects. Thread-safe."""

    def __init__(self, server: ApiServer) -> None:
        """Share ``server``'s connections."""
        self._server = server

    def read(self, kind: str, name: str) -> Mapping[str, Any] | None:
        """Read a cluster-scoped object of ours; None if there is none. Raises ``Trouble``."""
        call = Call("get", names.PLURALS[kind], name=name, api=f"/apis/{names.API_VERSION}")
        with suppress(NotFound):
            return self._server.request(call)
        return None
