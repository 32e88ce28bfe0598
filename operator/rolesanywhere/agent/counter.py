"""What the endpoint answers: routes, authorization and the words of a refusal. No I/O.

The shapes are those the SDKs' container credential providers read; error bodies carry each key in
both cases, since SDKs differ (Go and JavaScript read ``code``/``Code``).
https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
"""

import json

# hmac.compare_digest is this very function, but importing hmac maps libcrypto into the process.
from _operator import _compare_digest
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final, Protocol, TypeGuard

from rolesanywhere.agent.report import Failure, Grant

PATH: Final = "/v1/credentials"
_LEAST_LEFT: Final = timedelta(seconds=5)  # credentials that end on their way are of no use


class Holder(Protocol):
    """An identity's present state: its last good credentials and why there are no newer ones."""

    @property
    def grant(self) -> Grant | None:
        """The last good credentials; they may have expired."""

    @property
    def failure(self) -> Failure | None:
        """What went wrong since then."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, JSON body and additional headers. Its repr hides the body."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()

    def __repr__(self) -> str:
        """Show the status alone."""
        return f"Reply({self.status})"


class Counter:
    """Answers requests from memory: never waits, never calls AWS."""

    def __init__(
        self, *, token: bytes, holders: Mapping[str, Holder], now: Callable[[], datetime]
    ) -> None:
        """Take the token and the identities by name; the first is also at the bare path."""
        self._token = token
        self._now = now
        self._holders = {f"{PATH}/{name}".encode(): holder for name, holder in holders.items()}
        self._holders[PATH.encode()] = next(iter(holders.values()))

    def answer(self, method: bytes, target: bytes, authorization: Sequence[bytes]) -> Reply:
        """Answer one request; ``authorization`` holds the values of that header."""
        if method != b"GET":
            words = "only GET is answered here"
            allow = ((b"allow", b"GET"),)
            return refuse(HTTPStatus.METHOD_NOT_ALLOWED, "MethodNotAllowed", words, allow)
        if not authorization:
            words = "no Authorization header: AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE is not set"
            return refuse(HTTPStatus.UNAUTHORIZED, "Unauthorized", words)
        if len(authorization) > 1 or not _compare_digest(authorization[0], self._token):
            words = "the Authorization header is not the token in the agent's token file"
            return refuse(HTTPStatus.FORBIDDEN, "AccessDenied", words)
        holder = self._holders.get(target.partition(b"?")[0])
        if holder is None:
            words = f"credentials are at {PATH} and {PATH}/NAME of an identity of this pod"
            return refuse(HTTPStatus.NOT_FOUND, "NotFound", words)
        return self._credentials(holder)

    def _credentials(self, holder: Holder) -> Reply:
        grant, failure = holder.grant, holder.failure
        if is_valid(grant, self._now()):
            return Reply(HTTPStatus.OK, grant.body)
        state = "there are no credentials yet" if grant is None else "the credentials expired"
        if failure is None:
            return refuse(HTTPStatus.SERVICE_UNAVAILABLE, "Pending", f"{state}; AWS is being asked")
        words = f"{state}: {failure.message}"
        return refuse(HTTPStatus.SERVICE_UNAVAILABLE, failure.reason, words)


def is_valid(grant: Grant | None, now: datetime) -> TypeGuard[Grant]:
    """Tell whether credentials may be handed out."""
    return grant is not None and grant.expiration - now > _LEAST_LEFT


def refuse(
    status: int, code: str, message: str, headers: tuple[tuple[bytes, bytes], ...] = ()
) -> Reply:
    """Give an error in the shape every SDK reads."""
    body = {"code": code, "message": message, "Code": code, "Message": message}
    return Reply(status, json.dumps(body).encode(), headers)
