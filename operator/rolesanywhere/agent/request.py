"""A strict reader of HTTP/1.1 request heads (RFC 9112): what is unclear is refused, not guessed.

Small on purpose: no request to the agent needs a body of more than a few bytes, none is chunked.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Final, NamedTuple

LARGEST_HEAD: Final = 8192  # bytes of request line and headers
MOST_HEADERS: Final = 64  # SDKs send a dozen
LARGEST_BODY: Final = 4096  # bytes; it is read and forgotten
_KNOWN_HEADS: Final = 16
_END_OF_LINE: Final = b"\r\n"
_END_OF_HEAD: Final = b"\r\n\r\n"
_LINE: Final = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e]+) HTTP/1\.([01])")
_HEADER: Final = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([^\x00-\x08\x0a-\x1f\x7f]*)")
_ABSOLUTE: Final = re.compile(rb"(?i:http)://([^/?]+)")
_DIGITS: Final = re.compile(rb"[0-9]{1,9}")


class Malformed(Exception):  # noqa: N818 - it says what the request is
    """A request that is answered with ``status`` and ends its connection."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Request(NamedTuple):
    """A request's head. Header names are in lower case; its repr hides their values.

    ``path`` is the target's, whatever form that has and however many slashes are at either end.
    An authority in the target is one more value of Host: what goes for one goes for all.
    """

    method: bytes
    target: bytes
    path: bytes
    headers: Mapping[bytes, tuple[bytes, ...]]
    body_length: int
    keep_alive: bool

    def values(self, name: bytes) -> tuple[bytes, ...]:
        """Give every value of a header, in order."""
        return self.headers.get(name, ())

    def __repr__(self) -> str:
        """Show the request line."""
        return f"Request({self.method!r}, {self.target!r})"


def without_empty_lines(data: bytes) -> bytes:
    """Skip what some send behind a body (RFC 9112, 2.2)."""
    while data.startswith(_END_OF_LINE):
        data = data[len(_END_OF_LINE) :]
    return data


def next_head(data: bytes) -> tuple[Request, int] | None:
    """Read the head that comes first, and give how many bytes it takes; None until it is whole.

    Raises ``Malformed``.
    """
    lines = without_empty_lines(data)
    end = lines.find(_END_OF_HEAD, 0, LARGEST_HEAD)
    if end >= 0:
        return read_head(lines[:end]), len(data) - len(lines) + end + len(_END_OF_HEAD)
    if len(lines) >= LARGEST_HEAD:
        raise Malformed(
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
            f"request line and headers are longer than {LARGEST_HEAD} bytes",
        )
    return None


@lru_cache(maxsize=_KNOWN_HEADS)
def read_head(head: bytes) -> Request:
    """Read a head, up to and without the empty line at its end. Raises ``Malformed``.

    An SDK sends the same head each time, so the last ones are known; whether one may be answered
    is decided afresh each time.
    """
    first, *lines = head.split(_END_OF_LINE)
    match = _LINE.fullmatch(first)
    if match is None:
        raise Malformed(HTTPStatus.BAD_REQUEST, "the first line is not that of an HTTP/1.1 request")
    method, target, minor = match.groups()
    if len(lines) > MOST_HEADERS:
        words = f"there are more than {MOST_HEADERS} headers"
        raise Malformed(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, words)
    headers: dict[bytes, tuple[bytes, ...]] = {}
    for name, value in map(_header, lines):
        headers[name] = (*headers.get(name, ()), value)
    authority, path = _parts(target)
    request = Request(method, target, path, headers, 0, keep_alive=False)
    if len(hosts := request.values(b"host")) > 1 or (minor == b"1" and not hosts):
        raise Malformed(HTTPStatus.BAD_REQUEST, "there must be exactly one Host header")
    if authority:
        headers[b"host"] = (*hosts, authority)
    return request._replace(
        body_length=_body_length(request), keep_alive=minor == b"1" and _keeps_alive(request)
    )


def _parts(target: bytes) -> tuple[bytes, bytes]:
    """Give the authority, which only the absolute form has (RFC 9112, 3.2.2), and the path.

    There are SDKs that put a path behind an address that ends in a slash.
    """
    match = _ABSOLUTE.match(target)
    authority, rest = (match[1], target[match.end() :]) if match else (b"", target)
    path = rest.partition(b"?")[0]
    is_usual = path.startswith(b"/") or not path
    return authority, b"/" + path.strip(b"/") if is_usual else path


def _header(line: bytes) -> tuple[bytes, bytes]:
    match = _HEADER.fullmatch(line)
    if match is None:
        raise Malformed(HTTPStatus.BAD_REQUEST, "a header line is malformed")
    return match[1].lower(), match[2].strip(b" \t")


def _body_length(request: Request) -> int:
    if request.values(b"transfer-encoding"):
        raise Malformed(HTTPStatus.NOT_IMPLEMENTED, "no body is wanted here, least in chunks")
    lengths = request.values(b"content-length")
    if not lengths:
        return 0
    if len(lengths) > 1 or _DIGITS.fullmatch(lengths[0]) is None:
        raise Malformed(HTTPStatus.BAD_REQUEST, "Content-Length must be one number")
    if int(lengths[0]) > LARGEST_BODY:
        raise Malformed(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too long")
    return int(lengths[0])


def _keeps_alive(request: Request) -> bool:
    words = b",".join(request.values(b"connection")).lower()
    return b"close" not in [word.strip() for word in words.split(b",")]
