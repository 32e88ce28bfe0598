"""Servers to measure, each a process of its own: the agent, aws_signing_helper, a bare loop."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.http_load import Address, ask
from tests.flow.agent_process import Agent, MountedSecret, key_and_certificate
from tests.flow.scripted_aws import ROLE_ARN, ScriptedAws

from rolesanywhere.agent.refresher import POLL_SECONDS

_ARNS: Final = "arn:aws:rolesanywhere:eu-west-1:111122223333"
_STARTED: Final = re.compile(r"port: ([0-9]+)")
_BARE: Final = Path(__file__).with_name("bare_server.py")


@dataclass(frozen=True)
class Served:
    """A running server: where, and how to ask for its credentials. Start in seconds."""

    pid: int
    address: Address
    path: str
    headers: Mapping[str, str]
    start: float = 0.0

    @property
    def request(self) -> bytes:
        """Give the whole request, as it is on the wire."""
        lines = [f"GET {self.path} HTTP/1.1", "Host: a"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode()


def agent(folder: Path, aws: ScriptedAws) -> Iterator[Served]:
    """Run the agent with one identity; it looks at the files as often as by default."""
    secret = MountedSecret(folder / "orders", aws.url)
    process = Agent(folder, "--identity-dir", str(secret.root), "--poll", f"{POLL_SECONDS}")
    process.until(lambda reply: reply.status == 200)
    try:
        yield served(process)
    finally:
        process.close()


def served(process: Agent) -> Served:
    """Give where a running agent is, and the request for its first identity's credentials."""
    headers = {"Authorization": process.token_file.read_text()}
    return Served(process.process.pid, (process.host, process.port), process.path, headers)


def helper(program: str, folder: Path, aws: ScriptedAws) -> Iterator[Served]:
    """Run ``aws_signing_helper serve``, the program at that path."""
    process = subprocess.Popen(  # noqa: S603 - the program the user named
        [program, "serve", "--port", "0", *flags(folder, aws.url)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        started = _STARTED.search(process.stderr.readline())
        assert started is not None, "the helper did not start"
        address = ("127.0.0.1", int(started[1]))
        ttl = b"X-aws-ec2-metadata-token-ttl-seconds: 21600"
        put = b"PUT /latest/api/token HTTP/1.1\r\nHost: a\r\n" + ttl + b"\r\n\r\n"
        token = ask(address, put).rpartition(b"\r\n\r\n")[2].decode()
        path = f"/latest/meta-data/iam/security-credentials/{ROLE_ARN.rpartition('/')[2]}"
        found = Served(process.pid, address, path, {"X-aws-ec2-metadata-token": token})
        ask(address, found.request)
        yield found
    finally:
        process.terminate()
        process.communicate(timeout=10)


def bare() -> Iterator[Served]:
    """Run the loop that answers anything at once."""
    process = subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-I", "-S", str(_BARE)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        address = ("127.0.0.1", int(process.stdout.readline()))
        yield Served(process.pid, address, "/v1/credentials", {"Authorization": "token"})
    finally:
        process.terminate()
        process.communicate(timeout=10)


def flags(folder: Path, endpoint: str) -> list[str]:
    """Give the helper's flags, and ``credential-process``'s, for a new identity."""
    key, certificate = key_and_certificate()
    (folder / "key.pem").write_bytes(key)
    (folder / "certificate.pem").write_bytes(certificate)
    return [
        *("--certificate", str(folder / "certificate.pem")),
        *("--private-key", str(folder / "key.pem")),
        *("--trust-anchor-arn", f"{_ARNS}:trust-anchor/a", "--profile-arn", f"{_ARNS}:profile/p"),
        *("--role-arn", ROLE_ARN, "--endpoint", endpoint),
    ]
