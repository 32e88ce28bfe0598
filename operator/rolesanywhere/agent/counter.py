"""The container credentials endpoint: routes, authorization and the words of a refusal. No I/O.

https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
"""

import json

# hmac.compare_digest is this very function, but importing hmac maps libcrypto into the process.
from _operator import _compare_digest
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

from rolesanywhere.agent.holder import Holder, absence, valid_grant
from rolesanywhere.agent.reply import Reply, refuse
from rolesanywhere.agent.report import Grant
from rolesanywhere.agent.request import Request

PATH: Final = "/v1/credentials"


class Counter:
    """Answers requests from memory: never waits, never calls AWS. ``token`` may be changed."""

    def __init__(
        self,
        *,
        token: bytes,
        holders: Mapping[str, Holder],
        clock: Callable[[], float],
        now: Callable[[], float],
    ) -> None:
        """Take the token and the identities by name; the first is also at the bare path.

        ``clock`` is monotonic, ``now`` gives epoch seconds.
        """
        self.token = token
        self._clock = clock
        self._now = now
        self._holders = {f"{PATH}/{name}".encode(): holder for name, holder in holders.items()}
        self._holders[PATH.encode()] = next(iter(holders.values()))
        self._rendered: dict[bytes, tuple[Grant, Reply]] = {}

    def answer(self, request: Request) -> Reply:
        """Answer one request."""
        if request.method != b"GET":
            words = "only GET is answered here"
            allow = ((b"allow", b"GET"),)
            return refuse(HTTPStatus.METHOD_NOT_ALLOWED, "MethodNotAllowed", words, allow)
        authorization = request.values(b"authorization")
        if not authorization:
            words = "no Authorization header: AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE is not set"
            return refuse(HTTPStatus.UNAUTHORIZED, "Unauthorized", words)
        if len(authorization) > 1 or not _compare_digest(authorization[0], self.token):
            words = "the Authorization header is not the token in the agent's token file"
            return refuse(HTTPStatus.FORBIDDEN, "AccessDenied", words)
        path = request.path
        holder = self._holders.get(path)
        if holder is None:
            words = f"credentials are at {PATH} and {PATH}/NAME of an identity of this pod"
            return refuse(HTTPStatus.NOT_FOUND, "NotFound", words)
        grant = valid_grant(holder, self._clock(), self._now())
        return absence(holder) if grant is None else self._credentials(path, grant)

    def _credentials(self, path: bytes, grant: Grant) -> Reply:
        """Give the reply for a grant, rendered once."""
        known, reply = self._rendered.get(path, (None, None))
        if reply is None or known is not grant:
            reply = Reply(HTTPStatus.OK, container_json(grant))
            self._rendered[path] = grant, reply
        return reply


def container_json(grant: Grant) -> bytes:
    """Write credentials with the four keys that SDKs want of a container endpoint."""
    return json.dumps(
        {
            "AccessKeyId": grant.access_key_id,
            "SecretAccessKey": grant.secret_access_key,
            "Token": grant.token,
            "Expiration": grant.expiration,
        }
    ).encode()
