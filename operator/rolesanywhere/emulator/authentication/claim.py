"""What a Signature Version 4 says about itself: read from the header or from a presigned query."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from rolesanywhere.emulator.http.message import Request
from rolesanywhere.pki.canonical import DATE_FORMAT

ALGORITHM: Final = "AWS4-HMAC-SHA256"
_HEADER: Final = re.compile(
    rf"{ALGORITHM} Credential=(?P<credential>[^,\s]+), ?"
    r"SignedHeaders=(?P<headers>[^,\s]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)
_SCOPE_PARTS: Final = 5
_TIMESTAMP: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z")


class Unsigned(Exception):  # noqa: N818 - a state of the request
    """The request carries no Signature Version 4 at all."""


class Incomplete(Exception):  # noqa: N818 - a state of the request
    """It carries one that cannot be read; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A signature and what it says it covers. ``lifetime`` is a presigned URL's, else None."""

    access_key_id: str
    date: str  # YYYYMMDD
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str  # YYYYMMDDTHHMMSSZ
    session_token: str | None
    lifetime: timedelta | None = None

    @property
    def scope(self) -> str:
        """Give the credential scope."""
        return f"{self.date}/{self.region}/{self.service}/aws4_request"

    @property
    def signed_at(self) -> datetime:
        """Give the moment of signing, UTC."""
        return datetime.strptime(self.timestamp, DATE_FORMAT).replace(tzinfo=UTC)


def read_claim(request: Request) -> Claim:
    """Read the claim. Raises ``Unsigned`` and ``Incomplete``."""
    header = request.header("authorization")
    if header is not None:
        return _from_header(request, header)
    parameters = {name: values[0] for name, values in request.query_parameters.items()}
    if "X-Amz-Signature" in parameters:
        return _from_query(parameters)
    raise Unsigned


def claimed_service(request: Request) -> str | None:
    """Give the service a request names in its credential scope, believed as it is."""
    try:
        return read_claim(request).service
    except (Unsigned, Incomplete):
        return None


def _from_header(request: Request, header: str) -> Claim:
    match = _HEADER.fullmatch(header)
    if match is None:
        message = "Authorization header is not 'AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, "
        raise Incomplete(message + "Signature=…'.")
    return _claim(
        match["credential"],
        match["headers"],
        match["signature"],
        request.header("x-amz-date") or "",
        request.header("x-amz-security-token"),
    )


def _from_query(parameters: dict[str, str]) -> Claim:
    if parameters.get("X-Amz-Algorithm") != ALGORITHM:
        message = f"X-Amz-Algorithm only supports {ALGORITHM}."
        raise Incomplete(message)
    expires = parameters.get("X-Amz-Expires", "")
    if not expires.isdecimal() or not 1 <= int(expires) <= _LONGEST_LIFETIME_SECONDS:
        message = "X-Amz-Expires must be between 1 and 604800 seconds."
        raise Incomplete(message)
    return _claim(
        parameters.get("X-Amz-Credential", ""),
        parameters.get("X-Amz-SignedHeaders", ""),
        parameters["X-Amz-Signature"],
        parameters.get("X-Amz-Date", ""),
        parameters.get("X-Amz-Security-Token"),
        timedelta(seconds=int(expires)),
    )


_LONGEST_LIFETIME_SECONDS: Final = 604_800  # a week


def _claim(
    credential: str,
    headers: str,
    signature: str,
    timestamp: str,
    token: str | None,
    lifetime: timedelta | None = None,
) -> Claim:
    parts = credential.split("/")
    if len(parts) != _SCOPE_PARTS or parts[4] != "aws4_request" or not all(parts):
        message = "Credential must be KEY/YYYYMMDD/REGION/SERVICE/aws4_request."
        raise Incomplete(message)
    if not _TIMESTAMP.fullmatch(timestamp):
        message = "X-Amz-Date must be a moment like 20300102T030405Z."
        raise Incomplete(message)
    key, date, region, service, _ = parts
    return Claim(
        access_key_id=key,
        date=date,
        region=region,
        service=service,
        signed_headers=tuple(headers.split(";")),
        signature=signature,
        timestamp=timestamp,
        session_token=token,
        lifetime=lifetime,
    )
