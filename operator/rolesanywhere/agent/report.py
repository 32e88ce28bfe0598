"""What the exchange tells the server over a pipe: one JSON document, a grant or a failure.

Both processes import this, so: standard library alone, and ``NamedTuple`` for records, since
``dataclasses`` would bring a megabyte of ``inspect``. Times travel as seconds left, not as
moments: the exchange knows AWS's clock, the server then counts by its own.
"""

import json
from typing import Any, NamedTuple

from rolesanywhere.agent import instant

_KEYS = ("AccessKeyId", "SecretAccessKey", "Token", "Expiration")


class Grant(NamedTuple):
    """Credentials and what is known of them. Its repr hides the secrets."""

    access_key_id: str
    secret_access_key: str
    token: str
    expiration: str  # RFC 3339, UTC, whole seconds, as AWS said it
    until: float  # the same moment by the server's clock, which cannot be set
    wall_until: float  # epoch seconds: from then on this machine's clock says that it is over
    assumed_role_arn: str
    role_name: str  # of the role asked for, without its path
    skew_seconds: float | None = None  # how far AWS's clock is ahead of this machine's
    certificate_end: float | None = None  # epoch seconds

    def sooner(self, seconds: float) -> "Grant":
        """Give the same, over by the wall clock so much sooner, but not before AWS's own end."""
        end = instant.read(self.expiration)
        return self._replace(wall_until=max(end, self.wall_until - seconds))

    def __repr__(self) -> str:
        """Name the role and the end, never a secret."""
        return f"Grant({self.assumed_role_arn}, until {self.expiration})"


class Failure(NamedTuple):
    """Why there are no new credentials. ``refused``: someone must change something first."""

    reason: str  # a word of `api.conditions.Reason`
    message: str
    refused: bool
    retry_after: float | None = None  # seconds, when AWS said so
    role_name: str | None = None  # of the role asked for; None: nobody knows


def write_grant(
    credentials: dict[str, str],
    assumed_role_arn: str,
    *,
    role_name: str,
    seconds_left: float,
    wall_until: float,
    skew_seconds: float | None = None,
    certificate_end: float | None = None,
) -> bytes:
    """Write a grant; ``credentials`` has the four keys of the SDKs' container endpoint.

    ``seconds_left`` counts by AWS's clock where that is known; ``wall_until`` by this machine's,
    as far as it was ahead.
    """
    return _line(
        {
            "credentials": credentials,
            "assumedRoleArn": assumed_role_arn,
            "roleName": role_name,
            "secondsLeft": seconds_left,
            "wallUntil": wall_until,
            "skewSeconds": skew_seconds,
            "certificateEnd": certificate_end,
        }
    )


def write_failure(failure: Failure) -> bytes:
    """Write a failure."""
    return _line(
        {
            "reason": failure.reason,
            "message": failure.message,
            "refused": failure.refused,
            "retryAfter": failure.retry_after,
            "roleName": failure.role_name,
        }
    )


def read(text: bytes, *, clock: float) -> Grant | Failure:
    """Read either; ``clock`` is the server's when it came.

    Raises ``ValueError``, which quotes nothing, for anything else.
    """
    try:
        document = json.loads(text)
        return _grant(document, clock) if "credentials" in document else _failure(document)
    except (ValueError, KeyError, TypeError):
        message = "not a report"
        raise ValueError(message) from None  # the cause would quote what may be a secret


def _grant(document: dict[str, Any], clock: float) -> Grant:
    credentials: list[Any] = [document["credentials"][key] for key in _KEYS]
    if not all(isinstance(value, str) and value for value in credentials):
        raise ValueError
    access_key_id, secret_access_key, token, expiration = credentials
    return Grant(
        access_key_id=access_key_id,
        secret_access_key=secret_access_key,
        token=token,
        expiration=expiration,
        until=clock + float(document["secondsLeft"]),
        wall_until=float(document["wallUntil"]),
        assumed_role_arn=str(document["assumedRoleArn"]),
        role_name=str(document["roleName"]),
        skew_seconds=_number(document["skewSeconds"]),
        certificate_end=_number(document["certificateEnd"]),
    )


def _failure(document: dict[str, Any]) -> Failure:
    return Failure(
        reason=str(document["reason"]),
        message=str(document["message"]),
        refused=bool(document["refused"]),
        retry_after=_number(document["retryAfter"]),
        role_name=None if document["roleName"] is None else str(document["roleName"]),
    )


def _number(value: Any) -> float | None:  # noqa: ANN401 - out of a JSON document
    return None if value is None else float(value)


def _line(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode() + b"\n"
