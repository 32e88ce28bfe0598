"""Faults on demand: what AWS and networks do on bad days, by rule.

A rule matches service and operation by name or ``*``, and strikes with a probability, perhaps only
so many times. Hanging callers are let go when the emulator closes.
"""

import random
import threading
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from rolesanywhere.emulator.errors import AwsError
from rolesanywhere.emulator.http.message import NoAnswer
from rolesanywhere.emulator.http.wire import Protocol, protocol_of


class Fault(StrEnum):
    """What happens to a call."""

    THROTTLE = "throttle"
    SERVER_ERROR = "server-error"  # status 500
    UNAVAILABLE = "unavailable"  # status 503
    HANG = "hang"  # no answer, not executed
    RESET = "reset"  # the connection is cut, not executed
    LOSE_RESPONSE = "lose-response"  # executed, then the connection is cut
    SLOW = "slow"  # executed, answered ``seconds`` late


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRule:
    """When which fault strikes. ``times`` None: until the rule is taken away."""

    fault: Fault
    service: str = "*"  # signing name: rolesanywhere, acm-pca, iam, s3, …
    operation: str = "*"  # CreateTrustAnchor, Create*, …
    probability: float = 1.0
    times: int | None = None
    seconds: float = 1.0  # of SLOW


class Faults:
    """The rules, first match first. Thread-safe."""

    def __init__(self, seed: int | None = None) -> None:
        """``seed`` makes the strikes of probabilities repeat."""
        self._random = random.Random(seed)  # noqa: S311 - chance, not secrets
        self._lock = threading.Lock()
        self._rules: dict[int, FaultRule] = {}
        self._left: dict[int, int | None] = {}
        self._next_id = 1
        self._closing = threading.Event()

    @property
    def rules(self) -> dict[int, FaultRule]:
        """Give the rules by id."""
        with self._lock:
            return dict(self._rules)

    def add(self, rule: FaultRule) -> int:
        """Add a rule, and give its id."""
        with self._lock:
            identifier = self._next_id
            self._next_id += 1
            self._rules[identifier] = rule
            self._left[identifier] = rule.times
            return identifier

    def remove(self, identifier: int) -> None:
        """Take a rule away; one that is gone does not matter."""
        with self._lock:
            self._rules.pop(identifier, None)
            self._left.pop(identifier, None)

    def reset(self) -> None:
        """Take all rules away."""
        with self._lock:
            self._rules.clear()
            self._left.clear()

    def close(self) -> None:
        """Let go of whoever hangs; nobody hangs from now on."""
        self._closing.set()

    def strike(self, service: str, operation: str) -> FaultRule | None:
        """Give the rule that strikes this call, and count it; None: none does."""
        with self._lock:
            for identifier, rule in self._rules.items():
                left = self._left[identifier]
                if left == 0 or not _matches(rule, service, operation):
                    continue
                if self._random.random() < rule.probability:
                    self._left[identifier] = None if left is None else left - 1
                    return rule
        return None

    def before(self, rule: FaultRule | None, service: str) -> None:
        """Do what a fault does before execution. Raises ``AwsError`` or ``NoAnswer``."""
        if rule is None:
            return
        if rule.fault is Fault.THROTTLE:
            raise _throttled(service)
        if rule.fault is Fault.SERVER_ERROR:
            raise _server_error(service)
        if rule.fault is Fault.UNAVAILABLE:
            raise _unavailable(service)
        if rule.fault is Fault.HANG:
            self._closing.wait()
            raise NoAnswer(reset=False)
        if rule.fault is Fault.RESET:
            raise NoAnswer(reset=True)

    def after(self, rule: FaultRule | None) -> None:
        """Do what a fault does after execution. Raises ``NoAnswer``."""
        if rule is None:
            return
        if rule.fault is Fault.SLOW:
            self._closing.wait(rule.seconds)
        if rule.fault is Fault.LOSE_RESPONSE:
            raise NoAnswer(reset=True)


def _matches(rule: FaultRule, service: str, operation: str) -> bool:
    return fnmatchcase(service, rule.service) and fnmatchcase(operation, rule.operation)


_THROTTLED = {
    Protocol.QUERY: (400, "Throttling", "Rate exceeded"),
    Protocol.EC2: (503, "RequestLimitExceeded", "Request limit exceeded."),
    Protocol.S3: (503, "SlowDown", "Please reduce your request rate."),
    Protocol.REST_JSON: (429, "ThrottlingException", "Rate exceeded"),
    Protocol.JSON_1_1: (400, "ThrottlingException", "Rate exceeded"),
}
_SERVER_ERRORS = {
    Protocol.QUERY: "InternalFailure",
    Protocol.EC2: "InternalError",
    Protocol.S3: "InternalError",
    Protocol.REST_JSON: "InternalServerException",
    Protocol.JSON_1_1: "InternalFailure",
}


_UNAVAILABLE = {
    Protocol.QUERY: "ServiceUnavailable",
    Protocol.EC2: "Unavailable",
    Protocol.S3: "ServiceUnavailable",
    Protocol.REST_JSON: "ServiceUnavailableException",
    Protocol.JSON_1_1: "ServiceUnavailableException",
}


def _unavailable(service: str) -> AwsError:
    code = _UNAVAILABLE[protocol_of(service)]
    return AwsError(code, "Service is unavailable.", status=503, because="a fault rule")


def _throttled(service: str) -> AwsError:
    status, code, message = _THROTTLED[protocol_of(service)]
    return AwsError(code, message, status=status, because="a fault rule")


def _server_error(service: str) -> AwsError:
    code = _SERVER_ERRORS[protocol_of(service)]
    return AwsError(code, "An internal error occurred.", status=500, because="a fault rule")
