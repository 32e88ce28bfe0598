"""A request's body off the connection: by length or in chunks, up to a limit."""

from collections.abc import Iterator
from email.message import Message
from http import HTTPStatus
from io import BufferedIOBase
from typing import Final

LONGEST_BODY_BYTES: Final = 64 * 1024 * 1024  # S3 objects live in memory
_LONGEST_LINE_BYTES: Final = 1024


class BrokenBody(Exception):  # noqa: N818 - it says what is wrong, not that it is
    """The body cannot be read; the connection is of no more use."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


def read_body(headers: Message, stream: BufferedIOBase) -> bytes:
    """Read the whole body, or nothing where there is none. Raises ``BrokenBody``."""
    coding = headers.get("Transfer-Encoding", "").lower()
    if coding == "chunked":
        return b"".join(_chunks(stream))
    if coding:
        raise BrokenBody(HTTPStatus.NOT_IMPLEMENTED, f"transfer coding {coding} is not supported")
    lengths = set(headers.get_all("Content-Length", ["0"]))
    text = lengths.pop()
    if lengths or not (text.isascii() and text.isdecimal()):
        raise BrokenBody(HTTPStatus.BAD_REQUEST, "Content-Length is not one number")
    return _exactly(stream, _bounded(int(text)))


def _chunks(stream: BufferedIOBase) -> Iterator[bytes]:
    total = 0
    while size := _chunk_size(stream):
        total = _bounded(total + size)
        yield _exactly(stream, size)
        _exactly(stream, len(b"\r\n"))
    while stream.readline(_LONGEST_LINE_BYTES).strip():
        pass  # trailers, of which none is of use here


def _chunk_size(stream: BufferedIOBase) -> int:
    line = stream.readline(_LONGEST_LINE_BYTES)
    try:
        return int(line.partition(b";")[0].strip(), 16)
    except ValueError:
        message = "a chunk does not begin with its size"
        raise BrokenBody(HTTPStatus.BAD_REQUEST, message) from None


def _exactly(stream: BufferedIOBase, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise BrokenBody(HTTPStatus.BAD_REQUEST, "the body ends early")
    return data


def _bounded(size: int) -> int:
    if size > LONGEST_BODY_BYTES or size < 0:
        raise BrokenBody(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too large")
    return size
