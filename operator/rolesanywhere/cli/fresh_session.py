"""The part of ``credential-process`` that takes time: key and certificate in, a session out.

Imported only when there is no session to reuse.
"""

import json
import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Final

from rolesanywhere.api.agent_configuration import AgentConfiguration
from rolesanywhere.api.conditions import Reason
from rolesanywhere.aws.create_session import create_session
from rolesanywhere.aws.session_answer import Session
from rolesanywhere.cli.attempts import PASSING, Clocks, persist
from rolesanywhere.cli.deadline import within
from rolesanywhere.cli.key_files import KeyFiles
from rolesanywhere.cli.no_session import NOT_IN_TIME, REFUSED, UNUSABLE, USAGE, NoSession
from rolesanywhere.cli.session_cache import CachedSession
from rolesanywhere.domain import moments
from rolesanywhere.domain.refresh import lead_seconds, seconds_left
from rolesanywhere.domain.trouble import Refusal, Trouble
from rolesanywhere.pki.certificates import UnreadableCertificate
from rolesanywhere.pki.identity_files import Identity, MismatchedPair, assemble
from rolesanywhere.pki.keys import UnusableKey

_TIMEOUT_SECONDS: Final = 8.0  # of each wait for AWS
_ATTEMPTS: Final = 3  # as the Go helper's
_TOTAL_SECONDS: Final = 25.0  # of all attempts, name resolution included
_QUICK_SECONDS: Final = 8.0  # with a session at hand, of one attempt
_CLOCKS: Final = Clocks(
    monotonic=time.monotonic,
    sleep=time.sleep,
    chance=lambda: int.from_bytes(os.urandom(4), "big") / 2**32,
)


def ask(
    given: Mapping[str, str], region: str, files: KeyFiles, at_hand: CachedSession | None
) -> CachedSession:
    """Ask AWS for a session, as the flags say. Raises ``NoSession``.

    With a session ``at_hand`` it asks once, and is quick about it.
    """
    configuration = _configuration(given, region)
    identity = _identity(given, files)
    attempts, seconds = (1, _QUICK_SECONDS) if at_hand else (_ATTEMPTS, _TOTAL_SECONDS)
    asking = partial(_ask_once, configuration, identity)
    trying = partial(persist, asking, attempts=attempts, seconds=seconds, clocks=_CLOCKS)
    try:
        session = within(seconds, trying)
    except TimeoutError as error:
        message = f"no answer from AWS within {seconds:.0f} seconds"
        raise NoSession(NOT_IN_TIME, message) from error
    except Trouble as trouble:
        raise NoSession(_status(trouble), trouble.message) from trouble
    return _cached(session, configuration.session_duration_seconds, time.time())


def _ask_once(configuration: AgentConfiguration, identity: Identity) -> Session:
    return create_session(
        configuration,
        private_key=identity.private_key,
        certificates=identity.certificates,
        now=partial(datetime.now, UTC),
        timeout_seconds=_TIMEOUT_SECONDS,
    )


def _status(trouble: Trouble) -> int:
    if trouble.reason in PASSING:
        return NOT_IN_TIME
    if not isinstance(trouble, Refusal):
        return REFUSED
    return USAGE if trouble.reason is Reason.INVALID_SPEC else UNUSABLE  # AWS was not asked


def _configuration(given: Mapping[str, str], region: str) -> AgentConfiguration:
    return AgentConfiguration(
        name="",
        namespace="",
        region=region,
        trust_anchor_arn=given["trust-anchor-arn"],
        profile_arn=given["profile-arn"],
        role_arn=given["role-arn"],
        session_duration_seconds=int(given.get("session-duration", "3600")),
        endpoint=given.get("endpoint") or None,
        role_session_name=given.get("role-session-name") or None,
    )


def _identity(given: Mapping[str, str], files: KeyFiles) -> Identity:
    try:
        return assemble(
            files.certificate, files.private_key, files.intermediates, password=files.password
        )
    except (UnreadableCertificate, UnusableKey, MismatchedPair) as error:
        where = given.get("private-key") or given["certificate"]
        message = f"{given['certificate']} and {where} are of no use: {error}"
        raise NoSession(UNUSABLE, message) from error


def _cached(session: Session, asked: float, now: float) -> CachedSession:
    """Make what is printed and kept; times are told by this machine's clock, right or wrong.

    By a clock that is ahead a session is kept until its end as it is printed, which comes too
    early: once the clock is right, that is its end.
    """
    document = {
        "Version": 1,
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.session_token,
        "Expiration": moments.show(session.expiration),
    }
    end = session.expiration.timestamp()
    by_aws = seconds_left(end, now=now, skew=session.skew_seconds, asked=asked)
    left = min(by_aws, end - now)
    return CachedSession(
        answer=json.dumps(document, separators=(",", ":")).encode(),  # as Go's: scripts grep it
        refresh_at=now + left - lead_seconds(max(left, 0.0), chance=0.0),
        until=now + left,
    )
