"""What the exchange tells the server over a pipe: one JSON document, a grant or a failure.

Both processes import this, so: standard library alone.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_KEYS = ("AccessKeyId", "SecretAccessKey", "Token", "Expiration")


@dataclass(frozen=True, slots=True)
class Grant:
    """Credentials as the endpoint serves them: ``body`` is the JSON, ready. Its repr hides it."""

    body: bytes
    expiration: datetime  # UTC-aware
    assumed_role_arn: str

    def __repr__(self) -> str:
        """Name the role and the end, never the body."""
        return f"Grant({self.assumed_role_arn}, until {self.expiration.isoformat()})"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there are no new credentials. ``refused``: someone must change something first."""

    reason: str  # a word of `api.conditions.Reason`
    message: str
    refused: bool
    retry_after: float | None = None  # seconds, when AWS said so


def write_grant(credentials: dict[str, str], assumed_role_arn: str) -> bytes:
    """Write a grant; ``credentials`` has the four keys of the SDKs' container endpoint."""
    return _line({"credentials": credentials, "assumedRoleArn": assumed_role_arn})


def write_failure(failure: Failure) -> bytes:
    """Write a failure."""
    return _line(
        {
            "reason": failure.reason,
            "message": failure.message,
            "refused": failure.refused,
            "retryAfter": failure.retry_after,
        }
    )


def read(text: bytes) -> Grant | Failure:
    """Read either. Raises ``ValueError``, which quotes nothing, for anything else."""
    try:
        document = json.loads(text)
        return _grant(document) if "credentials" in document else _failure(document)
    except (ValueError, KeyError, TypeError):
        message = "not a report"
        raise ValueError(message) from None  # the cause would quote what may be a secret


def _grant(document: dict[str, Any]) -> Grant:
    credentials = {key: document["credentials"][key] for key in _KEYS}
    if not all(isinstance(value, str) and value for value in credentials.values()):
        raise ValueError
    expiration = datetime.fromisoformat(credentials["Expiration"])
    if expiration.tzinfo is None:
        raise ValueError
    body = json.dumps(credentials).encode()
    return Grant(body, expiration, str(document["assumedRoleArn"]))


def _failure(document: dict[str, Any]) -> Failure:
    after = document["retryAfter"]
    return Failure(
        reason=str(document["reason"]),
        message=str(document["message"]),
        refused=bool(document["refused"]),
        retry_after=None if after is None else float(after),
    )


def _line(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode() + b"\n"
