"""CreateSession, which no SDK has: certificate in, temporary credentials out.

https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-create-session.html
When to try again is the caller's decision, with one exception: a refusal by an AWS whose clock is
minutes from ours is signed again with AWS's time, as SDKs do. Used by the controller (as proof that
an identity works), by the agent's exchange and by ``credential-process``.
"""

import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from rolesanywhere.api.agent_configuration import AgentConfiguration
from rolesanywhere.aws.session_answer import Session, is_refusal, read_session
from rolesanywhere.aws.session_endpoint import Endpoint, find_endpoint
from rolesanywhere.aws.session_transport import Answer, post
from rolesanywhere.pki.canonical import WireRequest
from rolesanywhere.pki.signature import sign

TIMEOUT_SECONDS: Final = 10.0
_SKEW_SECONDS: Final = 240.0  # SigV4 allows five minutes; the Go SDK corrects from four on
_USER_AGENT: Final = ("User-Agent", "rolesanywhere-operator")  # not signed: proxies rewrite it


def create_session(
    configuration: AgentConfiguration,
    *,
    private_key: bytes,
    certificates: bytes,
    now: Callable[[], datetime],
    timeout_seconds: float = TIMEOUT_SECONDS,
    environment: Mapping[str, str] = os.environ,
) -> Session:
    """Ask AWS for a session as ``configuration``'s identity.

    ``private_key`` and ``certificates`` (leaf, then intermediates) are PEM. ``environment`` gives
    endpoint, proxy and CA bundle as the SDKs read them. Raises ``Trouble``: SESSION_REFUSED when
    AWS says no, THROTTLED, AWS_REFUSED, or AWS_UNAVAILABLE when there is no useful answer.
    """
    endpoint = find_endpoint(configuration.endpoint, configuration.region, environment)

    def ask(moment: datetime) -> Answer:
        signed = sign(
            _request(endpoint, configuration),
            private_key=private_key,
            certificates=certificates,
            region=configuration.region,
            now=moment,
        )
        return post(
            endpoint,
            f"{signed.path}?{signed.query}",
            (*signed.headers, _USER_AGENT),
            signed.body,
            environment=environment,
            timeout_seconds=timeout_seconds,
        )

    answer = ask(now())
    skew = _skew(answer, now())
    if is_refusal(answer) and abs(skew or 0.0) >= _SKEW_SECONDS:
        answer = ask(now() + timedelta(seconds=skew or 0.0))
    return read_session(answer, role_arn=configuration.role_arn, skew_seconds=skew)


def _request(endpoint: Endpoint, configuration: AgentConfiguration) -> WireRequest:
    body: dict[str, Any] = {"durationSeconds": configuration.session_duration_seconds}
    if configuration.role_session_name is not None:
        body["roleSessionName"] = configuration.role_session_name
    return WireRequest(
        method="POST",
        path=f"{endpoint.path}/sessions",
        query=_query(configuration),
        headers=(("Host", endpoint.authority), ("Content-Type", "application/json")),
        body=msgspec.json.encode(body),
    )


def _skew(answer: Answer, now: datetime) -> float | None:
    """Give how many seconds AWS's clock is ahead of ours, by the Date header; None without one."""
    return None if answer.date is None else round((answer.date - now).total_seconds(), 1)


def _query(configuration: AgentConfiguration) -> str:
    """Write the ARNs as the Go helper does: sorted, RFC 3986 (%20, never +)."""
    arns = {
        "profileArn": configuration.profile_arn,
        "roleArn": configuration.role_arn,
        "trustAnchorArn": configuration.trust_anchor_arn,
    }
    return urlencode(arns, quote_via=quote, safe="")
