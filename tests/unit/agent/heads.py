"""Heads as they come in, and headers as ``Request`` has them."""

from collections.abc import Iterable

from rolesanywhere.agent.request import Request, read_head

Headers = dict[bytes, tuple[bytes, ...]]


def grouped(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Give each name's values, in order."""
    values: Headers = {}
    for name, value in headers:
        values[name] = (*values.get(name, ()), value)
    return values


def read(method: bytes, target: bytes, *headers: tuple[bytes, bytes]) -> Request:
    """Read a request of HTTP/1.0, which needs no header."""
    lines = [b"%b %b HTTP/1.0" % (method, target), *(b"%b: %b" % pair for pair in headers)]
    return read_head(b"\r\n".join(lines))
