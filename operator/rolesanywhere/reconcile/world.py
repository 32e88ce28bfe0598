"""Everything a use case may reach: the ports, the settings, and what passes share in memory."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rolesanywhere.domain.identity_terms import Who
from rolesanywhere.reconcile.authority_cache import AuthorityCache
from rolesanywhere.reconcile.aws_ports import Aws
from rolesanywhere.reconcile.ports import Clock, Namespaces, Objects, Pki, Secrets
from rolesanywhere.reconcile.recent import Recent
from rolesanywhere.reconcile.resource import WorkloadIdentity


@dataclass(frozen=True, slots=True)
class Settings:
    """What the wiring decides. ``namespace`` is the operator's own: own CAs' Secrets live there.

    ``endpoint`` goes into ``agent.json``: where agents find CreateSession; None: AWS's own.
    """

    cluster_id: str
    trust_domain: str
    namespace: str
    endpoint: str | None = None
    resync_seconds: float = 600.0  # between looks at an object that is well
    refused_seconds: float = 60.0  # between looks at an object whose spec must change
    proof_seconds: float = 3600.0  # how old the proof of a session may become

    def who(self, identity: WorkloadIdentity) -> Who:
        """Say whose names are derived, for an identity."""
        return Who(
            namespace=identity.namespace or "",
            name=identity.name,
            uid=identity.uid,
            cluster_id=self.cluster_id,
            trust_domain=self.trust_domain,
        )


class Locks:
    """Locks by name: one writer at a time for a thing in AWS that several objects share."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held: dict[str, tuple[threading.Lock, int]] = {}

    @contextmanager
    def holding(self, name: str) -> Iterator[None]:
        """Hold the lock of ``name``; forgotten when nobody waits for it."""
        with self._guard:
            lock, users = self._held.get(name, (threading.Lock(), 0))
            self._held[name] = (lock, users + 1)
        try:
            with lock:
                yield
        finally:
            with self._guard:
                lock, users = self._held[name]
                if users == 1:
                    del self._held[name]
                else:
                    self._held[name] = (lock, users - 1)


@dataclass(frozen=True, slots=True)
class World:
    """What use cases get.

    ``joining``, ``turns`` and ``reads`` only save time: losing them loses nothing.
    """

    aws: Aws
    pki: Pki
    secrets: Secrets
    namespaces: Namespaces
    objects: Objects
    clock: Clock
    settings: Settings
    authorities: AuthorityCache
    locks: Locks = field(default_factory=Locks)
    joining: Recent = field(default_factory=Recent)  # role ARNs not yet seen in a status
    turns: Recent = field(default_factory=Recent)  # when an identity may try a session
    reads: Recent = field(default_factory=Recent)  # when a role was last read with all it has
