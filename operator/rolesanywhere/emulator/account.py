"""The emulated account: every memory there is, emptied, saved and loaded as one."""

import base64
import threading
from collections.abc import Collection, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final

import msgspec

from rolesanywhere.emulator.clock import Clock
from rolesanywhere.emulator.control.controlled import UnusableSnapshot
from rolesanywhere.emulator.control.faults import Faults
from rolesanywhere.emulator.control.journal import Journal
from rolesanywhere.emulator.moto_side.administrator import AccessKey, make_administrator
from rolesanywhere.emulator.moto_side.iam_snapshot import load_iam, snapshot_iam
from rolesanywhere.emulator.moto_side.names import AccountPolicies
from rolesanywhere.emulator.moto_side.objects import put_object
from rolesanywhere.emulator.moto_side.s3_snapshot import load_s3, snapshot_s3
from rolesanywhere.emulator.moto_side.state import MotoState
from rolesanywhere.emulator.private_ca.service import PrivateCAService
from rolesanywhere.emulator.roles_anywhere.quotas import Quota, Quotas
from rolesanywhere.emulator.roles_anywhere.store import Region, Store
from rolesanywhere.emulator.sessions.tokens import Tokens

FORMAT: Final = 1  # of a snapshot
Snapshot = dict[str, Any]


class Account:
    """What the services of one account remember."""

    def __init__(self, identifier: str, partition: str, quotas: Collection[Quota]) -> None:
        """Begin empty. Raises ``RuntimeError`` when this process has the account already."""
        self.identifier = identifier
        self.partition = partition
        self.clock = Clock()
        self.journal = Journal()
        self.faults = Faults()
        self.quotas = Quotas(quotas)
        self.moto = MotoState(identifier, partition)
        self.policies = AccountPolicies(self.moto)
        self.store = Store()
        self.tokens = Tokens()
        self.private_ca = PrivateCAService(self.clock, partial(put_object, self.moto))
        self.administrator: AccessKey = make_administrator(self.moto)
        self._lock = threading.Lock()

    def reset(self) -> None:
        """Forget everything but the administrator's key: an account as at the start."""
        with self._lock:
            self._empty()
            make_administrator(self.moto, self.administrator)

    def snapshot(self) -> Snapshot:
        """Give everything that outlives the process, as JSON-able values. It holds secrets.

        EC2 and other services of moto are not in it. Sessions carry themselves and stay valid.
        """
        with self._lock, self.store.lock:
            administrator = self.administrator
            return {
                "format": FORMAT,
                "account": self.identifier,
                "clock_offset_seconds": self.clock.offset.total_seconds(),
                "administrator": [administrator.access_key_id, administrator.secret_access_key],
                "token_key": base64.b64encode(self.tokens.key).decode(),
                "roles_anywhere": msgspec.to_builtins(self.store.regions),
                "private_ca": self.private_ca.snapshot(),
                "iam": snapshot_iam(self.moto),
                "s3": snapshot_s3(self.moto),
            }

    def load(self, snapshot: Mapping[str, Any]) -> None:
        """Put a snapshot in place of everything. Raises ``UnusableSnapshot``: all is as before."""
        self._require_ours(snapshot)
        before = self.snapshot()
        with self._lock:
            try:
                self._load(snapshot)
            except (msgspec.ValidationError, KeyError, TypeError, ValueError) as error:
                self._load(before)
                message = f"the state cannot be read: {error!r}"
                raise UnusableSnapshot(message) from error

    def close(self) -> None:
        """Let go of hanging callers and give the account back."""
        self.faults.close()
        self.moto.close()

    def _require_ours(self, snapshot: Mapping[str, Any]) -> None:
        found = (snapshot.get("format"), snapshot.get("account"))
        if found != (FORMAT, self.identifier):
            message = (
                f"this is no state of account {self.identifier} in format {FORMAT}, but of "
                f"{found[1]} in format {found[0]}"
            )
            raise UnusableSnapshot(message)

    def _load(self, snapshot: Mapping[str, Any]) -> None:
        self._empty()
        self.clock.advance(timedelta(seconds=snapshot["clock_offset_seconds"]))
        self.tokens.renew(base64.b64decode(snapshot["token_key"]))
        self.administrator = AccessKey(*snapshot["administrator"])
        self.store.replace(msgspec.convert(snapshot["roles_anywhere"], dict[str, Region]))
        self.private_ca.load(snapshot["private_ca"])
        load_iam(self.moto, snapshot["iam"])
        load_s3(self.moto, snapshot["s3"])

    def _empty(self) -> None:
        self.clock.reset()
        self.quotas.reset()
        self.faults.reset()
        self.store.reset()
        self.tokens.renew()
        self.private_ca.reset()
        self.moto.reset()
        self.journal.reset()
