"""Our own kinds as the watch last showed them, out of kopf's indices.

Indices are filled before any handler runs, so a restart never takes an object for missing.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import kopf

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


class WatchedObjects:
    """``reconcile.ports.Objects`` over kopf's indices. Read from any thread."""

    def __init__(self, indices: Mapping[str, kopf.Index[str, KubernetesObject]]) -> None:
        """Take all indices by id, as kopf gives them to a start-up handler."""
        self._indices = indices

    def trust_anchor(self, name: str) -> KubernetesObject | None:
        """One TrustAnchor."""
        return next(iter(self._all(TRUST_ANCHORS, name)), None)

    def profile(self, name: str) -> KubernetesObject | None:
        """One Profile."""
        return next(iter(self._all(PROFILES, name)), None)

    def profiles_of(self, trust_anchor: str) -> Iterable[KubernetesObject]:
        """List the Profiles that refer to a TrustAnchor."""
        return self._all(PROFILES_OF, trust_anchor)

    def identities_of(self, profile: str) -> Iterable[KubernetesObject]:
        """List the WorkloadIdentities that refer to a Profile."""
        return self._all(IDENTITIES_OF, profile)

    def _all(self, index: str, key: str) -> tuple[KubernetesObject, ...]:
        try:
            # In one step: the event loop changes the store while threads read it.
            return tuple(self._indices[index][key])
        except KeyError:
            return ()
