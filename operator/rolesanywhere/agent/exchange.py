"""The short-lived process that holds the private key: one CreateSession, one report, the end.

Started by the server with a task on standard input. It reads key, certificate and configuration
of one generation, asks AWS once, and prints a report for the server on standard output.
"""

import json
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from rolesanywhere.agent.files import INTERMEDIATES, PASSWORD, read_each, read_folder
from rolesanywhere.agent.report import Failure, write_failure, write_grant
from rolesanywhere.agent.unexpected import describe
from rolesanywhere.api.agent_configuration import AgentConfiguration
from rolesanywhere.api.conditions import Reason
from rolesanywhere.api.names import AGENT_JSON, TLS_CRT, TLS_KEY
from rolesanywhere.aws.create_session import create_session
from rolesanywhere.aws.session_answer import Session
from rolesanywhere.domain import moments
from rolesanywhere.domain.refresh import seconds_left
from rolesanywhere.domain.trouble import Trouble
from rolesanywhere.pki.certificates import UnreadableCertificate
from rolesanywhere.pki.identity_files import Identity, MismatchedPair, assemble
from rolesanywhere.pki.keys import UnusableKey
from rolesanywhere.pki.seclusion import seclude

_TIMEOUT_SECONDS: Final = 8.0  # of each wait for AWS; the server ends the whole exchange at 25
_REFUSED: Final = frozenset({Reason.SESSION_REFUSED, Reason.AWS_REFUSED, Reason.INVALID_SPEC})


def main(arguments: Sequence[str], roots: str) -> int:  # noqa: ARG001 - `launch` gives them to every program
    """Write one report on standard output."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a word
    seclude(dies_with_parent=True)
    try:
        report = exchange(sys.stdin.buffer.read(), now=partial(datetime.now, UTC))
    except BaseException as error:  # noqa: BLE001 - a traceback is no line of the log, and may quote
        failure = Failure(Reason.INTERNAL_ERROR, describe(error), refused=False)
        report = write_failure(failure)
    sys.stdout.buffer.write(report)
    return 0


def exchange(task: bytes, *, now: Callable[[], datetime]) -> bytes:
    """Turn a task (``launch.write_task``) into a report: credentials, or what is in their way."""
    role_name = None
    try:
        told = json.loads(task)
        where = told.get("folder") or told["certificate"]
        files = _files(told, where)
        configuration = _configuration(files[AGENT_JSON], where)
        role_name = configuration.role_arn.rpartition("/")[2]
        identity = _assemble(files, where)
        session = _ask(identity, configuration, told["network"], now)
    except Trouble as trouble:
        return write_failure(
            Failure(
                reason=trouble.reason,
                message=trouble.message,
                refused=trouble.reason in _REFUSED,
                retry_after=trouble.retry_after,
                role_name=role_name,
            )
        )
    end, wall = session.expiration.timestamp(), now().timestamp()
    left = seconds_left(
        end,
        now=wall,
        skew=session.skew_seconds,
        asked=configuration.session_duration_seconds,
    )
    return write_grant(
        _credentials(session),
        session.assumed_role_arn,
        role_name=role_name,
        seconds_left=left,
        wall_until=max(end, wall + left),
        skew_seconds=session.skew_seconds,
        certificate_end=identity.not_after,
    )


def _credentials(session: Session) -> dict[str, str]:
    return {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "Token": session.session_token,
        "Expiration": moments.show(session.expiration),
    }


def _files(task: dict[str, Any], where: str) -> Mapping[str, bytes]:
    """Read what the task names. Raises ``Trouble``."""
    try:
        return read_folder(where) if "folder" in task else read_each(task)
    except OSError as error:
        message = f"{error.filename} cannot be read: {error.strerror}"
        if "folder" in task:
            place = "" if str(error.filename) == str(Path(where)) else f", in {where}"
            message = f"{message}{place}; is the Secret mounted there?"
        raise Trouble(Reason.PENDING, message) from error


def _assemble(files: Mapping[str, bytes], where: str) -> Identity:
    try:
        return assemble(
            files[TLS_CRT],
            files.get(TLS_KEY),
            files.get(INTERMEDIATES),
            password=files.get(PASSWORD),
        )
    except MismatchedPair as error:
        message = (
            f"key and certificate of {where} do not belong together; they are looked at again, at "
            "once when one of them changes"
        )
        raise Trouble(Reason.PENDING, message) from error
    except (UnreadableCertificate, UnusableKey) as error:
        message = f"key and certificate of {where} are of no use: {error}"
        raise Trouble(Reason.PENDING, message) from error


def _ask(
    identity: Identity,
    configuration: AgentConfiguration,
    network: Mapping[str, str],
    now: Callable[[], datetime],
) -> Session:
    try:
        return create_session(
            configuration,
            private_key=identity.private_key,
            certificates=identity.certificates,
            now=now,
            timeout_seconds=_TIMEOUT_SECONDS,
            environment=network,
        )
    except Trouble as trouble:
        if trouble.reason is Reason.SESSION_REFUSED and identity.not_after < now().timestamp():
            end = moments.show(datetime.fromtimestamp(identity.not_after, UTC))
            message = f"{trouble.message}; the certificate expired at {end}: renew it"
            raise Trouble(trouble.reason, message) from trouble
        raise


def _configuration(text: bytes, where: str) -> AgentConfiguration:
    try:
        return msgspec.json.decode(text, type=AgentConfiguration)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        message = f"{AGENT_JSON} in {where} is not an agent's configuration: {error}"
        raise Trouble(Reason.INVALID_SPEC, message) from error
