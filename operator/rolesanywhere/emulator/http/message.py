"""Requests and answers as bytes on the wire, and the one way to give no answer at all."""

from dataclasses import dataclass
from urllib.parse import unquote

from rolesanywhere.pki.canonical import WireRequest


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request. ``path`` and ``query`` are raw; headers keep their order and case."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    source_ip: str = "127.0.0.1"

    def header(self, name: str) -> str | None:
        """Give a header's value by its lower-case name, several joined as HTTP joins them."""
        values = [value for key, value in self.headers if key.lower() == name]
        return ",".join(values) if values else None

    @property
    def query_parameters(self) -> dict[str, list[str]]:
        """Give the query decoded, as RFC 3986 reads it: a ``+`` is a plus sign."""
        decoded: dict[str, list[str]] = {}
        for pair in filter(None, self.query.split("&")):
            name, _, value = pair.partition("=")
            decoded.setdefault(unquote(name), []).append(unquote(value))
        return decoded

    @property
    def wire(self) -> WireRequest:
        """Give it as the AWS4-X509 signature takes it."""
        return WireRequest(self.method, self.path, self.query, self.headers, self.body)


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer; Content-Length, Date and Connection are the server's to add."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


class NoAnswer(Exception):  # noqa: N818 - what happens to the caller, not an error of ours
    """Close the connection without an answer; with ``reset`` as a crashed peer would."""

    def __init__(self, *, reset: bool) -> None:
        super().__init__("the connection is closed without an answer")
        self.reset = reset
