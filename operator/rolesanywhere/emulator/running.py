"""An emulator in this process: what tests start, and what the program is made of.

with rolesanywhere.emulator.running.start() as emulator:
    boto3.client("rolesanywhere", endpoint_url=emulator.url, …)
"""

from collections.abc import Collection
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from rolesanywhere.emulator.account import Account
from rolesanywhere.emulator.clock import Clock
from rolesanywhere.emulator.control.faults import Faults
from rolesanywhere.emulator.control.journal import Journal
from rolesanywhere.emulator.control.surface import ControlSurface
from rolesanywhere.emulator.http.server import Application, Server
from rolesanywhere.emulator.moto_side.administrator import AccessKey
from rolesanywhere.emulator.partitions import partition_of
from rolesanywhere.emulator.roles_anywhere.quotas import NOT_ADJUSTABLE, Quota, Quotas
from rolesanywhere.emulator.wiring import wire

DEFAULT_ACCOUNT: Final = "123456789012"
DEFAULT_REGION: Final = "us-east-1"
DEFAULT_HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an emulator is started with. ``region`` is for requests that name none."""

    host: str = DEFAULT_HOST
    port: int = 0  # any free one
    region: str = DEFAULT_REGION
    account: str = DEFAULT_ACCOUNT
    quotas: Collection[Quota] = NOT_ADJUSTABLE
    control: bool = False  # answer under /_emulator/ too


class Emulator:
    """AWS on one port. ``url`` and ``environment`` say how to reach it.

    ``application`` answers requests without the port in between.
    """

    def __init__(self, settings: Settings) -> None:
        """Bind the port and make the administrator; ``start`` answers requests.

        Raises ``OSError`` when the port is taken and ``RuntimeError`` when this process emulates
        the account already.
        """
        self._settings = settings
        partition = partition_of(settings.region)
        self.state = Account(settings.account, partition, settings.quotas)
        self.application: Application = wire(self.state, settings.region)
        if settings.control:
            self.application = ControlSurface(self.state, self.application)
        try:
            self._server = Server(settings.host, settings.port, self.application)
        except OSError:
            self.state.close()
            raise

    @property
    def url(self) -> str:
        """Give the endpoint of every service."""
        return self._server.url

    @property
    def account(self) -> str:
        """Give the account's id."""
        return self.state.identifier

    @property
    def administrator(self) -> AccessKey:
        """Give the key of the user who may do everything."""
        return self.state.administrator

    @property
    def clock(self) -> Clock:
        """Give the emulator's time, which can be moved."""
        return self.state.clock

    @property
    def journal(self) -> Journal:
        """Give what was called, and why it was refused."""
        return self.state.journal

    @property
    def faults(self) -> Faults:
        """Give the rules of what goes wrong."""
        return self.state.faults

    @property
    def quotas(self) -> Quotas:
        """Give the quotas, which can be switched."""
        return self.state.quotas

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

    def client_arguments(self, region: str | None = None) -> dict[str, str]:
        """Give what boto3's ``client`` and ``resource`` take to reach the emulator."""
        return {
            "endpoint_url": self.url,
            "region_name": region or self._settings.region,
            "aws_access_key_id": self.administrator.access_key_id,
            "aws_secret_access_key": self.administrator.secret_access_key,
        }

    def start(self) -> Self:
        """Begin to answer."""
        self._server.start()
        return self

    def reset(self) -> None:
        """Forget everything but the administrator's key: an account as at the start."""
        self.state.reset()

    def close(self) -> None:
        """Stop answering and give port and account back."""
        self.state.faults.close()
        self._server.stop()
        self.state.close()

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


def start(settings: Settings | None = None) -> Emulator:
    """Start an emulator in this process; close it, or use it as a context manager."""
    return Emulator(settings or Settings()).start()
