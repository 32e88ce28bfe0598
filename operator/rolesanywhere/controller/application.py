"""The running controller: what handlers find in kopf's memo."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import kopf

from rolesanywhere.controller.agenda import Agenda
from rolesanywhere.controller.faces import Faces
from rolesanywhere.controller.keeper import Desk, Keeper
from rolesanywhere.controller.objects import WatchedObjects
from rolesanywhere.controller.options import Options
from rolesanywhere.controller.wiring import Wiring
from rolesanywhere.reconcile import profile, trust_anchor, workload_identity
from rolesanywhere.reconcile.ports import KubernetesObject


class Application:
    """One keeper per kind, and what they share. kopf copies it per object: shallow, and so one."""

    objects: WatchedObjects
    trust_anchors: Keeper
    profiles: Keeper
    identities: Keeper

    def __init__(self, options: Options, wiring: Wiring) -> None:
        """Make what needs no event loop and no indices yet."""
        self.options = options
        self.agenda = Agenda(
            clock=wiring.monotonic, chance=wiring.chance, longest=options.resync_seconds
        )
        self.faces = Faces()
        self._wiring = wiring
        self._executor = ThreadPoolExecutor(options.workers, thread_name_prefix="reconcile")

    def start(self, indices: Mapping[str, kopf.Index[str, KubernetesObject]]) -> None:
        """Connect to AWS and the API server. Raises ``Trouble`` when the cluster has no answer."""
        self.objects = WatchedObjects(indices, self._wiring.reader())
        desk = Desk(
            world=self._wiring.world(self.objects),
            events=self._wiring.events(),
            statuses=self._wiring.statuses(),
            agenda=self.agenda,
            faces=self.faces,
            executor=self._executor,
            chance=self._wiring.chance,
        )
        self.trust_anchors = Keeper(desk, trust_anchor.reconcile, trust_anchor.delete)
        self.profiles = Keeper(desk, profile.reconcile, profile.delete)
        self.identities = Keeper(desk, workload_identity.reconcile, workload_identity.delete)

    def stop(self) -> None:
        """Let passes under way end, begin no more, and close connections."""
        self.agenda.close()
        self._executor.shutdown(cancel_futures=True)
        self._wiring.close()
