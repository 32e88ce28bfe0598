"""Connecting to names with several addresses: who is tried when, and for how long."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from rolesanywhere.aws.dialing import dial, in_turns

FOUR, SIX = socket.AF_INET, socket.AF_INET6


def found(*addresses: str, port: int = 443) -> list[Any]:
    """Give addresses as ``getaddrinfo`` does."""
    return [
        (SIX if ":" in each else FOUR, socket.SOCK_STREAM, 6, "", (each, port))
        for each in addresses
    ]


@pytest.mark.parametrize(
    ("given", "tried"),
    [
        (["::1", "::2", "::3", "1.1.1.1"], ["::1", "1.1.1.1", "::2", "::3"]),
        (["1.1.1.1", "::1", "::2"], ["1.1.1.1", "::1", "::2"]),
        (["1.1.1.1", "2.2.2.2", "::1"], ["1.1.1.1", "::1", "2.2.2.2"]),
        (["1.1.1.1"], ["1.1.1.1"]),
        (["::2", "::1"], ["::2", "::1"]),
    ],
)
def test_families_take_turns(given: list[str], tried: list[str]) -> None:
    """The resolver's favourite is first, and its order within a family stays."""
    assert [each[4][0] for each in in_turns(found(*given))] == tried


@pytest.fixture
def deaf() -> Iterator[str]:
    """Give an address that answers no SYN: its queue is full, and nobody accepts."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.2", 0))
        listener.listen(0)
        for _ in range(4):
            client = stack.enter_context(socket.socket())
            client.settimeout(0)
            client.connect_ex(listener.getsockname())
        time.sleep(0.05)
        yield f"127.0.0.2:{listener.getsockname()[1]}"


def test_a_deaf_address_does_not_take_all_the_time(
    deaf: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one is tried long before the whole time is over, and has all of its own."""
    port = int(deaf.rpartition(":")[2])
    both = found("127.0.0.2", "127.0.0.1", port=port)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with socket.create_server(("127.0.0.1", port)):
        began = time.monotonic()
        with dial(("name.example", port), 30.0) as connection:
            assert connection.getpeername() == ("127.0.0.1", port)
            assert connection.gettimeout() == 30.0
        assert 1.4 < time.monotonic() - began < 2.5  # the deaf one had a second and a half


def test_the_last_address_has_the_time_that_was_given(deaf: str) -> None:
    """And no more."""
    host, _, port = deaf.partition(":")
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        dial((host, int(port)), 0.2)
    assert 0.1 < time.monotonic() - began < 1.4


def test_the_first_addresss_error_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the one that the resolver preferred."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    both = found("127.0.0.1", "255.255.255.255", port=port)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(ConnectionRefusedError):
        dial(("name.example", port), 1.0)
