"""Listening sockets."""

import socket

import pytest

from rolesanywhere.agent.server import listen


@pytest.mark.parametrize(
    ("host", "level", "option"),
    [
        ("127.0.0.1", socket.IPPROTO_IP, socket.IP_TTL),
        ("::1", socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS),
    ],
)
def test_replies_do_not_pass_more_routers_than_allowed(host: str, level: int, option: int) -> None:
    """The hop limit is the IP time to live of every connection, from its first packet on."""
    with listen(host, 0, hop_limit=3) as listener:
        listener.settimeout(5)
        with socket.create_connection(listener.getsockname()[:2]) as client:
            client.sendall(b"G")
            with listener.accept()[0] as accepted:
                assert accepted.getsockopt(level, option) == 3


def test_replies_are_not_held_back_for_acknowledgements() -> None:
    """Two requests in one packet would otherwise take forty milliseconds."""
    with listen("127.0.0.1", 0) as listener:
        listener.settimeout(5)
        with socket.create_connection(listener.getsockname()) as client:
            client.sendall(b"G")
            with listener.accept()[0] as accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_taken_address_is_an_error() -> None:
    """Two agents of one pod must not share a port."""
    with listen("127.0.0.1", 0) as first, pytest.raises(OSError, match="in use"):
        listen(*first.getsockname())
