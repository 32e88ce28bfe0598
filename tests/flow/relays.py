"""What stands between the agent and AWS, on loopback: a front that ends TLS, and a proxy."""

import select
import socket
import ssl
import threading
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from tests.unit.pki.making import Made, make

TODAY: dict[str, Any] = {
    "not_before": datetime.now(UTC) - timedelta(days=1),
    "not_after": datetime.now(UTC) + timedelta(days=1),
}


class Relay:
    """Takes connections on loopback and hands each to a thread; bounded by the test's end."""

    def __init__(self, family: socket.AddressFamily = socket.AF_INET) -> None:
        self._listener = socket.create_server(
            ("::1" if family == socket.AF_INET6 else "127.0.0.1", 0), family=family
        )
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def serve(self, client: socket.socket) -> None:
        """Serve one client."""
        raise NotImplementedError

    def close(self) -> None:
        """Take no more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            client.settimeout(5)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # not 40 ms more
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            try:
                self.serve(client)
            except OSError:
                return


def pump(one: socket.socket, two: socket.socket) -> None:
    """Carry bytes both ways until one side ends."""
    while True:
        for ready in select.select([one, two], [], [], 5)[0]:
            data = ready.recv(65536)
            if not data:
                return
            (two if ready is one else one).sendall(data)


def whole_request(client: socket.socket) -> bytes:
    """Read a head and the body it announces."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += client.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split()[0])
    while len(body) < length:
        body += client.recv(65536)
    return head + b"\r\n\r\n" + body


class TlsFront(Relay):
    """AWS's front: ends TLS with a certificate of a local authority."""

    def __init__(
        self,
        backend: str,
        server: Made,
        folder: Path,
        *,
        family: socket.AddressFamily = socket.AF_INET,
    ) -> None:
        chain, key = folder / "server.crt", folder / "server.key"
        chain.write_bytes(server.pem)
        key.write_bytes(server.key_pem)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(chain, key)
        host, _, port = backend.removeprefix("http://").partition(":")
        self._backend = (host, int(port))
        self.names: list[str] = []
        self._context.sni_callback = self._name
        super().__init__(family)

    def serve(self, client: socket.socket) -> None:
        """Decrypt, and carry on in the clear."""
        with (
            self._context.wrap_socket(client, server_side=True) as open_client,
            socket.create_connection(self._backend, 5) as backend,
        ):
            backend.sendall(whole_request(open_client))
            while data := backend.recv(65536):
                open_client.sendall(data)
            open_client.unwrap()

    def _name(self, _socket: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        self.names.append(name or "")


class Proxy(Relay):
    """A forward proxy: CONNECT in HTTP/1.1 alone, to wherever the test says the name is."""

    def __init__(self, port: int, *, password: str | None = None) -> None:
        self._port = port
        self._password = password
        self.asked: list[str] = []
        super().__init__()

    def serve(self, client: socket.socket) -> None:
        """Open one tunnel."""
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(65536)
        text = head.decode()
        self.asked.append(text.split("\r\n")[0])
        if "HTTP/1.1\r\nHost: " not in text:  # as Envoy has it
            client.sendall(b"HTTP/1.1 426 Upgrade Required\r\n\r\n")
            return
        if self._password is not None:
            pair = b64encode(self._password.encode()).decode()
            if f"proxy-authorization: basic {pair}".lower() not in text.lower():
                client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
                return
        with socket.create_connection(("127.0.0.1", self._port), 5) as backend:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            pump(client, backend)


def server_for(authority: Made, name: str) -> Made:
    """Have the authority certify a server of that name or address."""
    general: x509.GeneralName
    try:
        general = x509.IPAddress(ip_address(name))
    except ValueError:
        general = x509.DNSName(name)
    extra = [(x509.SubjectAlternativeName([general]), False)]
    return make(f"CN={name}", authority, extra=extra, **TODAY)
