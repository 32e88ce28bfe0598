"""moto's memory of one account: made, cleared, handed out."""

import threading
from typing import Any, Final

import moto.backends
from moto.core.base_backend import BackendDict, backend_lock
from moto.core.config import default_user_config
from moto.iam.models import IAMBackend, iam_backends
from moto.s3.models import s3_backends

_Backend = Any  # moto ships no types we can lean on
_taken: set[str] = set()
_lock: Final = threading.Lock()


class MotoState:
    """One account's backends. moto keeps them per process, so an account can be used once."""

    def __init__(self, account: str, partition: str) -> None:
        """Take the account. Raises ``RuntimeError`` when this process emulates it already."""
        with _lock:
            if account in _taken:
                message = (
                    f"account {account} is emulated in this process already; close that emulator "
                    "or give this one another account"
                )
                raise RuntimeError(message)
            _taken.add(account)
        self.account = account
        self.partition = partition
        self._forget()  # others in this process may have used moto, without AWS's own policies
        # AmazonS3ReadOnlyAccess and its kin exist, as in every account
        default_user_config["iam"] = {"load_aws_managed_policies": True}
        self._managed: dict[str, Any] = dict(self.iam.managed_policies)  # 1,582, parsed once

    @property
    def iam(self) -> _Backend:
        """IAM, global within the partition."""
        return iam_backends[self.account][self.partition]

    @property
    def s3(self) -> _Backend:
        """S3, global within the partition."""
        return s3_backends[self.account][self.partition]

    def backend(self, service: str, region: str) -> _Backend:
        """Give any service's backend. Raises ``LookupError`` for what moto does not have."""
        try:
            found = _find_backends(service)[self.account]
            return found[region] if region in found else found[self.partition]
        except (ImportError, AttributeError, KeyError) as error:
            message = f"moto has no {service} in {region}"
            raise LookupError(message) from error

    def reset(self) -> None:
        """Forget everything of this account; AWS's own policies are kept, parsed as they are."""
        self._forget()
        default_user_config["iam"] = {"load_aws_managed_policies": False}
        try:
            iam: IAMBackend = self.iam
        finally:
            default_user_config["iam"] = {"load_aws_managed_policies": True}
        for policy in self._managed.values():
            policy.attachment_count = 0
        iam.aws_managed_policies = list(self._managed.values())
        iam.managed_policies = dict(self._managed)

    def close(self) -> None:
        """Forget everything and let the account be used again."""
        self.reset()
        with _lock:
            _taken.discard(self.account)

    def _forget(self) -> None:
        self.s3.reset()  # closes the files that hold objects
        with backend_lock:
            for backends in _used_backends():
                backends.pop(self.account, None)


def _find_backends(service: str) -> _Backend:
    find: Any = moto.backends.get_backend  # its 170 overloads are of no use to us
    return find(service)


def _used_backends() -> tuple[_Backend, ...]:
    instances: list[_Backend] = getattr(BackendDict, "_instances")  # noqa: B009 - it has no public name
    return tuple(instances)
