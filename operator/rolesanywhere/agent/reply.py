"""A reply and how it is written on the wire; the shape of a refusal, which every SDK reads."""

import json
from http import HTTPStatus
from typing import Final

JSON: Final = b"application/json"
TEXT: Final = b"text/plain"
_PHRASES: Final = {status.value: status.phrase.encode() for status in HTTPStatus}
_HEAD: Final = (
    b"HTTP/1.1 %d %b\r\ncontent-type: %b\r\ncontent-length: %d\r\ncache-control: no-store\r\n%b"
)
_LAST: Final = b"connection: close\r\n"


class Reply:
    """Status, body, its type and additional headers. Its repr hides the body.

    Written once, sent as often as it is asked for.
    """

    __slots__ = ("_head", "body", "content_type", "headers", "status")

    def __init__(
        self,
        status: int,
        body: bytes,
        content_type: bytes = JSON,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        self.status = int(status)
        self.body = body
        self.content_type = content_type
        self.headers = headers
        self._head = _HEAD % (
            self.status,
            _PHRASES[self.status],
            content_type,
            len(body),
            b"".join(b"%b: %b\r\n" % pair for pair in headers),
        )

    def with_header(self, name: bytes, value: bytes) -> "Reply":
        """Give the same reply with one header more."""
        return Reply(self.status, self.body, self.content_type, (*self.headers, (name, value)))

    def wire(self, *, last: bool, with_body: bool) -> bytes:
        """Give the bytes to send; ``last`` says that the connection ends behind them."""
        end = _LAST if last else b""
        return b"%b%b\r\n%b" % (self._head, end, self.body if with_body else b"")

    def __repr__(self) -> str:
        """Show the status alone."""
        return f"Reply({self.status})"


def refuse(
    status: int, code: str, message: str, headers: tuple[tuple[bytes, bytes], ...] = ()
) -> Reply:
    """Give an error in the shape every SDK reads.

    Each key stands there in both cases: Go and Java read ``code``, JavaScript ``Code``.
    """
    body = {"code": code, "message": message, "Code": code, "Message": message}
    return Reply(status, json.dumps(body).encode(), headers=headers)
