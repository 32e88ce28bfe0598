"""The one place where AWS's errors become ``Trouble``: a table of codes, and what to do about each.

Above ``aws`` no ``ClientError`` is seen. Only a wrong spec is a ``Refusal``; what AWS may answer
differently tomorrow (missing rights, quotas, rates, an unknown code) is tried again.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from botocore import exceptions as botocore_errors
from botocore.parsers import ResponseParserError

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.trouble import AlreadyExists, Conflict, NotFound, Refusal, Trouble

_WORDS_LENGTH: Final = 600  # characters of AWS's own text that are passed on


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What a code means. ``advice`` ends the message; ``verb`` says what AWS did."""

    kind: type[Trouble]
    reason: Reason
    advice: str = ""
    verb: str = "refused"


_MISSING: Final = _Verdict(NotFound, Reason.AWS_REFUSED, verb="found nothing for")
_TAKEN: Final = _Verdict(AlreadyExists, Reason.ROLE_NAME_TAKEN)  # IAM alone says so
_CHANGED: Final = _Verdict(Conflict, Reason.AWS_REFUSED, "it is tried again")
_INVALID: Final = _Verdict(Refusal, Reason.AWS_REFUSED, "change the spec")
_QUOTA: Final = _Verdict(
    Trouble, Reason.AWS_REFUSED, "remove what is not needed, or have the quota raised"
)
_THROTTLED: Final = _Verdict(Trouble, Reason.THROTTLED, "it is tried again", "throttled")
_DOWN: Final = _Verdict(Trouble, Reason.AWS_UNAVAILABLE, "it is tried again", "could not answer")
_DENIED: Final = _Verdict(
    Trouble, Reason.ACCESS_DENIED, "check the operator's IAM policy", "denied"
)
_CREDENTIALS: Final = _Verdict(
    Trouble, Reason.ACCESS_DENIED, "check the operator's own AWS credentials and clock", "denied"
)
_STATE: Final = _Verdict(Trouble, Reason.CA_NOT_ACTIVE, "it is tried again")
_UNKNOWN: Final = _Verdict(Trouble, Reason.AWS_REFUSED)

_TABLE: Final[Mapping[str, _Verdict]] = {
    # missing
    "ResourceNotFoundException": _MISSING,
    "NoSuchEntity": _MISSING,
    # taken, or changed by someone else
    "EntityAlreadyExists": _TAKEN,
    "ConcurrentModification": _CHANGED,
    "ConcurrentModificationException": _CHANGED,
    "DeleteConflict": _CHANGED,
    "EntityTemporarilyUnmodifiable": _CHANGED,
    # our input
    "ValidationException": _INVALID,
    "ValidationError": _INVALID,
    "InvalidInput": _INVALID,
    "InvalidArgsException": _INVALID,
    "InvalidArnException": _INVALID,
    "InvalidRequestException": _INVALID,
    "InvalidTagException": _INVALID,
    "MalformedCSRException": _INVALID,
    "MalformedCertificateException": _INVALID,
    "CertificateMismatchException": _INVALID,
    "MalformedPolicyDocument": _INVALID,
    "PolicyNotAttachable": _INVALID,
    "UnmodifiableEntity": _INVALID,
    "TooManyTagsException": _INVALID,
    # quotas
    "LimitExceeded": _QUOTA,
    "LimitExceededException": _QUOTA,
    "ServiceQuotaExceededException": _QUOTA,
    # rates
    "Throttling": _THROTTLED,
    "ThrottlingException": _THROTTLED,
    "ThrottledException": _THROTTLED,
    "RequestThrottled": _THROTTLED,
    "RequestThrottledException": _THROTTLED,
    "RequestLimitExceeded": _THROTTLED,
    "SlowDown": _THROTTLED,
    "TooManyRequestsException": _THROTTLED,
    # the operator's rights and credentials
    "AccessDenied": _DENIED,
    "AccessDeniedException": _DENIED,
    "UnauthorizedOperation": _DENIED,
    "ExpiredToken": _CREDENTIALS,
    "ExpiredTokenException": _CREDENTIALS,
    "InvalidClientTokenId": _CREDENTIALS,
    "InvalidSignatureException": _CREDENTIALS,
    "MissingAuthenticationToken": _CREDENTIALS,
    "RequestExpired": _CREDENTIALS,
    "RequestTimeTooSkewed": _CREDENTIALS,
    "SignatureDoesNotMatch": _CREDENTIALS,
    "UnrecognizedClientException": _CREDENTIALS,
    # the service
    "InternalFailure": _DOWN,
    "InternalServerError": _DOWN,
    "InternalServerException": _DOWN,
    "RequestFailedException": _DOWN,
    "RequestTimeout": _DOWN,
    "ServiceFailure": _DOWN,
    "ServiceUnavailable": _DOWN,
    "ServiceUnavailableException": _DOWN,
    # a Private CA that is not (yet) what the call needs
    "InvalidStateException": _STATE,
}

_EXCEPTIONS: Final[tuple[tuple[type[Exception], _Verdict], ...]] = (
    (botocore_errors.HTTPClientError, _DOWN),  # also every timeout and refused connection
    (botocore_errors.ConnectionError, _DOWN),
    (ResponseParserError, _DOWN),
    (botocore_errors.NoCredentialsError, _CREDENTIALS),
    (botocore_errors.PartialCredentialsError, _CREDENTIALS),
    (botocore_errors.CredentialRetrievalError, _CREDENTIALS),
    (botocore_errors.ProfileNotFound, _CREDENTIALS),
    (botocore_errors.ParamValidationError, _INVALID),
    (botocore_errors.InvalidRegionError, _Verdict(Refusal, Reason.INVALID_SPEC, "name a region")),
    (botocore_errors.NoRegionError, _Verdict(Trouble, Reason.AWS_REFUSED, "set AWS_REGION")),
)

# Roles Anywhere's words for an anchor on a Private CA that is not ACTIVE: it soon may be.
_CA_NOT_ACTIVE: Final = "Given AWS PCA did not allow get request"
_ACTION: Final = re.compile(r"not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)")
_TOO_MANY_REQUESTS: Final = 429
_SERVER_ERROR: Final = 500


@contextmanager
def translated(doing: str, *, missing: Reason = Reason.AWS_REFUSED) -> Iterator[None]:
    """Turn AWS's errors into ``Trouble``. ``doing`` names call and object: ``GetRole reports``.

    ``missing`` is the reason given when AWS says that the object does not exist.
    """
    try:
        yield
    except botocore_errors.ClientError as error:
        raise _from_answer(error.response, doing, missing) from error
    except (botocore_errors.BotoCoreError, ResponseParserError) as error:
        verdict = next((v for kind, v in _EXCEPTIONS if isinstance(error, kind)), _UNKNOWN)
        raise _trouble(verdict, doing, str(error)) from error


def _from_answer(response: Mapping[str, Any], doing: str, missing: Reason) -> Trouble:
    """Judge an error answer, in the shape of ``ClientError.response``."""
    error = response.get("Error", {})
    code, words = str(error.get("Code", "")), str(error.get("Message", ""))
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    verdict = _judge(code, words, status)
    if verdict is _MISSING:
        verdict = replace(verdict, reason=missing)
    return _trouble(verdict, doing, f"{code}: {words}" if words else code)


def _judge(code: str, words: str, status: int) -> _Verdict:
    if _CA_NOT_ACTIVE in words:
        return _STATE
    if code in _TABLE:
        verdict = _TABLE[code]
        return _with_action(words) if verdict is _DENIED else verdict
    if status == _TOO_MANY_REQUESTS:
        return _THROTTLED
    return _DOWN if status >= _SERVER_ERROR else _UNKNOWN


def _with_action(words: str) -> _Verdict:
    """Name the missing right where AWS does, and who can help where a policy forbids it."""
    if "explicit deny" in words:
        advice = "a policy denies this on purpose: ask whoever wrote it"
    elif found := _ACTION.search(words):
        advice = f"add {found[1]} to the operator's IAM policy"
    else:
        advice = _DENIED.advice
    return replace(_DENIED, advice=advice)


def _trouble(verdict: _Verdict, doing: str, words: str) -> Trouble:
    line = " ".join(words.split())  # a proxy's page of HTML has many
    said = line if len(line) <= _WORDS_LENGTH else f"{line[:_WORDS_LENGTH]}…"
    advice = f"; {verdict.advice}" if verdict.advice else ""
    return verdict.kind(verdict.reason, f"AWS {verdict.verb} {doing}: {said}{advice}")
