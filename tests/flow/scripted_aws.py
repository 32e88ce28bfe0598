"""Roles Anywhere's data plane as told: verifies each signature, then does what the script says."""

import json
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from rolesanywhere.pki.canonical import WireRequest
from rolesanywhere.pki.verification import verify

ROLE_ARN = "arn:aws:iam::111122223333:role/report+reader"  # the plus must survive the query
REGION = "eu-west-1"

Behaviour = Callable[["Handler"], None]


def granted(access_key_id: str = "ASIAFIRST", *, seconds: float = 3600) -> Behaviour:
    """Grant a session that lasts this long, rounded up to whole seconds."""

    def answer(handler: "Handler") -> None:
        end = datetime.now(UTC) + timedelta(seconds=seconds + 0.999)
        entry = {
            "assumedRoleUser": {"arn": "arn:aws:sts::111122223333:assumed-role/report+reader/1f"},
            "credentials": {
                "accessKeyId": access_key_id,
                "secretAccessKey": f"secret-of-{access_key_id}",
                "sessionToken": f"token-of-{access_key_id}",
                "expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
            "packedPolicySize": 10,
        }
        handler.reply(201, {"credentialSet": [entry], "subjectArn": "arn:subject"})

    return answer


def refused(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> Behaviour:
    """Answer an error the way a REST-JSON service of AWS does."""
    all_headers = {"X-Amzn-ErrorType": f"{code}:http://internal.example/", **(headers or {})}
    return lambda handler: handler.reply(status, {"message": message}, all_headers)


def granted_when_fresh(handler: "Handler") -> None:
    """Grant, unless the request's date is too far from this server's clock."""
    stale = len(handler.aws.problems) == len(handler.aws.requests)  # none was good so far
    (refused(403, "RequestTimeTooSkewed", "Signature expired") if stale else granted())(handler)


def raw(status: int, body: bytes) -> Behaviour:
    """Answer exactly these bytes."""
    return lambda handler: handler.reply(status, body)


def hang(handler: "Handler") -> None:
    """Say nothing until the server closes."""
    handler.aws.closing.wait()


def reset(handler: "Handler") -> None:
    """Cut the connection with RST."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


class ScriptedAws:
    """A real HTTP server on loopback: one behaviour per request, the last one for ever."""

    def __init__(self) -> None:
        self.script: deque[Behaviour] = deque([granted()])
        self.requests: list[WireRequest] = []
        self.problems: list[str] = []
        self.ahead = timedelta()  # of the machine's clock
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("H", (Handler,), {"aws": self}))
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,))
        self._thread.start()

    @property
    def url(self) -> str:
        """Give the endpoint."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def then(self, *behaviours: Behaviour) -> None:
        """Replace the script."""
        self.script = deque(behaviours)

    def close(self) -> None:
        """Stop, and let go of whoever hangs."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Handler(BaseHTTPRequestHandler):
    """One request: recorded, verified, answered by the script."""

    disable_nagle_algorithm = True  # head and body are two writes: no 40 ms between them
    aws: ScriptedAws

    def do_POST(self) -> None:
        """Verify, then follow the script."""
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = WireRequest("POST", path, query, tuple(self.headers.items()), body)
        self.aws.requests.append(request)
        try:
            verify(request, region=REGION, now=datetime.now(UTC) + self.aws.ahead)
        except Exception as error:  # noqa: BLE001 - told to the test, whatever it is
            self.aws.problems.append(repr(error))
        script = self.aws.script
        (script.popleft() if len(script) > 1 else script[0])(self)

    def reply(
        self,
        status: int,
        body: Mapping[str, Any] | bytes,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Send an answer and close."""
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(text)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Give the Date header's value by this server's clock."""
        moment = time.time() if timestamp is None else timestamp
        return super().date_time_string(moment + self.aws.ahead.total_seconds())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        """Keep the test's output clean."""
