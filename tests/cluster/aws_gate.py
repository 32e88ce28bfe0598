"""A gate between controller and AWS: counts answered calls, and holds one at an exact point.

A controller killed while a call is held has either not asked AWS yet or never hears the answer;
no sleep finds these moments. Requests pass unchanged, signatures included.
"""

import http.client
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Final, Self
from urllib.parse import parse_qs, urlsplit

PATIENCE_SECONDS: Final = 60.0
_UPSTREAM_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.05
_OF_THIS_HOP: Final = frozenset({"connection", "keep-alive", "transfer-encoding"})
_REGION: Final = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/")
_ROLES_ANYWHERE: Final[Mapping[tuple[str, str], str]] = {  # its API is REST
    ("GET", "trustanchors"): "ListTrustAnchors",
    ("POST", "trustanchors"): "CreateTrustAnchor",
    ("PATCH", "trustanchor"): "UpdateTrustAnchor",
    ("POST", "trustanchor"): "EnableTrustAnchor",
    ("DELETE", "trustanchor"): "DeleteTrustAnchor",
    ("GET", "profiles"): "ListProfiles",
    ("POST", "profiles"): "CreateProfile",
    ("PATCH", "profile"): "UpdateProfile",
    ("POST", "profile"): "EnableProfile",
    ("DELETE", "profile"): "DeleteProfile",
    ("POST", "sessions"): "CreateSession",
}


@dataclass(frozen=True, slots=True)
class Call:
    """One call to AWS."""

    operation: str
    region: str


@dataclass(slots=True)
class Held:
    """A call to be held; ``before`` AWS is asked, or once it has answered."""

    call: Call
    before: bool
    is_taken: bool = False
    is_reached: threading.Event = field(default_factory=threading.Event)
    is_over: threading.Event = field(default_factory=threading.Event)

    def wait(self) -> None:
        """Wait until the controller is at this point."""
        assert self.is_reached.wait(PATIENCE_SECONDS), f"no {self.call} came"


class AwsGate:
    """Listens on a free port in front of ``upstream``. ``url`` is what the controller is given."""

    def __init__(self, upstream: str) -> None:
        """Begin to forward."""
        self._upstream = urlsplit(upstream).netloc
        self._changed = threading.Condition()
        self._calls: Counter[Call] = Counter()
        self._held: list[Held] = []
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_SECONDS,), name="gate", daemon=True
        )
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Give the endpoint."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def count(self, operation: str, region: str | None = None) -> int:
        """Count the calls so far."""
        with self._changed:
            return sum(
                times
                for call, times in self._calls.items()
                if call.operation == operation and region in (None, call.region)
            )

    def calls(self) -> Counter[Call]:
        """Count the calls so far, by operation and region."""
        with self._changed:
            return Counter(self._calls)

    def until_called(
        self, operation: str, region: str | None = None, *, since: int, times: int = 1
    ) -> None:
        """Wait until there were ``times`` more calls than ``since``, an earlier ``count``."""
        wanted = since + times
        until = time.monotonic() + PATIENCE_SECONDS
        with self._changed:
            while self.count(operation, region) < wanted:
                left = until - time.monotonic()
                assert left > 0, f"no {operation} in {region} within {PATIENCE_SECONDS:g} s"
                self._changed.wait(left)

    def hold(self, operation: str, region: str, *, before: bool = False) -> Held:
        """Hold the next call of an operation in a region, until ``release``."""
        held = Held(Call(operation, region), before)
        with self._changed:
            self._held.append(held)
        return held

    def release(self) -> None:
        """Let go of what is held, and hold no more."""
        with self._changed:
            for held in self._held:
                held.is_over.set()
            self._held.clear()

    def pass_on(self, call: Call, forward: Callable[[], None]) -> bool:
        """Forward a call, unless it is held before; tell whether its answer may be given."""
        held = self._held_for(call)
        if held is None or not held.before:
            forward()
            with self._changed:
                self._calls[call] += 1
                self._changed.notify_all()
        if held is None:
            return True
        held.is_reached.set()
        held.is_over.wait()
        return False

    def _held_for(self, call: Call) -> Held | None:
        """Give the hold that takes this call: one call each."""
        with self._changed:
            for held in self._held:
                if held.call == call and not held.is_taken:
                    held.is_taken = True
                    return held
        return None

    def connect(self) -> http.client.HTTPConnection:
        """Connect to AWS."""
        return http.client.HTTPConnection(self._upstream, timeout=_UPSTREAM_SECONDS)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, gate: AwsGate) -> None:
        self.gate = gate
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(
        self,
        request: socket.socket | tuple[bytes, socket.socket],
        client_address: object,
    ) -> None:
        """Say nothing: a controller that was killed leaves its connections as they are."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server
    _aws: http.client.HTTPConnection | None = None

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer: list[tuple[http.client.HTTPResponse, bytes]] = []

        def forward() -> None:
            if self._aws is None:
                self._aws = self.server.gate.connect()
            self._aws.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                self._aws.putheader(name, value)
            self._aws.endheaders(body)
            told = self._aws.getresponse()
            answer.append((told, told.read()))

        if self.server.gate.pass_on(self._call(body), forward):
            self._answer(*answer[0])
        else:
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _serve  # noqa: N815 - the names http.server looks for

    def finish(self) -> None:
        """Close the connection to AWS along with the caller's."""
        if self._aws is not None:
            self._aws.close()
        super().finish()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""

    def _call(self, body: bytes) -> Call:
        region = _REGION.search(self.headers.get("Authorization", ""))
        return Call(self._operation(body), region[1] if region else "")

    def _operation(self, body: bytes) -> str:
        if target := self.headers.get("X-Amz-Target"):
            return str(target).rpartition(".")[2]
        form = self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded")
        if form and (action := parse_qs(body.decode()).get("Action")):
            return action[0]
        place = urlsplit(self.path).path.split("/")[1]
        return _ROLES_ANYWHERE.get((self.command, place), f"{self.command} /{place}")

    def _answer(self, told: http.client.HTTPResponse, content: bytes) -> None:
        self.send_response_only(told.status, told.reason)
        for name, value in told.getheaders():
            if name.lower() not in _OF_THIS_HOP | {"content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
