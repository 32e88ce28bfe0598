"""kopf's settings, each with its reason."""

from typing import Final

import kopf

from rolesanywhere.api import names
from rolesanywhere.controller.generations import Generations
from rolesanywhere.controller.progress import Progress

_WORKERS: Final = 64  # objects handled at once: unbounded, a thousand new ones took 281 MB
_IDLE_SECONDS: Final = 0.2  # the default of 5 keeps workers from other objects: 314 s for 1000
_SERVER_SECONDS: Final = 300  # a watch ends and starts again: none goes silent; whole, for Go
_CONNECT_SECONDS: Final = 10.0
_REQUEST_SECONDS: Final = 60.0
_EXIT_SECONDS: Final = 20.0  # within a pod's 30 seconds of grace
_POLLING_SECONDS: Final = 1.0  # how soon a deletion notices that an object's timer ended


def configure(settings: kopf.OperatorSettings) -> None:
    """Set what differs from kopf's defaults."""
    settings.peering.standalone = True  # peering is no leader election
    settings.posting.enabled = False  # events only on transitions, by our own hand
    settings.queueing.worker_limit = _WORKERS
    settings.queueing.idle_timeout = _IDLE_SECONDS
    settings.watching.server_timeout = _SERVER_SECONDS
    settings.watching.client_timeout = _SERVER_SECONDS + _CONNECT_SECONDS
    settings.watching.connect_timeout = _CONNECT_SECONDS
    settings.networking.request_timeout = _REQUEST_SECONDS
    settings.networking.connect_timeout = _CONNECT_SECONDS
    settings.process.ultimate_exiting_timeout = _EXIT_SECONDS
    settings.background.cancellation_polling = _POLLING_SECONDS
    # Our own names: two operators with kopf's defaults take each other's objects for handled.
    settings.persistence.finalizer = names.FINALIZER
    settings.persistence.progress_storage = Progress(prefix=names.GROUP)
    settings.persistence.diffbase_storage = Generations()
