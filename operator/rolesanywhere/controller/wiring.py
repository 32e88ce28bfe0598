"""Which implementation stands behind each port, in the controller."""

import logging
import os
import random
import socket
import time
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from rolesanywhere.aws.clients import AwsGateway, GatewaySettings
from rolesanywhere.controller.candidate import Candidate
from rolesanywhere.controller.leadership import Leadership
from rolesanywhere.controller.options import Options
from rolesanywhere.kube import lease
from rolesanywhere.kube.client import connect
from rolesanywhere.kube.cluster import cluster_id
from rolesanywhere.kube.events import EventsClient
from rolesanywhere.kube.namespaces import NamespacesClient
from rolesanywhere.kube.objects import ObjectsClient
from rolesanywhere.kube.secrets import SecretsClient
from rolesanywhere.kube.statuses import StatusesClient
from rolesanywhere.pki.adapter import X509
from rolesanywhere.reconcile.authority_cache import AuthorityCache
from rolesanywhere.reconcile.ports import Objects
from rolesanywhere.reconcile.world import Settings, World

_LEASE_READ_SECONDS: Final = 5.0  # half of what a holder has: an answer that is lost costs one try
logger: Final = logging.getLogger(__name__)


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """UTC now."""
        return datetime.now(UTC)


class Wiring:
    """Makes the world of one controller."""

    def __init__(self, options: Options) -> None:
        """Read where the API server is. Raises ``Refusal`` when nothing says so."""
        self._options = options
        self._server = connect(kubeconfig=options.kubeconfig, pool_size=options.workers * 2)
        self._clock = SystemClock()

    def world(self, objects: Objects) -> World:
        """Make the ports and settings of all use cases. Raises ``Trouble``."""
        options, pki = self._options, X509()
        secrets = SecretsClient(self._server)
        gateway = AwsGateway(
            now=self._clock.now,
            settings=GatewaySettings(
                # boto3 reads the second alone, the other SDKs the first.
                home_region=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION"),
                max_connections=options.workers,
                listing_seconds=min(30.0, options.resync_seconds),
                role_seconds=min(5.0, options.resync_seconds),
            ),
        )
        settings = self._settings()
        logger.info("cluster id %s, trust domain %s", settings.cluster_id, settings.trust_domain)
        return World(
            aws=gateway,
            pki=pki,
            secrets=secrets,
            namespaces=NamespacesClient(self._server, clock=self.monotonic),
            objects=objects,
            clock=self._clock,
            settings=settings,
            authorities=AuthorityCache(secrets, pki, self._clock, options.namespace),
        )

    def reader(self) -> ObjectsClient:
        """Make what reads one of our own objects."""
        return ObjectsClient(self._server)

    def events(self) -> EventsClient:
        """Make what publishes events."""
        return EventsClient(self._server, now=self._clock.now, instance=_instance())

    def statuses(self) -> StatusesClient:
        """Make what writes statuses."""
        return StatusesClient(self._server)

    def leadership(self) -> Leadership:
        """Make what leads, over a connection that no other work keeps busy."""
        server = connect(
            kubeconfig=self._options.kubeconfig, pool_size=1, read_seconds=_LEASE_READ_SECONDS
        )
        candidate = Candidate(
            lease.LeaseClient(server, self._options.namespace, lease.NAME),
            f"{_instance()}_{uuid4()}",
            clock=self.since_boot,
            now=self._clock.now,
        )
        return Leadership(candidate, chance=self.chance)

    def close(self) -> None:
        """Close connections to the API server."""
        self._server.close()

    @staticmethod
    def monotonic() -> float:
        """Give monotonic seconds."""
        return time.monotonic()

    @staticmethod
    def since_boot() -> float:
        """Give monotonic seconds, those included during which the machine was asleep.

        A holder that was suspended must notice on waking that its time is up.
        """
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    @staticmethod
    def chance() -> float:
        """Give a number in [0, 1), for jitter."""
        return random.random()  # noqa: S311 - spreads load; nobody gains by guessing it

    def _settings(self) -> Settings:
        options = self._options
        cluster = options.cluster_id or cluster_id(self._server)
        return Settings(
            cluster_id=cluster,
            # Of this cluster alone: clusters that share a CA must not share names in it.
            trust_domain=options.trust_domain or f"{cluster.lower()}.cluster.local",
            namespace=options.namespace,
            endpoint=options.session_endpoint,
            resync_seconds=options.resync_seconds,
            refused_seconds=options.refused_seconds,
            proof_seconds=options.proof_seconds,
        )


def _instance() -> str:
    """Name this process among its replicas."""
    return os.environ.get("POD_NAME") or socket.gethostname()
