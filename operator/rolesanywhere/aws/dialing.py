"""Connecting to a name with several addresses, some of which may be dead.

Families take turns, and no address but the last may use up the time: where IPv6 is filtered, a
dual-stack name is reached by IPv4 soon enough.
https://www.rfc-editor.org/rfc/rfc8305#section-4 (one try at a time, which needs no threads)
"""

import socket
from collections.abc import Sequence
from itertools import chain, zip_longest
from typing import Any, Final

_PATIENCE_SECONDS: Final = 1.5  # one SYN and its repetition after a second

# What ``getaddrinfo`` gives: family, type, protocol, canonical name, address.
_Found = tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]


def dial(
    address: tuple[str, int],
    timeout: float,
    _source: object = None,
) -> socket.socket:
    """Connect as ``socket.create_connection`` does, whose place it takes in ``http.client``.

    ``timeout`` in seconds is for the last address and for all that follows; the others get less.
    Raises the first address's ``OSError``.
    """
    host, port = address
    found = in_turns(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    first_error: OSError | None = None
    for number, each in enumerate(found, 1):
        is_last = number == len(found)
        try:
            return _connect(each, timeout if is_last else min(timeout, _PATIENCE_SECONDS), timeout)
        except OSError as error:
            first_error = first_error or error
    raise first_error or OSError(f"{host} has no address")


def in_turns(found: Sequence[_Found]) -> list[_Found]:
    """Let the families take turns, the first one's first; each keeps its order."""
    first = [each for each in found if each[0] == found[0][0]]
    others = [each for each in found if each[0] != found[0][0]]
    return [each for each in chain(*zip_longest(first, others)) if each is not None]


def _connect(found: _Found, patience: float, timeout: float) -> socket.socket:
    family, kind, protocol, _, address = found
    connection = socket.socket(family, kind, protocol)
    try:
        connection.settimeout(patience)
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    connection.settimeout(timeout)
    return connection
