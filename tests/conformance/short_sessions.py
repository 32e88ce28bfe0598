"""A front of CreateSession whose sessions end within seconds, as far as SDKs are told.

AWS grants fifteen minutes at the least, and SDKs keep what is good: to see each of them come back
for a rotated certificate's session, its credentials must look old.
"""

import http.client
import json
import re
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import urlsplit

TOLD: Final = timedelta(seconds=20)  # Go comes back to processes and IMDS at the end alone
_SERIAL: Final = re.compile(r"Credential=([0-9]+)/")


class ShortSessions:
    """Forwards to the real endpoint; ``serials`` tells whose certificate got an access key."""

    def __init__(self, backend: str) -> None:
        self.serials: dict[str, int] = {}
        self.backend = urlsplit(backend)
        handler = type("Handler", (_Handler,), {"front": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def url(self) -> str:
        """Give the endpoint."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    front: ShortSessions

    def do_POST(self) -> None:
        """Forward as it came, Host included, which is signed; shorten what is granted."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        backend = self.front.backend
        connection = http.client.HTTPConnection(backend.hostname or "", backend.port, timeout=30)
        connection.request("POST", self.path, body, dict(self.headers.items()))
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status == http.client.CREATED:
            text = self._shorten(json.loads(text))
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("content-length", "connection", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _shorten(self, document: dict[str, list[dict[str, dict[str, str]]]]) -> bytes:
        credentials = document["credentialSet"][0]["credentials"]
        credentials["expiration"] = (datetime.now(UTC) + TOLD).strftime("%Y-%m-%dT%H:%M:%SZ")
        match = _SERIAL.search(self.headers["Authorization"])
        assert match is not None
        self.front.serials[credentials["accessKeyId"]] = int(match[1])
        return json.dumps(document).encode()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        """Keep the test's output clean."""
