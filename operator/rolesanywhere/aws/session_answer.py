"""What CreateSession's answer means: a ``Session``, or the ``Trouble`` it stands for.

No I/O. The error codes are those of a REST-JSON service of AWS.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from rolesanywhere.api.conditions import Reason
from rolesanywhere.aws.session_transport import Answer
from rolesanywhere.domain import moments
from rolesanywhere.domain.trouble import Trouble

_REFUSED: Final = frozenset(
    {"AccessDeniedException", "ValidationException", "ResourceNotFoundException"}
)
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
_THROTTLED: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
_SKEW_TOLD_SECONDS: Final = 60.0  # a difference below this explains no refusal
_TOO_MANY_REQUESTS: Final = 429
_SERVER_ERROR: Final = 500
_SUCCESS: Final = range(200, 300)  # 201 in truth; the Go helper takes any
_MESSAGE_LENGTH: Final = 600  # characters of AWS's own words; a proxy may send a whole page


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Temporary credentials and whose they are. Its repr hides the secrets."""

    access_key_id: str
    secret_access_key: str
    session_token: str
    expiration: datetime  # UTC-aware
    assumed_role_arn: str  # the role's own where AWS did not say
    packed_policy_size: int | None  # per cent of what is allowed
    subject_arn: str  # empty where AWS did not say
    skew_seconds: float | None = None  # how far AWS's clock is ahead of this machine's

    def __repr__(self) -> str:
        """Name the role and the end, never a secret."""
        return f"Session({self.assumed_role_arn}, until {moments.show(self.expiration)})"


class _Credentials(msgspec.Struct, rename="camel"):
    access_key_id: str
    secret_access_key: str
    session_token: str
    expiration: str


class _AssumedRoleUser(msgspec.Struct):
    arn: str | None = None


class _Entry(msgspec.Struct, rename="camel"):  # whatever else is missing, credentials are of use
    credentials: _Credentials
    assumed_role_user: _AssumedRoleUser | None = None
    packed_policy_size: int | None = None


class _Grant(msgspec.Struct, rename="camel"):
    credential_set: list[_Entry] | None = None
    subject_arn: str | None = None


class _Failure(msgspec.Struct, rename={"type": "__type", "other_message": "Message"}):
    code: str = ""
    type: str = ""
    message: str = ""
    other_message: str = ""


def is_refusal(answer: Answer) -> bool:
    """Tell whether AWS understood and said no: neither granted, nor throttled, nor in trouble."""
    is_refused_status = answer.status not in _SUCCESS and answer.status < _SERVER_ERROR
    return is_refused_status and not _is_throttled(answer, _code_and_words(answer)[0])


def read_session(answer: Answer, *, role_arn: str, skew_seconds: float | None = None) -> Session:
    """Give the session granted for ``role_arn``. Raises the ``Trouble`` the answer stands for.

    ``skew_seconds`` is how far AWS's clock is ahead: a refusal mentions what may be its cause.
    """
    if answer.status not in _SUCCESS:
        raise _trouble(answer, role_arn, _clock_advice(skew_seconds))
    try:
        grant = msgspec.json.decode(answer.body, type=_Grant)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable(role_arn, str(error)) from error
    if not grant.credential_set:
        raise _unreadable(role_arn, "its credentialSet is empty")
    return _session(grant, grant.credential_set[0], role_arn, skew_seconds)


def _session(grant: _Grant, entry: _Entry, role_arn: str, skew_seconds: float | None) -> Session:
    given = entry.credentials
    if not (given.access_key_id and given.secret_access_key and given.session_token):
        raise _unreadable(role_arn, "a part of the credentials is empty")
    try:
        expiration = moments.read(given.expiration)
    except ValueError as error:
        raise _unreadable(role_arn, f"expiration: {error}") from error
    return Session(
        access_key_id=given.access_key_id,
        secret_access_key=given.secret_access_key,
        session_token=given.session_token,
        expiration=expiration,
        assumed_role_arn=(entry.assumed_role_user and entry.assumed_role_user.arn) or role_arn,
        packed_policy_size=entry.packed_policy_size,
        subject_arn=grant.subject_arn or "",
        skew_seconds=skew_seconds,
    )


def _unreadable(role_arn: str, because: str) -> Trouble:
    message = f"CreateSession for {role_arn} was granted, but its answer is of no use: {because}"
    return Trouble(Reason.AWS_UNAVAILABLE, message)


def _trouble(answer: Answer, role_arn: str, advice: str) -> Trouble:
    code, words = _code_and_words(answer)
    said = f"{code}: {words}" if words else code
    if _is_throttled(answer, code):
        message = f"AWS throttled CreateSession for {role_arn}: {said}"
        return Trouble(Reason.THROTTLED, message, retry_after=_retry_after(answer))
    if answer.status >= _SERVER_ERROR or code.startswith("RequestTimeout"):
        message = f"AWS could not answer CreateSession for {role_arn}: {said}"
        return Trouble(Reason.AWS_UNAVAILABLE, message, retry_after=_retry_after(answer))
    reason = Reason.SESSION_REFUSED if code in _REFUSED else Reason.AWS_REFUSED
    return Trouble(reason, f"AWS refused CreateSession for {role_arn}: {said}{advice}")


def _is_throttled(answer: Answer, code: str) -> bool:
    return code in _THROTTLED or answer.status == _TOO_MANY_REQUESTS


def _clock_advice(skew_seconds: float | None) -> str:
    if skew_seconds is None or abs(skew_seconds) < _SKEW_TOLD_SECONDS:
        return ""
    direction = "behind" if skew_seconds > 0 else "ahead of"
    return f"; the clock here is {abs(skew_seconds):.0f} seconds {direction} AWS's: set it"


def _code_and_words(answer: Answer) -> tuple[str, str]:
    """Give AWS's error code and message; ``HTTP 502`` for a code when the body is not AWS's."""
    try:
        failure = msgspec.json.decode(answer.body, type=_Failure)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        failure = _Failure()
    code = answer.headers.get("x-amzn-errortype") or failure.code or failure.type
    bare = code.split(":")[0].rpartition("#")[2]  # "ns#Code:http://…", either part may be absent
    words = failure.message or failure.other_message
    return bare or f"HTTP {answer.status}", words[:_MESSAGE_LENGTH]


def _retry_after(answer: Answer) -> float | None:
    """Give Retry-After in seconds; the form with a date is not used by AWS."""
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else None
