"""From an HTTP request to an operation and its parameters."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from rolesanywhere.emulator.errors import AwsError
from rolesanywhere.emulator.http.message import Request
from rolesanywhere.emulator.roles_anywhere.operation import Operation
from rolesanywhere.emulator.roles_anywhere.operations import OPERATIONS
from rolesanywhere.emulator.roles_anywhere.refusals import too_large, unknown_operation, unreadable
from rolesanywhere.emulator.roles_anywhere.shapes import Many, Whole
from rolesanywhere.emulator.roles_anywhere.validation import validate

LARGEST_BODY_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Routed:
    """A request understood: the operation and its validated parameters."""

    operation: Operation
    parameters: Mapping[str, Any]


def route(request: Request) -> Routed:
    """Find the operation and read its parameters. Raises ``AwsError``."""
    found = _find(request)
    if found is None:
        message = f"Roles Anywhere has no {request.method} {request.path[:100]}"
        raise unknown_operation(message)
    operation, match = found
    return Routed(operation, _parameters(operation, request, match))


def operation_of(request: Request) -> str | None:
    """Name the operation, whatever its parameters; None: there is none."""
    found = _find(request)
    return None if found is None else found[0].name


def _find(request: Request) -> tuple[Operation, re.Match[str]] | None:
    for operation, pattern in _ROUTES:
        match = pattern.fullmatch(request.path)
        if match is not None and operation.method == request.method:
            return operation, match
    return None


def read_json(body: bytes, refuse: Callable[[str], AwsError] = unreadable) -> Mapping[str, Any]:
    """Read a body; an empty one is an empty object. Raises ``AwsError``, made by ``refuse``."""
    if len(body) > LARGEST_BODY_BYTES:
        message = "The request is larger than the service takes."
        raise too_large(message)
    try:
        read = json.loads(body) if body else {}
    except (ValueError, RecursionError) as error:
        message = "The body is not valid JSON."
        raise refuse(message) from error
    if not isinstance(read, dict):
        message = "The body is not a JSON object."
        raise refuse(message)
    return read


def _pattern(path: str) -> re.Pattern[str]:
    """Compile a path; a URI parameter is one segment, an ARN's slashes come escaped."""
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


_ROUTES: Final = tuple((operation, _pattern(operation.path)) for operation in OPERATIONS)


def _parameters(operation: Operation, request: Request, match: re.Match[str]) -> Mapping[str, Any]:
    body = read_json(request.body) if request.method != "GET" else {}
    in_body = {k: v for k, v in body.items() if k not in operation.in_query}
    uri = {name: unquote(value) for name, value in match.groupdict().items()}
    return validate(operation.shape, {**in_body, **_from_query(operation, request), **uri})


def _from_query(operation: Operation, request: Request) -> dict[str, Any]:
    sent = request.query_parameters
    found: dict[str, Any] = {}
    for name in operation.in_query:
        if name not in sent:
            continue
        shape, values = operation.shape.members[name], sent[name]
        found[name] = values if isinstance(shape, Many) else values[0]
        if isinstance(shape, Whole) and re.fullmatch(r"-?\d{1,9}", values[0]):
            found[name] = int(values[0])
    return found
