"""A reply and how it is written on the wire; the shape of a refusal, which every SDK reads."""

import json
from http import HTTPStatus
from typing import Final, NamedTuple

JSON: Final = b"application/json"
TEXT: Final = b"text/plain"
_PHRASES: Final = {status.value: status.phrase.encode() for status in HTTPStatus}


class Reply(NamedTuple):
    """Status, body, its type and additional headers. Its repr hides the body."""

    status: int
    body: bytes
    content_type: bytes = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()

    def wire(self, *, last: bool, with_body: bool) -> bytes:
        """Give the bytes to send; ``last`` says that the connection ends behind them."""
        more = b"".join(b"%b: %b\r\n" % pair for pair in self.headers)
        return b"HTTP/1.1 %d %b\r\ncontent-type: %b\r\ncontent-length: %d\r\n%b%b\r\n%b" % (
            self.status,
            _PHRASES[self.status],
            self.content_type,
            len(self.body),
            b"cache-control: no-store\r\nconnection: close\r\n"
            if last
            else b"cache-control: no-store\r\n",
            more,
            self.body if with_body else b"",
        )

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
