"""Which implementation stands behind each port, in the controller."""

import logging
import os
import random
import socket
import time
from datetime import UTC, datetime
from typing import Final

from rolesanywhere.aws.clients import AwsGateway, GatewaySettings
from rolesanywhere.controller.options import Options
from rolesanywhere.kube.client import connect
from rolesanywhere.kube.cluster import cluster_id
from rolesanywhere.kube.events import EventsClient
from rolesanywhere.kube.namespaces import NamespacesClient
from rolesanywhere.kube.secrets import SecretsClient
from rolesanywhere.kube.statuses import StatusesClient
from rolesanywhere.pki.adapter import X509
from rolesanywhere.reconcile.authority_cache import AuthorityCache
from rolesanywhere.reconcile.ports import Objects
from rolesanywhere.reconcile.world import Settings, World

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

    def events(self) -> EventsClient:
        """Make what publishes events."""
        instance = os.environ.get("POD_NAME") or socket.gethostname()
        return EventsClient(self._server, now=self._clock.now, instance=instance)

    def statuses(self) -> StatusesClient:
        """Make what writes statuses."""
        return StatusesClient(self._server)

    def close(self) -> None:
        """Close connections to the API server."""
        self._server.close()

    @staticmethod
    def monotonic() -> float:
        """Give monotonic seconds."""
        return time.monotonic()

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
