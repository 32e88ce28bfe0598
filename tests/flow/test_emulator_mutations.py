"""Signed requests with one byte changed: two thousand of them, and not one is let through."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.flow.emulated_session import World

from rolesanywhere.emulator.http.message import Request
from rolesanywhere.emulator.running import Emulator

EXAMPLES = 1000  # for each kind of signature
Make = Callable[[Emulator], Request]


def session_request(emulator: Emulator) -> Request:
    """Make a CreateSession that succeeds."""
    wire = World(emulator).attempt().request()
    return Request(wire.method, wire.path, wire.query, wire.headers, wire.body)


def management_request(emulator: Emulator) -> Request:
    """Make a CreateProfile that succeeds."""
    key, body = emulator.administrator, b'{"name": "profile", "roleArns": [], "enabled": true}'
    signed = AWSRequest(
        "POST",
        f"{emulator.url}/profiles",
        headers={"Content-Type": "application/json", "Host": urlsplit(emulator.url).netloc},
        data=body,
    )
    credentials = Credentials(key.access_key_id, key.secret_access_key)
    SigV4Auth(credentials, "rolesanywhere", "us-east-1").add_auth(signed)
    return Request("POST", "/profiles", "", tuple(signed.headers.items()), body)


def spots(request: Request) -> list[tuple[str, int]]:
    """Give every byte that matters: of path, query, body and each header's value."""
    places = [("path", request.path), ("query", request.query)]
    places += [(name, value) for name, value in request.headers]
    found = [(name, at) for name, text in places for at in range(len(text))]
    return found + [("body", at) for at in range(len(request.body))]


def changed(request: Request, spot: tuple[str, int], by: int) -> Request:
    """Give the request with one byte another one; ``by`` is from 1 to 255."""
    name, at = spot
    if name == "body":
        body = bytearray(request.body)
        body[at] ^= by
        return replace(request, body=bytes(body))
    if name == "path":
        return replace(request, path=_other(request.path, at, by))
    if name == "query":
        return replace(request, query=_other(request.query, at, by))
    headers = tuple((k, _other(v, at, by) if k == name else v) for k, v in request.headers)
    return replace(request, headers=headers)


def _other(text: str, at: int, by: int) -> str:
    return f"{text[:at]}{chr(ord(text[at]) ^ by)}{text[at + 1 :]}"


@pytest.mark.parametrize("make", [session_request, management_request])
def test_no_changed_byte_goes_unnoticed(emulator: Emulator, make: Make) -> None:
    """Each is refused as the caller's mistake, and the emulator goes on."""
    request = make(emulator)
    everywhere = spots(request)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(spot=st.sampled_from(everywhere), by=st.integers(1, 255))
    def refuses(spot: tuple[str, int], by: int) -> None:
        answer = emulator.application(changed(request, spot, by))
        assert 400 <= answer.status < 500

    refuses()
    assert emulator.application(request).status == 201
