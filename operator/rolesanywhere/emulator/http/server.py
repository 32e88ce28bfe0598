"""The port: a thread per connection, HTTP/1.1 with keep-alive, whole messages in and out.

The standard library's server rather than werkzeug's, which closes after every answer, folds
headers that a signature covers one by one, and cannot cut a connection on demand.
"""

import logging
import socket
import socketserver
import struct
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Final

from rolesanywhere.emulator.http.body import BrokenBody, read_body
from rolesanywhere.emulator.http.message import NoAnswer, Request, Response
from rolesanywhere.emulator.http.wire import unreadable

Application = Callable[[Request], Response]
_logger = logging.getLogger(__name__)
_STOP_SECONDS: Final = 0.8  # what answers under way may still take
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_POLL_SECONDS: Final = 0.05
_RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER of 0 seconds: close sends RST


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Listens from the start; ``start`` answers requests on threads of its own."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256
    block_on_close = False

    def __init__(self, host: str, port: int, application: Application) -> None:
        """Bind; ``port`` 0 takes a free one. Raises ``OSError`` when it is taken."""
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.application = application
        self._connections: set[socket.socket] = set()
        self._at_work: set[threading.Thread] = set()
        self._lock = threading.Lock()
        super().__init__((host, port), _Handler)
        self._loop = threading.Thread(
            target=self.serve_forever, args=(_POLL_SECONDS,), name="emulator-accept", daemon=True
        )

    @property
    def url(self) -> str:
        """Give the endpoint, by address: SDKs then use path-style buckets."""
        host, port = self.server_address[:2]
        shown = f"[{host!s}]" if ":" in str(host) else str(host)
        return f"http://{shown}:{port}"

    def start(self) -> None:
        """Begin to answer."""
        self._loop.start()

    def stop(self) -> None:
        """Stop listening, end idle connections and wait briefly for answers under way."""
        if self._loop.ident is not None:  # shutdown waits for ever for a loop that never began
            self.shutdown()
            self._loop.join(_STOP_SECONDS)
        self.server_close()
        with self._lock:
            connections, threads = tuple(self._connections), tuple(self._at_work)
        for connection in connections:
            _quietly(connection, socket.SHUT_RD)  # an idle reader sees the end, a writer goes on
        for thread in threads:
            thread.join(_STOP_SECONDS / max(1, len(threads)))

    def process_request_thread(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """Serve one connection, known to ``stop`` while it lasts."""
        assert isinstance(request, socket.socket)  # noqa: S101 - TCP: never the datagram pair
        thread = threading.current_thread()
        with self._lock:
            self._connections.add(request)
            self._at_work.add(thread)
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._connections.discard(request)
                self._at_work.discard(thread)

    def handle_error(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """Note what ended a connection; a caller that went away is no news."""
        del request
        if isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            _logger.debug("the connection from %s ended early", client_address)
        else:
            _logger.exception("the connection from %s failed", client_address)  # noqa: LOG004 - the parent calls this from its handler


class _Handler(BaseHTTPRequestHandler):
    """One connection, request after request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def _serve(self) -> None:
        path, _, query = self.path.partition("?")
        if "://" in path:  # absolute form, as proxies receive it
            path = "/" + path.partition("://")[2].partition("/")[2]
        try:
            body = read_body(self.headers, self.rfile)
        except BrokenBody as error:
            self.close_connection = True
            self._send(unreadable(error.status, str(error)))
            return
        request = Request(
            method=self.command,
            path=path,
            query=query,
            headers=tuple(self.headers.items()),
            body=body,
            source_ip=self.client_address[0],
        )
        try:
            self._send(self.server.application(request))
        except NoAnswer as fate:
            self.close_connection = True
            if fate.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                self.connection.close()

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Give the parent's ``do_METHOD``: one for every method AWS uses."""
        if name.removeprefix("do_") in _METHODS:
            return self._serve
        raise AttributeError(name)

    def _send(self, answer: Response) -> None:
        """Write head and body in one piece."""
        self.send_response(answer.status)
        names = {name.lower() for name, _ in answer.headers}
        for name, value in answer.headers:
            self.send_header(name, value)
        if "content-length" not in names:
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self._headers_buffer.append(b"\r\n")
        if self.command != "HEAD":
            self._headers_buffer.append(answer.body)
        self.flush_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002 - parent's
        """Answer what is no HTTP request the way AWS would."""
        self.close_connection = True
        if not hasattr(self, "_headers_buffer"):
            self._headers_buffer: list[bytes] = []
        self.command = self.command or "GET"
        self.request_version = "HTTP/1.1"
        self._send(unreadable(int(code), message or "the request cannot be read"))

    def version_string(self) -> str:
        """Say what answers."""
        return "rolesanywhere-emulator"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        """Keep the console clean: the journal knows every call."""


def _quietly(connection: socket.socket, how: int) -> None:
    try:
        connection.shutdown(how)
    except OSError:
        _logger.debug("a connection was closed already")
