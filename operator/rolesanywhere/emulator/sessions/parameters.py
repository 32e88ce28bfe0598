"""CreateSession's parameters: three ARNs, by query or body, a duration and a session name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rolesanywhere.emulator.http.message import Request
from rolesanywhere.emulator.roles_anywhere.refusals import invalid
from rolesanywhere.emulator.roles_anywhere.routing import read_json
from rolesanywhere.emulator.roles_anywhere.shapes import DURATION_SECONDS, Structure, Text
from rolesanywhere.emulator.roles_anywhere.validation import validate

_ARN: Final = r"arn:aws(-[a-z]+)*:rolesanywhere:[a-z0-9-]+:[0-9]{12}"
_UUID: Final = r"[a-f0-9]{8}-([a-f0-9]{4}-){3}[a-f0-9]{12}"
_ARNS: Final = ("profileArn", "roleArn", "trustAnchorArn")
_SHAPE: Final = Structure(
    {
        "profileArn": Text(1, 1011, rf"{_ARN}:profile/{_UUID}"),
        "roleArn": Text(1, 1011, r"arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/.+"),
        "trustAnchorArn": Text(1, 1011, rf"{_ARN}:trust-anchor/{_UUID}"),
        "durationSeconds": DURATION_SECONDS,
        "roleSessionName": Text(2, 64, r"[\w+=,.@-]*"),  # as STS takes it
    },
    required=_ARNS,
)


@dataclass(frozen=True, slots=True)
class SessionParameters:
    """What is asked for. None: not said."""

    profile_arn: str
    role_arn: str
    trust_anchor_arn: str
    duration_seconds: int | None
    role_session_name: str | None


def read_parameters(request: Request) -> SessionParameters:
    """Read and check them. Raises ``AwsError``: ValidationException."""
    body = read_json(request.body, invalid)
    query = {name: values[0] for name, values in request.query_parameters.items() if name in _ARNS}
    _require_agreement(query, body)
    given = validate(_SHAPE, {**body, **query})
    return SessionParameters(
        profile_arn=given["profileArn"],
        role_arn=given["roleArn"],
        trust_anchor_arn=given["trustAnchorArn"],
        duration_seconds=given.get("durationSeconds"),
        role_session_name=given.get("roleSessionName"),
    )


def claimed_region(request: Request) -> str | None:
    """Give the region of the credential scope; None: there is no scope to be read."""
    header = request.header("authorization") or ""
    match = re.search(r"Credential=\d+/\d{8}/([a-z0-9-]{1,32})/", header)
    return None if match is None else match[1]


def _require_agreement(query: Mapping[str, str], body: Mapping[str, Any]) -> None:
    for name, value in query.items():
        if body.get(name, value) != value:
            message = f"{name} differs between the query and the body"
            raise invalid(message)
