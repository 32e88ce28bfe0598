"""How small and fast the agent is, beside aws_signing_helper where AWS_SIGNING_HELPER names it."""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table
from tests.bench.http_load import Address, Load, ask, clients, joined, load
from tests.flow.agent_process import Agent, MountedSecret, key_and_certificate
from tests.flow.relays import TODAY, TlsFront, server_for
from tests.flow.scripted_aws import ROLE_ARN, ScriptedAws
from tests.unit.pki.making import make_ca

REQUESTS: Final = 40_000
ROUNDS: Final = 10  # the servers take turns: the machine's speed drifts
PAUSE: Final = 0.001  # seconds; the mean of a client's pauses
LONG_REQUESTS: Final = 1_000_000
LONG_REFRESHES: Final = 200
RUNS: Final = 15  # of credential-process
ARNS: Final = "arn:aws:rolesanywhere:eu-west-1:111122223333"
_STARTED: Final = re.compile(r"port: ([0-9]+)")


@dataclass(frozen=True)
class Measured:
    """One server. Memory in MiB, start in seconds."""

    start: float
    memory: float
    new: Load
    kept: Load
    new_at_leisure: Load
    kept_at_leisure: Load


@dataclass(frozen=True)
class Served:
    """A running server: where, and the request for its credentials. Start in seconds."""

    pid: int
    address: Address
    request: bytes
    start: float = 0.0


def run(console: Console) -> None:
    """Measure, and print tables."""
    with tempfile.TemporaryDirectory() as name, clients() as pool:
        folder = Path(name)
        aws = ScriptedAws()
        try:
            helper = os.environ.get("AWS_SIGNING_HELPER")
            console.print(_servers(*_measure(folder, aws, helper, pool)))
            console.print(_commands(folder, aws, helper))
            console.print(_endurance(folder, aws, pool))
        finally:
            aws.close()


def _measure(folder: Path, aws: ScriptedAws, helper: str | None, pool: Pool) -> list[Measured]:
    """Measure the agent and, where there is one, the helper: all of them run all the time."""
    with ExitStack() as stack:
        servers = [_started(stack, lambda: _agent(folder, aws))]
        if helper is not None:
            servers.append(_started(stack, lambda: _helper(helper, folder, aws)))
        _load(servers, pool, kept=False, count=1000)  # warm
        new = _load(servers, pool, kept=False)
        kept = _load(servers, pool, kept=True)
        new_at_leisure = _load(servers, pool, kept=False, pause=PAUSE)
        kept_at_leisure = _load(servers, pool, kept=True, pause=PAUSE)
        memory = [_resident_mib(each.pid) for each in servers]
        starts = [each.start for each in servers]
        columns = zip(starts, memory, new, kept, new_at_leisure, kept_at_leisure, strict=True)
        return [Measured(*column) for column in columns]


def _started(stack: ExitStack, start: Callable[[], Iterator[Served]]) -> Served:
    began = time.perf_counter()
    served = stack.enter_context(contextmanager(start)())
    return replace(served, start=time.perf_counter() - began)


def _load(
    servers: Sequence[Served],
    pool: Pool,
    *,
    kept: bool,
    count: int = REQUESTS // ROUNDS,
    pause: float = 0.0,
) -> list[Load]:
    """Load each in turn, so many requests a round; gives each one's load."""
    parts: list[list[Load]] = [[] for _ in servers]
    for _ in range(ROUNDS):
        for server, done in zip(servers, parts, strict=True):
            request = server.request if kept else _closing(server.request)
            done.append(load(pool, server.address, request, count=count, kept=kept, pause=pause))
    return [joined(each) for each in parts]


def _closing(request: bytes) -> bytes:
    return request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")


def _agent(folder: Path, aws: ScriptedAws) -> Iterator[Served]:
    secret = MountedSecret(folder / f"secret-{time.monotonic_ns()}", aws.url)
    agent = Agent(folder, "--identity-dir", f"orders={secret.root}")
    agent.until(lambda reply: reply.status == 200)
    token = agent.token_file.read_text()
    head = f"GET {agent.path} HTTP/1.1\r\nHost: agent\r\nAuthorization: {token}\r\n\r\n"
    try:
        yield Served(agent.process.pid, (agent.host, agent.port), head.encode())
    finally:
        agent.close()


def _helper(program: str, folder: Path, aws: ScriptedAws) -> Iterator[Served]:
    process = subprocess.Popen(  # noqa: S603 - the program the user named
        [program, "serve", "--port", "0", *_flags(folder, aws.url)],
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
        token = ask(address, put).rpartition(b"\r\n\r\n")[2]
        path = f"/latest/meta-data/iam/security-credentials/{ROLE_ARN.rpartition('/')[2]}"
        head = f"GET {path} HTTP/1.1\r\nHost: a\r\n".encode()
        request = head + b"X-aws-ec2-metadata-token: " + token + b"\r\n\r\n"
        ask(address, request)
        yield Served(process.pid, address, request)
    finally:
        process.terminate()
        process.communicate(timeout=10)


def _flags(folder: Path, endpoint: str) -> list[str]:
    key, certificate = key_and_certificate()
    (folder / "key.pem").write_bytes(key)
    (folder / "certificate.pem").write_bytes(certificate)
    return [
        *("--certificate", str(folder / "certificate.pem")),
        *("--private-key", str(folder / "key.pem")),
        *("--trust-anchor-arn", f"{ARNS}:trust-anchor/a", "--profile-arn", f"{ARNS}:profile/p"),
        *("--role-arn", ROLE_ARN, "--endpoint", endpoint),
    ]


def _servers(ours: Measured, theirs: Measured | None = None) -> Table:
    """Compare. Goals are shares of the helper's figures, and, in brackets, of published ones."""
    table = Table(title=f"The agent's server, {REQUESTS:,} GETs a row by four clients")
    for column in ("what", "agent", "helper", "ratio", "goal"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for what, goal, figure, unit in _FIGURES:
        mine, other = figure(ours), figure(theirs) if theirs else None
        ratio = "-" if other is None else f"{mine / other:.2f}"
        table.add_row(what, unit.format(mine), unit.format(other) if other else "-", ratio, goal)
    return table


_MS: Final = "{:.3f} ms"
_FIGURES: Final[tuple[tuple[str, str, Callable[[Measured], float], str], ...]] = (
    ("start to first credentials", "", lambda it: it.start * 1e3, "{:.0f} ms"),
    ("resident memory", "≤ 0.85 (15.5 MiB)", lambda it: it.memory, "{:.1f} MiB"),
    ("new connection, median", "≤ 0.6 (0.43 ms)", lambda it: it.new_at_leisure.median, _MS),
    ("new connection, 99 %", "≤ 0.6 (1.39 ms)", lambda it: it.new_at_leisure.slowest, _MS),
    ("kept one, median", "≤ 0.8 (0.19 ms)", lambda it: it.kept_at_leisure.median, _MS),
    ("kept one, 99 %", "≤ 0.8 (1.06 ms)", lambda it: it.kept_at_leisure.slowest, _MS),
    ("new, without pause, median", "≤ 0.6 (0.43 ms)", lambda it: it.new.median, _MS),
    ("new, without pause, 99 %", "≤ 0.6 (1.39 ms)", lambda it: it.new.slowest, _MS),
    ("kept, without pause, median", "≤ 0.8 (0.19 ms)", lambda it: it.kept.median, _MS),
    ("kept, without pause, 99 %", "≤ 0.8 (1.06 ms)", lambda it: it.kept.slowest, _MS),
    ("new, without pause", "", lambda it: it.new.per_second, "{:,.0f}/s"),
    ("kept, without pause", "", lambda it: it.kept.per_second, "{:,.0f}/s"),
)


def _commands(folder: Path, aws: ScriptedAws, helper: str | None) -> Table:
    """Time ``credential-process``: whole processes, the median of some."""
    authority = make_ca("CN=local authority", **TODAY)
    bundle = folder / "bundle.pem"
    bundle.write_bytes(authority.pem)
    front = TlsFront(aws.url, server_for(authority, "127.0.0.1"), folder)
    plain, secure = (
        ["credential-process", *_flags(folder, url)]
        for url in (aws.url, f"https://127.0.0.1:{front.port}")
    )
    environment = {**os.environ, "AWS_CA_BUNDLE": str(bundle), "SSL_CERT_FILE": str(bundle)}
    table = Table(title=f"credential-process, median of {RUNS} runs")
    for column in ("what", "rolesanywhere", "goal", "helper"):
        table.add_column(column)
    for what, words, more, goal in (
        ("from the cache", secure, ["--cache-dir", str(folder / "cache")], "≤ 30 ms"),
        ("asking AWS, without TLS", plain, ["--no-cache"], "≤ 160 ms"),
        ("asking AWS", secure, ["--no-cache"], "≤ 160 ms"),
    ):
        ours = _time([_PROGRAM, *words, *more], environment)
        asks = helper is not None and "--no-cache" in more
        theirs = f"{_time([helper or '', *words], environment):.0f} ms" if asks else "-"
        table.add_row(what, f"{ours:.0f} ms", goal, theirs)
    front.close()
    return table


_PROGRAM: Final = str(Path(sys.executable).with_name("rolesanywhere"))


def _time(command: list[str], environment: dict[str, str]) -> float:
    times = []
    for _ in range(RUNS + 1):
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)  # noqa: S603 - our own words
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:]) * 1e3  # the first one fills the cache


def _endurance(folder: Path, aws: ScriptedAws, pool: Pool) -> Table:
    """Watch the server's memory over many requests and refreshes."""
    secret = MountedSecret(folder / "endurance", aws.url)
    agent = Agent(folder, "--identity-dir", str(secret.root), "--admin-listen", "127.0.0.1:0")
    try:
        agent.until(lambda reply: reply.status == 200)
        token = agent.token_file.read_text()
        head = f"GET {agent.path} HTTP/1.1\r\nHost: agent\r\nAuthorization: {token}\r\n\r\n"
        address = (agent.host, agent.port)
        rounds = 20
        load(pool, address, head.encode(), count=LONG_REQUESTS // rounds, kept=True)  # warm
        before = _resident_mib(agent.process.pid)
        for _ in range(rounds):
            load(pool, address, head.encode(), count=LONG_REQUESTS // rounds, kept=True)
            for _ in range(LONG_REFRESHES // rounds):
                _refresh(agent, secret)
        after = _resident_mib(agent.process.pid)
    finally:
        agent.close()
    title = f"Memory over {LONG_REQUESTS:,} GETs and {LONG_REFRESHES} refreshes"
    table = Table(title=title)
    for column in ("before", "after", "growth", "target"):
        table.add_column(column)
    table.add_row(f"{before:.1f} MiB", f"{after:.1f} MiB", f"{after / before - 1:+.1%}", "± 5 %")
    return table


def _refresh(agent: Agent, secret: MountedSecret) -> None:
    """Rotate, and wait until the new certificate's session is there."""
    name = 'refreshes_total{identity="endurance"}'
    done = agent.metrics()[name]
    secret.rotate()
    end = time.monotonic() + 20
    while agent.metrics()[name] <= done:
        if time.monotonic() > end:
            message = f"no refresh: {json.dumps(agent.log[-1])}"
            raise RuntimeError(message)
        time.sleep(0.02)


def _resident_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    message = f"process {pid} is gone"
    raise RuntimeError(message)


if __name__ == "__main__":
    run(Console())
