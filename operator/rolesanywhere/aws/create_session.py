"""CreateSession, which no SDK has: certificate in, temporary credentials out.

https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-create-session.html
One attempt each; when to try again is the caller's decision. Used by the controller (as proof that
an identity works) and by the agent's exchange.
"""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

import msgspec

from rolesanywhere.api.agent_configuration import AgentConfiguration
from rolesanywhere.aws.session_answer import Session, read_session
from rolesanywhere.aws.session_transport import find_endpoint, post
from rolesanywhere.aws.throttle import TokenBucket
from rolesanywhere.domain.observed import SessionRecord
from rolesanywhere.domain.session import SessionRequest
from rolesanywhere.pki.signature import WireRequest, sign

# CreateSession's quota is 10 per account and region; the agents' share is left to them:
# https://docs.aws.amazon.com/general/latest/gr/rolesanywhere.html
PROOFS_PER_SECOND: Final = 5.0
_TIMEOUT_SECONDS: Final = 10.0
_USER_AGENT: Final = ("User-Agent", "rolesanywhere-operator")  # not signed: proxies rewrite it


def create_session(
    configuration: AgentConfiguration,
    *,
    private_key: bytes,
    certificates: bytes,
    now: Callable[[], datetime],
    timeout_seconds: float = _TIMEOUT_SECONDS,
    environment: Mapping[str, str] = os.environ,
) -> Session:
    """Ask AWS for a session as ``configuration``'s identity.

    ``private_key`` and ``certificates`` (leaf, then intermediates) are PEM. ``environment`` gives
    endpoint, proxy and CA bundle as the SDKs read them. Raises ``Trouble``: SESSION_REFUSED when
    AWS says no, THROTTLED, AWS_REFUSED, or AWS_UNAVAILABLE when there is no useful answer.
    """
    endpoint = find_endpoint(configuration.endpoint, configuration.region, environment)
    request = WireRequest(
        method="POST",
        path=f"{endpoint.path}/sessions",
        query=_query(configuration),
        headers=(("Host", endpoint.authority), ("Content-Type", "application/json")),
        body=msgspec.json.encode({"durationSeconds": configuration.session_duration_seconds}),
    )
    signed = sign(
        request,
        private_key=private_key,
        certificates=certificates,
        region=configuration.region,
        now=now(),
    )
    answer = post(
        endpoint,
        f"{signed.path}?{signed.query}",
        (*signed.headers, _USER_AGENT),
        signed.body,
        environment=environment,
        timeout_seconds=timeout_seconds,
    )
    return read_session(answer, role_arn=configuration.role_arn)


class SessionsClient:
    """``reconcile.ports.Sessions`` of one account and region, within CreateSession's quota."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        clock: Callable[[], float],
        timeout_seconds: float = _TIMEOUT_SECONDS,
    ) -> None:
        """Take ``now`` (UTC) for signatures and ``clock`` (monotonic seconds) for the rate."""
        self._now = now
        self._timeout_seconds = timeout_seconds
        self._bucket = TokenBucket(PROOFS_PER_SECOND, PROOFS_PER_SECOND, clock)

    def reserve(self) -> float:
        """Take the next turn within the account's rate; gives seconds until it comes."""
        return self._bucket.book()

    def create_session(self, request: SessionRequest) -> SessionRecord:
        """Ask for a session and forget its credentials. Raises ``Trouble`` as the function does."""
        session = create_session(
            request.configuration,
            private_key=request.private_key,
            certificates=request.certificates,
            now=self._now,
            timeout_seconds=self._timeout_seconds,
        )
        return SessionRecord(
            assumed_role_arn=session.assumed_role_arn,
            expiration=session.expiration,
            packed_policy_size=session.packed_policy_size,
        )


def _query(configuration: AgentConfiguration) -> str:
    """Write the ARNs as the Go helper does: sorted, RFC 3986 (%20, never +)."""
    arns = {
        "profileArn": configuration.profile_arn,
        "roleArn": configuration.role_arn,
        "trustAnchorArn": configuration.trust_anchor_arn,
    }
    return urlencode(arns, quote_via=quote, safe="")
