"""AWS by region: one boto3 client per service and region, one throttle in front of them all.

boto3's own environment decides credentials, proxy, CA bundle and endpoints (AWS_ENDPOINT_URL and
its kin). No calls but GetCallerIdentity are made here.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

import boto3
from botocore.config import Config

from rolesanywhere.api import names
from rolesanywhere.aws.errors import translated
from rolesanywhere.aws.iam import IamClient
from rolesanywhere.aws.private_ca import PrivateCAClient
from rolesanywhere.aws.roles_anywhere import RolesAnywhereClient
from rolesanywhere.aws.sessions import SessionsClient
from rolesanywhere.aws.sharing import SharedAnswer
from rolesanywhere.aws.throttle import Throttle

_Client: TypeAlias = Any  # boto3 ships no types
_Session: TypeAlias = Any
_GLOBAL: Final = ""  # the throttle's region of IAM and STS, whose quotas are the account's


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """What the wiring may change about calls to AWS. Times in seconds."""

    home_region: str | None = None  # of STS and of IAM's partition; None: as boto3 finds it
    connect_timeout_seconds: float = 5.0
    read_timeout_seconds: float = 20.0
    max_connections: int = 32  # per client; at least the number of worker threads
    listing_seconds: float = 30.0  # how old a listing of anchors or profiles may be
    role_seconds: float = 5.0  # how old a shared answer about a role may be


class AwsGateway:
    """``reconcile.aws_ports.Aws`` over boto3. Thread-safe."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        settings: GatewaySettings | None = None,
        throttle: Throttle | None = None,
        clock: Callable[[], float] = time.monotonic,
        session: Callable[[], _Session] = boto3.Session,
    ) -> None:
        """``now`` (UTC) dates CreateSession's signatures; ``clock`` (seconds) ages answers.

        ``session`` is called when the first client is made.
        """
        self._now = now
        self._clock = clock
        self._settings = settings or GatewaySettings()
        self._throttle = throttle or Throttle(clock=clock)
        self._lock = threading.RLock()  # boto3 sessions are not thread-safe, their clients are
        self._make_session = session
        self._session: _Session | None = None
        self._roles_anywhere: dict[str, RolesAnywhereClient] = {}
        self._private_ca: dict[str, PrivateCAClient] = {}
        self._sessions: dict[str, SessionsClient] = {}
        self._iam: IamClient | None = None
        self._account = SharedAnswer(self._ask_account, ttl_seconds=float("inf"), clock=self._clock)

    def roles_anywhere(self, region: str) -> RolesAnywhereClient:
        """Roles Anywhere of a region. Raises ``Refusal`` for what is no region."""
        with self._lock:
            if region not in self._roles_anywhere:
                self._roles_anywhere[region] = RolesAnywhereClient(
                    self._client("rolesanywhere", region),
                    # A create whose answer is lost must not be sent twice: nothing, neither a
                    # token nor the name, keeps AWS from making a second one.
                    self._client("rolesanywhere", region, attempts=1),
                    listing_seconds=self._settings.listing_seconds,
                    clock=self._clock,
                )
            return self._roles_anywhere[region]

    def private_ca(self, region: str) -> PrivateCAClient:
        """Private CA of a region. Raises ``Refusal`` for what is no region."""
        with self._lock:
            if region not in self._private_ca:
                self._private_ca[region] = PrivateCAClient(self._client("acm-pca", region))
            return self._private_ca[region]

    def iam(self) -> IamClient:
        """IAM (global within the partition)."""
        with self._lock:
            if self._iam is None:
                self._iam = IamClient(
                    self._client("iam", self._settings.home_region),
                    shared_seconds=self._settings.role_seconds,
                    clock=self._clock,
                )
            return self._iam

    def sessions(self, region: str) -> SessionsClient:
        """CreateSession in a region."""
        with self._lock:
            if region not in self._sessions:
                self._sessions[region] = SessionsClient(now=self._now, clock=self._clock)
            return self._sessions[region]

    def account(self) -> str:
        """Give the account's id, 12 digits; asked once."""
        return self._account.read()

    def _ask_account(self) -> str:
        client = self._client("sts", self._settings.home_region)
        with translated("GetCallerIdentity"):
            return str(client.get_caller_identity()["Account"])

    def _client(self, service: str, region: str | None, *, attempts: int = 2) -> _Client:
        """Make a client that passes the throttle before each attempt; ``attempts`` in total."""
        with self._lock, translated(f"a client of {service} for region {region or '(default)'}"):
            if self._session is None:
                self._session = self._make_session()
            client = self._session.client(
                service, region_name=region, config=self._config(attempts)
            )
        quota_region = _GLOBAL if service in {"iam", "sts"} else str(region)

        def wait_for_turn(operation_name: str, **_: object) -> None:
            self._throttle.take(quota_region, service, operation_name)

        # "request-created" is where botocore signs: first, so that the wait does not age it.
        client.meta.events.register_first("request-created", wait_for_turn)
        return client

    def _config(self, attempts: int) -> Config:
        return Config(
            connect_timeout=self._settings.connect_timeout_seconds,
            read_timeout=self._settings.read_timeout_seconds,
            max_pool_connections=self._settings.max_connections,
            retries={"mode": "standard", "total_max_attempts": attempts},
            user_agent_extra=names.MANAGER,
        )
