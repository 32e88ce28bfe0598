"""An emulator in this process: what tests start, and what the program is made of.

with rolesanywhere.emulator.running.start() as emulator:
    boto3.client("rolesanywhere", endpoint_url=emulator.url, …)
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Final, Self

from rolesanywhere.emulator.authentication.gate import Authentication
from rolesanywhere.emulator.authentication.principal import AllKeys
from rolesanywhere.emulator.authorization.judge import Judge
from rolesanywhere.emulator.caller import Caller
from rolesanywhere.emulator.clock import Clock
from rolesanywhere.emulator.control.journal import Journal
from rolesanywhere.emulator.dispatch import application
from rolesanywhere.emulator.dispatch.application import Application
from rolesanywhere.emulator.dispatch.guard import Guard
from rolesanywhere.emulator.dispatch.moto_way import MotoWay
from rolesanywhere.emulator.dispatch.private_ca_way import PrivateCAWay
from rolesanywhere.emulator.dispatch.roles_anywhere_way import RolesAnywhereWay
from rolesanywhere.emulator.dispatch.session_way import SessionWay
from rolesanywhere.emulator.http.server import Server
from rolesanywhere.emulator.moto_side.administrator import AccessKey, make_administrator
from rolesanywhere.emulator.moto_side.application import MotoApplication
from rolesanywhere.emulator.moto_side.names import AccountPolicies
from rolesanywhere.emulator.moto_side.objects import put_object
from rolesanywhere.emulator.moto_side.state import MotoState
from rolesanywhere.emulator.partitions import partition_of
from rolesanywhere.emulator.private_ca.service import PrivateCAService
from rolesanywhere.emulator.roles_anywhere.quotas import NOT_ADJUSTABLE, Quota, Quotas
from rolesanywhere.emulator.roles_anywhere.service import RolesAnywhere
from rolesanywhere.emulator.roles_anywhere.store import Store
from rolesanywhere.emulator.security_token.service import SecurityToken
from rolesanywhere.emulator.sessions.creation import Sessions
from rolesanywhere.emulator.sessions.tokens import Tokens

DEFAULT_ACCOUNT: Final = "123456789012"
DEFAULT_REGION: Final = "us-east-1"
DEFAULT_HOST: Final = "127.0.0.1"
_now: Final = partial(datetime.now, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an emulator is started with. ``region`` is for requests that name none."""

    host: str = DEFAULT_HOST
    port: int = 0  # any free one
    region: str = DEFAULT_REGION
    account: str = DEFAULT_ACCOUNT
    quotas: Collection[Quota] = NOT_ADJUSTABLE


class Emulator:
    """AWS on one port. ``url`` and ``environment`` say how to reach it."""

    def __init__(self, settings: Settings) -> None:
        """Bind the port and make the administrator; ``start`` answers requests.

        Raises ``OSError`` when the port is taken and ``RuntimeError`` when this process emulates
        the account already.
        """
        self._settings = settings
        partition = partition_of(settings.region)
        self.clock = Clock()
        self.journal = Journal()
        self.quotas = Quotas(settings.quotas)
        self._moto = MotoState(settings.account, partition)
        self._store = Store()
        self._tokens = Tokens()
        self._policies = AccountPolicies(self._moto)
        self._private_ca = PrivateCAService(self.clock, partial(put_object, self._moto))
        self.administrator: AccessKey = make_administrator(self._moto)
        try:
            self._server = Server(settings.host, settings.port, self._wire(partition))
        except OSError:
            self._moto.close()
            raise

    @property
    def url(self) -> str:
        """Give the endpoint of every service."""
        return self._server.url

    @property
    def account(self) -> str:
        """Give the account's id."""
        return self._settings.account

    @property
    def environment(self) -> dict[str, str]:
        """Give what every AWS SDK and CLI reads to find the emulator, as its administrator."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": self.administrator.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.administrator.secret_access_key,
            "AWS_REGION": self._settings.region,
            "AWS_DEFAULT_REGION": self._settings.region,
        }

    def start(self) -> Self:
        """Begin to answer."""
        self._server.start()
        return self

    def reset(self) -> None:
        """Forget everything but the administrator's key: an account as at the start."""
        self.clock.reset()
        self.quotas.reset()
        self._store.reset()
        self._tokens.renew()
        self._moto.reset()
        self._private_ca.reset()
        make_administrator(self._moto, self.administrator)
        self.journal.reset()

    def close(self) -> None:
        """Stop answering and give port and account back."""
        self._server.stop()
        self._moto.close()

    def __enter__(self) -> Self:
        """Give the running emulator."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def _wire(self, partition: str) -> Application:
        home = Caller(self._settings.account, self._settings.region, None, partition)
        keys = AllKeys(self._tokens, self._policies)
        guard = Guard(
            Authentication(keys, self.clock, _now), Judge(self._policies), self.clock, partition
        )
        roles_anywhere = RolesAnywhere(
            self._store, self.clock, self.quotas, self._private_ca.active_authority, self._policies
        )
        sessions = Sessions(
            self._store, self._policies, self._tokens, self.quotas, self.clock, _now
        )
        moto = MotoWay(
            guard, MotoApplication(self._moto), self._policies, SecurityToken(self._policies), home
        )
        ways: dict[str, application.Way] = {
            application.ROLES_ANYWHERE: RolesAnywhereWay(guard, roles_anywhere),
            application.PRIVATE_CA: PrivateCAWay(guard, self._private_ca),
            application.SESSIONS: SessionWay(sessions, home),
            application.OTHERS: moto,
        }
        return Application(ways, self.journal, self.clock)


def start(settings: Settings | None = None) -> Emulator:
    """Start an emulator in this process; close it, or use it as a context manager."""
    return Emulator(settings or Settings()).start()
