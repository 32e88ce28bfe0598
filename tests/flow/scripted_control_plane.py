"""An HTTP server that answers boto3 as it is told and remembers what it was asked."""

import json
import threading
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; ``lost``: the connection ends instead; ``raw``: these bytes for a body."""

    status: int = 200
    body: Any = field(default_factory=dict)
    lost: bool = False
    raw: bytes | None = None

    @classmethod
    def error(cls, status: int, code: str, message: str = "words") -> "Answer":
        """Answer as a JSON service of AWS refuses."""
        return cls(status, {"__type": code, "code": code, "message": message})


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came."""

    method: str
    target: str  # path and query
    headers: Message  # names in any case
    body: Any

    @property
    def operation(self) -> str:
        """Name the operation: X-Amz-Target's for JSON services, method and path for REST."""
        target = self.headers.get("X-Amz-Target")
        return target.split(".")[1] if target else f"{self.method} {self.target.split('?')[0]}"


class ScriptedControlPlane:
    """Answers from ``script`` by operation, in turn; the last one of an operation for ever."""

    def __init__(self) -> None:
        """Listen on a free port of the loopback."""
        self.asked: list[Asked] = []
        self._script: dict[str, list[Answer]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def will(self, operation: str, *answers: Answer) -> None:
        """Answer ``operation`` so."""
        self._script[operation] = list(answers)

    def operations(self) -> list[str]:
        """Give what was asked, in order."""
        return [asked.operation for asked in self.asked]

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _next(self, operation: str) -> Answer:
        answers = self._script.get(operation)
        if not answers:
            return Answer.error(400, "NotScripted", operation)
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        plane = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                text = self.rfile.read(size)
                body = json.loads(text) if text else None
                asked = Asked(self.command, self.path, self.headers, body)
                plane.asked.append(asked)
                self._send(plane._next(asked.operation))

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_any  # noqa: N815 - http.server's names

            def _send(self, answer: Answer) -> None:
                if answer.lost:
                    self.close_connection = True
                    return
                text = answer.raw if answer.raw is not None else json.dumps(answer.body).encode()
                self.send_response(answer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: object) -> None:
                """Keep the test's output clean."""

        return Handler
