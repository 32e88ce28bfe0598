"""The short-lived process that holds the private key: one CreateSession, one report, the end.

Started by the server with a folder for an argument. It reads key, certificate and configuration
of one generation, asks AWS once, and prints a report for the server on standard output.
"""

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final

import msgspec

from rolesanywhere.agent import folder as folders
from rolesanywhere.agent.report import Failure, write_failure, write_grant
from rolesanywhere.agent.seclusion import seclude
from rolesanywhere.api.agent_configuration import AgentConfiguration
from rolesanywhere.api.conditions import Reason
from rolesanywhere.api.names import AGENT_JSON, TLS_CRT, TLS_KEY
from rolesanywhere.aws.create_session import create_session
from rolesanywhere.aws.session_answer import Session
from rolesanywhere.domain import moments
from rolesanywhere.domain.trouble import Trouble
from rolesanywhere.pki.inspection import key_matches

_TIMEOUT_SECONDS: Final = 8.0  # of each wait for AWS; the server ends the whole exchange at 25
_REFUSED: Final = frozenset(
    {Reason.SESSION_REFUSED, Reason.ACCESS_DENIED, Reason.AWS_REFUSED, Reason.INVALID_SPEC}
)


def main(arguments: Sequence[str], roots: str) -> int:  # noqa: ARG001 - `launch` gives them to every program
    """Write one report on standard output."""
    seclude()
    report = exchange(arguments[0], now=partial(datetime.now, UTC))
    sys.stdout.buffer.write(report)
    return 0


def exchange(folder: str, *, now: Callable[[], datetime]) -> bytes:
    """Turn the identity in ``folder`` into a report: credentials, or what is in their way."""
    try:
        session = _ask(folder, now)
    except Trouble as trouble:
        return write_failure(
            Failure(
                reason=trouble.reason,
                message=trouble.message,
                refused=trouble.reason in _REFUSED,
                retry_after=trouble.retry_after,
            )
        )
    credentials = {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "Token": session.session_token,
        "Expiration": moments.show(session.expiration),
    }
    return write_grant(credentials, session.assumed_role_arn)


def _ask(folder: str, now: Callable[[], datetime]) -> Session:
    try:
        files = folders.read_files(folder)
    except OSError as error:
        message = f"{error.filename} in {folder}: {error.strerror}; is the Secret mounted there?"
        raise Trouble(Reason.PENDING, message) from error
    configuration = _configuration(files[AGENT_JSON], folder)
    if not key_matches(files[TLS_KEY], files[TLS_CRT]):
        message = (
            f"{TLS_KEY} and {TLS_CRT} in {folder} do not belong together or are not PEM; a Secret "
            "written by the operator always holds a pair"
        )
        raise Trouble(Reason.PENDING, message)
    return create_session(
        configuration,
        private_key=files[TLS_KEY],
        certificates=files[TLS_CRT],
        now=now,
        timeout_seconds=_TIMEOUT_SECONDS,
    )


def _configuration(text: bytes, folder: str) -> AgentConfiguration:
    try:
        return msgspec.json.decode(text, type=AgentConfiguration)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        message = f"{AGENT_JSON} in {folder} is not an agent's configuration: {error}"
        raise Trouble(Reason.INVALID_SPEC, message) from error
