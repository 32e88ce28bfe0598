"""Our own kinds as the watch last showed them, out of kopf's indices.

Indices are filled before any handler runs, so a restart never takes an object for missing. Each
kind has a watch of its own, and one may be behind another: what was applied just before its
dependents may not be shown yet. So an object that is not there is looked for once more.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol

import kopf

from rolesanywhere.api import names
from rolesanywhere.reconcile.ports import KubernetesObject

TRUST_ANCHORS: Final = "trust_anchors_by_name"  # ids of the indices in ``indices``
PROFILES: Final = "profiles_by_name"
PROFILES_OF: Final = "profiles_by_trust_anchor"
IDENTITIES_OF: Final = "identities_by_profile"
INDICES: Final = (TRUST_ANCHORS, PROFILES, PROFILES_OF, IDENTITIES_OF)
_KEPT: Final = ("namespace", "name", "uid", "generation", "creationTimestamp", "deletionTimestamp")


def slim(body: Mapping[str, Any]) -> KubernetesObject:
    """Keep what use cases read: no managed fields, no annotations."""
    metadata = body["metadata"]
    return KubernetesObject(
        namespace=metadata.get("namespace"),
        name=metadata["name"],
        uid=metadata["uid"],
        body={
            "metadata": {key: metadata[key] for key in _KEPT if key in metadata},
            "spec": dict(body.get("spec", {})),
            "status": dict(body.get("status") or {}),
        },
    )


class Reader(Protocol):
    """Asks the API server."""

    def read(self, kind: str, name: str) -> Mapping[str, Any] | None:
        """Read a cluster-scoped object of ours; None if there is none. Raises ``Trouble``."""


class WatchedObjects:
    """``reconcile.ports.Objects`` over kopf's indices. Read from any thread.

    ``trust_anchor`` and ``profile`` may wait for the API server: not for the event loop.
    """

    def __init__(
        self, indices: Mapping[str, kopf.Index[str, KubernetesObject]], server: Reader
    ) -> None:
        """Take all indices by id, as kopf gives them to a start-up handler."""
        self._indices = indices
        self._server = server

    def trust_anchor(self, name: str) -> KubernetesObject | None:
        """One TrustAnchor. Raises ``Trouble``."""
        return self._shown(TRUST_ANCHORS, name) or self._read(names.TRUST_ANCHOR, name)

    def profile(self, name: str) -> KubernetesObject | None:
        """One Profile. Raises ``Trouble``."""
        return self._shown(PROFILES, name) or self._read(names.PROFILE, name)

    def shown_profiles(self, wanted: Iterable[str]) -> Iterable[KubernetesObject]:
        """List those of the named Profiles that the watch has shown. Never waits."""
        found = (self._shown(PROFILES, name) for name in wanted)
        return [each for each in found if each is not None]

    def profiles_of(self, trust_anchor: str) -> Iterable[KubernetesObject]:
        """List the Profiles that refer to a TrustAnchor."""
        return self._all(PROFILES_OF, trust_anchor)

    def identities_of(self, profile: str) -> Iterable[KubernetesObject]:
        """List the WorkloadIdentities that refer to a Profile."""
        return self._all(IDENTITIES_OF, profile)

    def _shown(self, index: str, name: str) -> KubernetesObject | None:
        return next(iter(self._all(index, name)), None)

    def _read(self, kind: str, name: str) -> KubernetesObject | None:
        body = self._server.read(kind, name)
        return None if body is None else slim(body)

    def _all(self, index: str, key: str) -> tuple[KubernetesObject, ...]:
        try:
            # In one step: the event loop changes the store while threads read it.
            return tuple(self._indices[index][key])
        except KeyError:
            return ()
