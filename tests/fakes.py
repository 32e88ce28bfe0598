"""The world in memory: what stands behind ``reconcile.ports`` in tests.

Every call of a port passes a ``Wire``, which counts it, and fails or cuts it where a test says so:
before it is carried out, or after, so that only the answer is lost. AWS itself is in ``fake_aws``
and ``fake_private_ca``.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, Protocol, TypeVar

import msgspec

from rolesanywhere.api import names
from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.observed import SecretRecord
from rolesanywhere.domain.trouble import AlreadyExists, Conflict, NotFound, Refusal
from rolesanywhere.reconcile.ports import KubernetesObject

NOON: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
ACCOUNT: Final = "123456789012"
Key = tuple[str, str | None, str]  # kind, namespace, name


class PowerCut(BaseException):
    """The process dies: no ``except Exception`` sees it."""


@dataclass(frozen=True, slots=True)
class _Fault:
    error: BaseException
    after: bool


class Wire:
    """Between use cases and the world. ``said`` is all that ever went through, as ``repr``."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.said: list[str] = []
        self._next: dict[str, list[_Fault | None]] = {}
        self._at: dict[int, _Fault] = {}
        self._before: dict[int, Callable[[], None]] = {}

    def fail(
        self,
        operation: str,
        error: BaseException,
        *,
        after: bool = False,
        times: int = 1,
        skip: int = 0,
    ) -> None:
        """Fail the next calls of an operation, once ``skip`` of them have passed.

        ``after``: the call is carried out, and its answer is lost.
        """
        faults = [None] * skip + [_Fault(error, after)] * times
        self._next.setdefault(operation, []).extend(faults)

    def fail_in(self, calls: int, error: BaseException, *, after: bool = False) -> None:
        """Fail the next call but so many, whatever it is."""
        self._at[len(self.calls) + calls] = _Fault(error, after)

    def interrupt_in(self, calls: int, meanwhile: Callable[[], None]) -> None:
        """Have something else happen just before the next call but so many."""
        self._before[len(self.calls) + calls] = meanwhile

    def count(self, operation: str) -> int:
        """Tell how often an operation was asked for."""
        return self.calls.count(operation)

    def carry(self, operation: str, call: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the call gives
        """Make a call, unless a fault is in the way."""
        meanwhile = self._before.pop(len(self.calls), None)
        if meanwhile is not None:
            meanwhile()
        fault = self._at.pop(len(self.calls), None)
        self.calls.append(operation)
        if fault is None and self._next.get(operation):
            fault = self._next[operation].pop(0)
        if fault is not None and not fault.after:
            raise fault.error
        answer = call()
        self.said.append(f"{operation} -> {answer!r}")
        if fault is not None:
            raise fault.error
        return answer


class OnWire(Protocol):
    """A port that is reached over a wire, and its name in operations."""

    wire: Wire
    service: str


P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound=OnWire)


def carried(method: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """Send a port's method over its wire, as ``<service>.<method>``."""

    @wraps(method)
    def through(self: S, /, *arguments: P.args, **named: P.kwargs) -> T:
        operation = f"{self.service}.{method.__name__}"
        self.wire.said.append(f"{operation}{arguments!r}{named!r}")
        answer: T = self.wire.carry(operation, lambda: method(self, *arguments, **named))
        return answer

    return through


@dataclass
class FakeClock:
    """A clock that stands still until it is told to go on."""

    moment: datetime = NOON

    def now(self) -> datetime:
        """Give the time."""
        return self.moment

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.moment += timedelta(seconds=seconds)


@dataclass
class FakeSecrets:
    """Secrets, with the API server's rules on versions.

    ``history`` is every version ever kept; ``admit`` is what admission makes of each.
    """

    wire: Wire
    service: str = "secrets"
    kept: dict[tuple[str, str], SecretRecord] = field(default_factory=dict)
    history: list[SecretRecord] = field(default_factory=list)
    admit: Callable[[SecretRecord], SecretRecord] = lambda secret: secret

    @carried
    def read(self, namespace: str, name: str) -> SecretRecord | None:
        """Read one."""
        return self.kept.get((namespace, name))

    @carried
    def create(self, secret: SecretRecord) -> SecretRecord:
        """Create one."""
        if (secret.namespace, secret.name) in self.kept:
            message = f'the API server did not create secrets {secret.name}: "already exists"'
            raise AlreadyExists(Reason.SECRET_NAME_TAKEN, message)
        return self.put(replace(secret, uid=f"secret-{len(self.history)}"))

    @carried
    def replace(self, secret: SecretRecord) -> SecretRecord:
        """Replace one at its version. A Secret's type cannot change."""
        held = self.kept.get((secret.namespace, secret.name))
        if held is None:
            message = f"the API server did not update secrets {secret.name}: not found"
            raise NotFound(Reason.PENDING, message)
        if (held.uid, held.resource_version) != (secret.uid, secret.resource_version):
            message = f"the API server did not update secrets {secret.name}: it has been modified"
            raise Conflict(Reason.PENDING, message)
        if held.type != secret.type:
            message = f"the API server did not update secrets {secret.name}: type is immutable"
            raise Refusal(Reason.INVALID_SPEC, message)
        return self.put(secret)

    @carried
    def delete(self, secret: SecretRecord) -> None:
        """Delete exactly this one."""
        held = self.kept.get((secret.namespace, secret.name))
        if held is not None and held.uid == secret.uid:
            del self.kept[secret.namespace, secret.name]

    def put(self, secret: SecretRecord) -> SecretRecord:
        """Keep a version, as somebody else with rights might too."""
        kept = replace(self.admit(secret), resource_version=str(len(self.history) + 1))
        self.history.append(kept)
        self.kept[kept.namespace, kept.name] = kept
        return kept


@dataclass
class FakeNamespaces:
    """Namespaces and their labels."""

    wire: Wire
    service: str = "namespaces"
    kept: dict[str, Mapping[str, str]] = field(default_factory=dict)

    @carried
    def labels(self, name: str) -> Mapping[str, str]:
        """Labels of a namespace."""
        if name not in self.kept:
            message = f'the API server did not get namespaces {name}: "{name}" not found'
            raise NotFound(Reason.PENDING, message)
        return self.kept[name]


class FakeObjects:
    """Our own kinds as the watch shows them: a moment old while ``frozen``."""

    def __init__(self) -> None:
        self.bodies: dict[Key, dict[str, Any]] = {}
        self._frozen: dict[Key, dict[str, Any]] | None = None

    def freeze(self) -> None:
        """Show what is there now, whatever happens, until ``thaw``."""
        self._frozen = {key: _copy(body) for key, body in self.bodies.items()}

    def thaw(self) -> None:
        """Show what there is."""
        self._frozen = None

    def trust_anchor(self, name: str) -> KubernetesObject | None:
        """One TrustAnchor."""
        return self._one((names.TRUST_ANCHOR, None, name))

    def profile(self, name: str) -> KubernetesObject | None:
        """One Profile."""
        return self._one((names.PROFILE, None, name))

    def profiles_of(self, trust_anchor: str) -> Iterable[KubernetesObject]:
        """List the Profiles that refer to a TrustAnchor."""
        return self._referring(names.PROFILE, "trustAnchorRef", trust_anchor)

    def identities_of(self, profile: str) -> Iterable[KubernetesObject]:
        """List the WorkloadIdentities that refer to a Profile."""
        return self._referring(names.WORKLOAD_IDENTITY, "profileRef", profile)

    def _one(self, key: Key) -> KubernetesObject | None:
        body = self._shown().get(key)
        return _object(body) if body is not None else None

    def _referring(self, kind: str, reference: str, name: str) -> list[KubernetesObject]:
        return [
            _object(body)
            for key, body in self._shown().items()
            if key[0] == kind and body["spec"][reference]["name"] == name
        ]

    def _shown(self) -> dict[Key, dict[str, Any]]:
        return self.bodies if self._frozen is None else self._frozen


def _object(body: dict[str, Any]) -> KubernetesObject:
    metadata = body["metadata"]
    return KubernetesObject(
        metadata.get("namespace"), metadata["name"], metadata["uid"], _copy(body)
    )


def _copy(body: dict[str, Any]) -> dict[str, Any]:
    copy: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(body))
    return copy
