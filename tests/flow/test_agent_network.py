"""The way to AWS: TLS with an authority of one's own, through a proxy, by IPv6, in time."""

import select
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from tests.flow.agent_fixtures import Start, has_credentials, wait_for
from tests.flow.agent_process import MountedSecret, agent_json, key_and_certificate
from tests.flow.scripted_aws import ScriptedAws
from tests.unit.pki.making import Made, make, make_ca

from rolesanywhere.api.agent_configuration import AgentConfiguration
from rolesanywhere.aws.create_session import create_session
from rolesanywhere.aws.session_answer import Session
from rolesanywhere.domain.trouble import Trouble

NAME = "rolesanywhere.example"
KEY, CERTIFICATE = key_and_certificate()
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
        newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
    ) -> None:
        chain, key = folder / "server.crt", folder / "server.key"
        chain.write_bytes(server.pem)
        key.write_bytes(server.key_pem)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.maximum_version = newest
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
    """A forward proxy: CONNECT alone, to wherever the test says the name is."""

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
        if self._password is not None:
            pair = b64encode(self._password.encode()).decode()
            if f"proxy-authorization: basic {pair}".lower() not in text.lower():
                client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
                return
        with socket.create_connection(("127.0.0.1", self._port), 5) as backend:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            pump(client, backend)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, Path]:
    made = make_ca("CN=local authority", **TODAY)
    bundle = tmp_path_factory.mktemp("authority") / "bundle.pem"
    bundle.write_bytes(made.certificate.public_bytes(Encoding.PEM))
    return made, bundle


def server_for(authority: Made, name: str) -> Made:
    general: x509.GeneralName
    try:
        general = x509.IPAddress(ip_address(name))
    except ValueError:
        general = x509.DNSName(name)
    extra = [(x509.SubjectAlternativeName([general]), False)]
    return make(f"CN={name}", authority, extra=extra, **TODAY)


@pytest.fixture
def front(tmp_path: Path, aws: ScriptedAws, authority: tuple[Made, Path]) -> Iterator[TlsFront]:
    running = TlsFront(aws.url, server_for(authority[0], NAME), tmp_path)
    yield running
    running.close()


@pytest.fixture
def proxy(front: TlsFront) -> Iterator[Proxy]:
    running = Proxy(front.port)
    yield running
    running.close()


def ask(url: str, environment: dict[str, str], *, timeout: float = 5) -> Session:
    account = "arn:aws:rolesanywhere:eu-west-1:111122223333"
    return create_session(
        AgentConfiguration(
            name="orders",
            namespace="shop",
            region="eu-west-1",
            trust_anchor_arn=f"{account}:trust-anchor/a",
            profile_arn=f"{account}:profile/p",
            role_arn="arn:aws:iam::111122223333:role/r",
            session_duration_seconds=3600,
            endpoint=url,
        ),
        private_key=KEY,
        certificates=CERTIFICATE,
        now=partial(datetime.now, UTC),
        timeout_seconds=timeout,
        environment=environment,
    )


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
def test_a_tunnel_through_the_proxy(
    aws: ScriptedAws, front: TlsFront, proxy: Proxy, authority: tuple[Made, Path], variable: str
) -> None:
    """The proxy sees a name and nothing else; TLS ends at AWS, whose name is checked."""
    environment = {
        variable: f"http://127.0.0.1:{proxy.port}",
        "AWS_CA_BUNDLE": str(authority[1]),
    }
    assert ask(f"https://{NAME}", environment).access_key_id == "ASIAFIRST"
    (line,) = proxy.asked
    assert line.startswith(f"CONNECT {NAME}:443 HTTP/1.")
    assert front.names == [NAME]
    assert aws.problems == []


@pytest.mark.parametrize(("user", "works"), [("me:open%20sesame", True), ("me:wrong", False)])
def test_a_proxy_may_want_a_password(
    front: TlsFront, authority: tuple[Made, Path], user: str, *, works: bool
) -> None:
    """It stands in the URL, and in no message."""
    proxy = Proxy(front.port, password="me:open sesame")
    environment = {
        "HTTPS_PROXY": f"http://{user}@127.0.0.1:{proxy.port}",
        "AWS_CA_BUNDLE": str(authority[1]),
    }
    if works:
        assert ask(f"https://{NAME}", environment).access_key_id == "ASIAFIRST"
    else:
        with pytest.raises(Trouble, match="407 Proxy Authentication Required") as caught:
            ask(f"https://{NAME}", environment)
        assert "wrong" not in caught.value.message
    proxy.close()


def test_an_unknown_authority_is_refused(proxy: Proxy) -> None:
    """Without the bundle the system's authorities decide, and they do not know this one."""
    with pytest.raises(Trouble, match="certificate verify failed"):
        ask(f"https://{NAME}", {"HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}"})


def test_another_name_is_refused(
    aws: ScriptedAws, tmp_path: Path, authority: tuple[Made, Path]
) -> None:
    """A good certificate for someone else is no good."""
    front = TlsFront(aws.url, server_for(authority[0], "other.example"), tmp_path)
    proxy = Proxy(front.port)
    environment = {
        "HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}",
        "AWS_CA_BUNDLE": str(authority[1]),
    }
    with pytest.raises(Trouble, match="Hostname mismatch"):
        ask(f"https://{NAME}", environment)
    proxy.close()
    front.close()
    assert aws.requests == []


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_an_old_tls_is_refused(
    aws: ScriptedAws, tmp_path: Path, authority: tuple[Made, Path]
) -> None:
    """1.2 is the least, as with AWS."""
    server = server_for(authority[0], "127.0.0.1")
    front = TlsFront(aws.url, server, tmp_path, newest=ssl.TLSVersion.TLSv1_1)
    with pytest.raises(Trouble, match="no answer from https"):
        ask(f"https://127.0.0.1:{front.port}", {"AWS_CA_BUNDLE": str(authority[1])})
    front.close()
    assert aws.requests == []


@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
def test_loopback_is_reached_directly(
    aws: ScriptedAws,
    tmp_path: Path,
    authority: tuple[Made, Path],
    family: socket.AddressFamily,
    host: str,
) -> None:
    """A VPC endpoint's tunnel or a local stand-in: no proxy, by IPv4 or IPv6."""
    front = TlsFront(aws.url, server_for(authority[0], host), tmp_path, family=family)
    shown = f"[{host}]" if ":" in host else host
    environment = {"AWS_CA_BUNDLE": str(authority[1]), "HTTPS_PROXY": "http://127.0.0.1:1"}
    session = ask(f"https://{shown}:{front.port}", environment)
    assert session.access_key_id == "ASIAFIRST"
    front.close()


def test_a_bundle_that_is_not_there_is_named(front: TlsFront) -> None:
    """A typo in AWS_CA_BUNDLE is not "no answer"."""
    with pytest.raises(Trouble, match="AWS_CA_BUNDLE"):
        ask(f"https://127.0.0.1:{front.port}", {"AWS_CA_BUNDLE": "/nowhere.pem"})


class Silent(Relay):
    """Accepts and says nothing."""

    def serve(self, client: socket.socket) -> None:
        """Wait for the client to give up."""
        while client.recv(65536):
            pass


@pytest.mark.parametrize("way", ["tls", "proxy", "http"])
def test_silence_ends_in_time(way: str) -> None:
    """In the handshake, at the proxy, before the answer: each wait has its end."""
    silent = Silent()
    here = f"127.0.0.1:{silent.port}"
    url, environment = {
        "tls": (f"https://{here}", {}),
        "http": (f"http://{here}", {}),
        "proxy": (f"https://{NAME}", {"HTTPS_PROXY": f"http://{here}"}),
    }[way]
    with pytest.raises(Trouble, match="timed out"):
        ask(url, environment, timeout=0.2)
    silent.close()


def test_the_agent_goes_the_same_way(
    tmp_path: Path,
    start: Start,
    aws: ScriptedAws,
    secret: MountedSecret,
    proxy: Proxy,
    authority: tuple[Made, Path],
) -> None:
    """Its exchange is given bundle and proxy, and of the environment nothing it does not need."""
    secret.rotate(agent_json=agent_json(f"https://{NAME}"))
    environment = {
        "HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}",
        "AWS_CA_BUNDLE": str(authority[1]),
        "DATABASE_PASSWORD": "s3cr3t",
    }
    agent = start(environment=environment)
    seen = b""

    def look() -> bool:
        nonlocal seen
        for child in agent.children():
            try:
                # Before its exec a child still shows the server's command and environment.
                if b"agent.exchange" in Path(f"/proc/{child}/cmdline").read_bytes():
                    seen = seen or Path(f"/proc/{child}/environ").read_bytes()
            except OSError:
                continue
        return has_credentials(agent.ask())

    wait_for(look)
    assert b"s3cr3t" not in seen
    assert proxy.asked
