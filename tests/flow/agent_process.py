"""A real agent process and the Secret's folder it serves, for the agent's flow tests."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from tests.flow.scripted_aws import REGION, ROLE_ARN

_IP_MINTTL = 21  # of Linux; the socket module has no name for it


def key_and_certificate(
    common_name: str = "orders", *, days: int = 7, kind: str = "EC"
) -> tuple[bytes, bytes]:
    """Give a new key (PKCS#8) and a certificate for it, PEM, good for so many days from now."""
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey = (
        rsa.generate_private_key(65537, 2048)
        if kind == "RSA"
        else ec.generate_private_key(ec.SECP256R1())
    )
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    private_key = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private_key, certificate.public_bytes(serialization.Encoding.PEM)


def agent_json(endpoint: str) -> bytes:
    """Give the configuration as the operator writes it."""
    document = {
        "name": "orders",
        "namespace": "shop",
        "region": REGION,
        "trustAnchorArn": f"arn:aws:rolesanywhere:{REGION}:111122223333:trust-anchor/a",
        "profileArn": f"arn:aws:rolesanywhere:{REGION}:111122223333:profile/p",
        "roleArn": ROLE_ARN,
        "sessionDurationSeconds": 3600,
        "endpoint": endpoint,
    }
    return json.dumps(document).encode()


def arrives(url: str, *, hops: int, seconds: float = 5) -> bool:
    """Tell whether an address's replies come in with at least this IP time to live, in time."""
    parts = urlsplit(url)
    with socket.socket() as client:
        client.setsockopt(socket.IPPROTO_IP, _IP_MINTTL, hops)  # what has less is dropped
        client.settimeout(seconds)
        try:
            client.connect((parts.hostname, parts.port))
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return client.recv(1) != b""
        except TimeoutError:
            return False


def stat_of(process: Path) -> list[str]:
    """Give what the kernel says of a process, behind its id and name; its folder is in /proc."""
    return (process / "stat").read_text().rpartition(")")[2].split()


class MountedSecret:
    """A folder as the kubelet keeps it: a folder per generation, ``..data`` swapped to the last."""

    def __init__(self, root: Path, endpoint: str) -> None:
        self.root = root
        self._endpoint = endpoint
        self._generation = 0
        root.mkdir()
        self.rotate()

    def rotate(self, **files: bytes) -> None:
        """Put the next generation in place; ``files`` (tls_key=…) replace what it would hold."""
        self._generation += 1
        key, certificate = key_and_certificate()
        content = {
            "tls.key": files.get("tls_key", key),
            "tls.crt": files.get("tls_crt", certificate),
            "agent.json": files.get("agent_json", agent_json(self._endpoint)),
        }
        folder = self.root / f"..{self._generation}"
        folder.mkdir()
        for name, text in content.items():
            (folder / name).write_bytes(text)
            if not (self.root / name).is_symlink():
                (self.root / name).symlink_to(Path("..data") / name)
        (self.root / "..next").symlink_to(folder.name)
        (self.root / "..next").rename(self.root / "..data")


class Reply:
    """An HTTP reply, read."""

    def __init__(self, reply: http.client.HTTPResponse) -> None:
        self.status = reply.status
        self.headers = reply.headers
        self.body = reply.read()

    @property
    def json(self) -> Mapping[str, str]:
        """Give the body, parsed."""
        document: Mapping[str, str] = json.loads(self.body)
        return document


class Agent:
    """``python -m rolesanywhere.agent`` as a process of its own."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        wrapper: Sequence[str] = (),
    ) -> None:
        self._log = folder / "agent.log"
        self.token_file = folder / "token"
        words = ["--token-file", str(self.token_file), "--poll", "0.1", "--output", "json"]
        words.extend(arguments)
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter
                [*wrapper, sys.executable, "-m", "rolesanywhere.agent", *words],
                stdout=subprocess.PIPE,
                stderr=log,
                env={
                    "PATH": os.environ["PATH"],
                    "PYTHONPATH": os.pathsep.join(sys.path),
                    **(environment or {}),
                },
            )
        try:
            self.environment = self._printed()
        except BaseException:  # a timeout of the test's included
            self.process.kill()
            self.close()
            raise
        url = urlsplit(self.environment.get("AWS_CONTAINER_CREDENTIALS_FULL_URI", ""))
        self.host, self.port, self.path = url.hostname or "", url.port or 0, url.path

    @property
    def log(self) -> list[dict[str, str]]:
        """Give the log's lines, parsed."""
        return [json.loads(line) for line in self._log.read_text().splitlines()]

    def connect(self, url: str | None = None) -> http.client.HTTPConnection:
        """Open a client connection, to the credentials endpoint unless told otherwise."""
        parts = None if url is None else urlsplit(url)
        host, port = (self.host, self.port) if parts is None else (parts.hostname, parts.port)
        return http.client.HTTPConnection(host or "", port, timeout=5)

    def send(self, url: str, method: str = "GET", **headers: str) -> Reply:
        """Send one request to any of its addresses; ``x_y`` stands for the header x-y."""
        connection = self.connect(url)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, urlsplit(url).path or "/", headers=names)
        reply = Reply(connection.getresponse())
        connection.close()
        return reply

    def admin(self, path: str) -> Reply:
        """Ask the second port."""
        return self.send(f"{self.environment['ROLESANYWHERE_ADMIN_URL']}{path}")

    def metadata(self, path: str, method: str = "GET", **headers: str) -> Reply:
        """Ask instance metadata."""
        url = f"{self.environment['AWS_EC2_METADATA_SERVICE_ENDPOINT']}{path}"
        return self.send(url, method, **headers)

    def metrics(self) -> dict[str, float]:
        """Give the numbers of the second port, by name and labels."""
        lines = self.admin("/metrics").body.decode().splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return {name.removeprefix("rolesanywhere_agent_"): float(value) for name, value in pairs}

    def ask(
        self, path: str | None = None, *, method: str = "GET", token: str | None = None
    ) -> Reply:
        """Ask the endpoint as an SDK does; ``token`` is the file's unless given."""
        connection = self.connect()
        value = self.token_file.read_text() if token is None else token
        connection.request(method, path or self.path, headers={"Authorization": value})
        reply = Reply(connection.getresponse())
        connection.close()
        return reply

    def until(self, wanted: Callable[[Reply], bool], *, seconds: float = 10) -> Reply:
        """Ask until the reply is as wanted; fails with the last one."""
        end = time.monotonic() + seconds
        while not wanted(reply := self.ask()):
            assert time.monotonic() < end, (reply.status, reply.body, self.log)
            time.sleep(0.05)
        return reply

    def children(self) -> list[int]:
        """Give the ids of the processes the server has under way."""
        pid = self.process.pid
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def cpu_seconds(self) -> float:
        """Give the processor time it has used, its children's left out."""
        fields = self._stat()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def is_asleep(self) -> bool:
        """Tell whether the server waits for something."""
        return self._stat()[0] == "S"

    def _printed(self) -> dict[str, str]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self._log.read_text()
        environment: dict[str, str] = json.loads(line)
        return environment

    def _stat(self) -> list[str]:
        return stat_of(Path(f"/proc/{self.process.pid}"))

    def terminate(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Send a signal that ends it; gives how many seconds the end took."""
        start = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(timeout=5)
        return time.monotonic() - start

    def close(self) -> None:
        """End it, if the test did not; one that does not end by itself is killed, and told."""
        with self.process:
            try:
                if self.process.poll() is None:
                    self.terminate()
            finally:
                self.process.kill()
