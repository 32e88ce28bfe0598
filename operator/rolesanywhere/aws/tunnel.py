"""A way through a forward proxy: CONNECT, and what comes behind it is the other side's.

Not ``http.client``'s own: before Python 3.12 it asks in HTTP/1.0 and without a Host header, which
some proxies (Envoy) refuse.
https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6
"""

import http.client
import socket
from typing import Final

from rolesanywhere.aws.dialing import dial
from rolesanywhere.aws.forward_proxy import Proxy

_GRANTED: Final = range(200, 300)


def dial_through(proxy: Proxy, address: tuple[str, int], timeout: float) -> socket.socket:
    """Connect to ``address`` (host and port) through the proxy; ``timeout`` as ``dial`` has it.

    Raises ``OSError`` or ``http.client.HTTPException``, ``UnicodeError`` for what is no host.
    """
    connection = dial((proxy.host, proxy.port), timeout)
    try:
        connection.sendall(_request(proxy, address))
        _require_granted(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _request(proxy: Proxy, address: tuple[str, int]) -> bytes:
    host, port = address
    authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}"]
    lines += [f"{name}: {value}" for name, value in proxy.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def _require_granted(connection: socket.socket) -> None:
    """Read the answer's head. Nothing that follows can be lost: in TLS the client speaks first."""
    answer = http.client.HTTPResponse(connection, method="CONNECT")
    try:
        answer.begin()
        if answer.status not in _GRANTED:
            reason = "".join(letter for letter in answer.reason if letter.isprintable())
            message = f"it refused a tunnel: {answer.status} {reason}"
            raise OSError(message)
    finally:
        answer.close()
