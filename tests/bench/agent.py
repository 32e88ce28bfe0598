"""How small and fast the agent is, beside aws_signing_helper where AWS_SIGNING_HELPER names it.

Beside both stands a loop that only receives and sends. Where four clients ask without a pause,
they keep the machine busy, and a latency is mostly the wait for one's turn; where they are threads
of http.client, it is mostly the client's own time. The loop misses goals there, too. They stand
beside every load all the same; `docs/adr/0006-latency-at-a-rate.md` says which of them counts.
"""

import json
import os
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
from tests.bench import agent_servers, http_client_load
from tests.bench.agent_servers import Served
from tests.bench.goals import Missed
from tests.bench.http_load import Load, clients, joined, load
from tests.flow.agent_process import Agent, MountedSecret
from tests.flow.relays import TODAY, TlsFront, server_for
from tests.flow.scripted_aws import ScriptedAws
from tests.unit.pki.making import make_ca

REQUESTS: Final = 40_000
ROUNDS: Final = 40  # the servers take turns: the machine's speed drifts
PAUSE: Final = 0.001  # seconds; the mean of a client's pauses
LONG_REQUESTS: Final = 1_000_000
LONG_REFRESHES: Final = 200
MOST_GROWTH: Final = 0.05  # of the server's memory over these
RUNS: Final = 15  # of credential-process


@dataclass(frozen=True)
class Measured:
    """One server. Memory in MiB, start in seconds."""

    start: float
    memory: float
    new: Load
    kept: Load
    new_at_leisure: Load
    kept_at_leisure: Load
    new_by_threads: Load
    kept_by_threads: Load


Program = Callable[[], Iterator[Served]]


def run(console: Console) -> None:
    """Measure, and print tables. Raises ``Missed`` when the server's memory did not stay."""
    with tempfile.TemporaryDirectory() as name, clients() as pool:
        folder = Path(name)
        aws = ScriptedAws()
        try:
            helper = os.environ.get("AWS_SIGNING_HELPER")
            console.print(_servers(*_measure(_programs(folder, aws, helper), pool)))
            console.print(_commands(folder, aws, helper))
            before, after = _endurance(folder, aws, pool)
            console.print(_growth(before, after))
        finally:
            aws.close()
    if abs(after / before - 1) > MOST_GROWTH:
        message = f"the agent's memory went from {before:.1f} to {after:.1f} MiB"
        raise Missed(message)


def _programs(folder: Path, aws: ScriptedAws, helper: str | None) -> list[Program]:
    """Give what starts the agent, the bare loop and, where there is one, the helper."""
    programs: list[Program] = [
        lambda: agent_servers.agent(folder, aws),
        agent_servers.bare,
    ]
    if helper is not None:
        programs.append(lambda: agent_servers.helper(helper, folder, aws))
    return programs


def _measure(programs: Sequence[Program], pool: Pool) -> list[Measured]:
    """Measure servers; all of them run all the time."""
    with ExitStack() as stack:
        servers = [_started(stack, program) for program in programs]
        _load(servers, pool, kept=False, count=1000 // ROUNDS)  # warm
        loads = [
            _load(servers, pool, kept=False),
            _load(servers, pool, kept=True),
            _load(servers, pool, kept=False, pause=PAUSE),
            _load(servers, pool, kept=True, pause=PAUSE),
            _load_by_threads(servers, kept=False),
            _load_by_threads(servers, kept=True),
        ]
        memory = [_resident_mib(each.pid) for each in servers]
        starts = [each.start for each in servers]
        return [Measured(*column) for column in zip(starts, memory, *loads, strict=True)]


def _started(stack: ExitStack, program: Program) -> Served:
    began = time.perf_counter()
    served = stack.enter_context(contextmanager(program)())
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

    def ask(server: Served) -> Load:
        request = server.request if kept else _closing(server.request)
        return load(pool, server.address, request, count=count, kept=kept, pause=pause)

    return _in_turns(servers, ask)


def _load_by_threads(servers: Sequence[Served], *, kept: bool) -> list[Load]:
    """Load each in turn as a program of several threads does."""
    count = REQUESTS // ROUNDS
    return _in_turns(servers, lambda each: http_client_load.load(each, count=count, kept=kept))


def _in_turns(servers: Sequence[Served], ask: Callable[[Served], Load]) -> list[Load]:
    parts: list[list[Load]] = [[] for _ in servers]
    for _ in range(ROUNDS):
        for server, done in zip(servers, parts, strict=True):
            done.append(ask(server))
    return [joined(each) for each in parts]


def _closing(request: bytes) -> bytes:
    return request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")


def _servers(ours: Measured, bare: Measured, theirs: Measured | None = None) -> Table:
    """Compare. Goals are shares of the helper's figures."""
    table = Table(title=f"The agent's server, {REQUESTS:,} GETs a row by four clients")
    for column in ("what", "agent", "helper", "ratio", "goal", "bare loop"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for what, goal, figure, unit in _FIGURES:
        mine, other = figure(ours), figure(theirs) if theirs else None
        ratio = "-" if other is None else f"{mine / other:.2f}"
        row = (unit.format(mine), unit.format(other) if other else "-", ratio, goal)
        table.add_row(what, *row, unit.format(figure(bare)))
    return table


_MS: Final = "{:.3f} ms"
_FIGURES: Final[tuple[tuple[str, str, Callable[[Measured], float], str], ...]] = (
    ("start to first credentials", "", lambda it: it.start * 1e3, "{:.0f} ms"),
    ("resident memory", "≤ 0.85", lambda it: it.memory, "{:.1f} MiB"),
    ("new connection, median", "≤ 0.6", lambda it: it.new_at_leisure.median, _MS),
    ("new connection, 99 %", "≤ 0.6", lambda it: it.new_at_leisure.slowest, _MS),
    ("kept one, median", "≤ 0.8", lambda it: it.kept_at_leisure.median, _MS),
    ("kept one, 99 %", "≤ 0.8", lambda it: it.kept_at_leisure.slowest, _MS),
    ("new, without pause, median", "≤ 0.6", lambda it: it.new.median, _MS),
    ("new, without pause, 99 %", "≤ 0.6", lambda it: it.new.slowest, _MS),
    ("kept, without pause, median", "≤ 0.8", lambda it: it.kept.median, _MS),
    ("kept, without pause, 99 %", "≤ 0.8", lambda it: it.kept.slowest, _MS),
    ("new, without pause", "", lambda it: it.new.per_second, "{:,.0f}/s"),
    ("kept, without pause", "", lambda it: it.kept.per_second, "{:,.0f}/s"),
    ("new, by http.client, median", "≤ 0.6", lambda it: it.new_by_threads.median, _MS),
    ("new, by http.client, 99 %", "≤ 0.6", lambda it: it.new_by_threads.slowest, _MS),
    ("kept, by http.client, median", "≤ 0.8", lambda it: it.kept_by_threads.median, _MS),
    ("kept, by http.client, 99 %", "≤ 0.8", lambda it: it.kept_by_threads.slowest, _MS),
)


def _commands(folder: Path, aws: ScriptedAws, helper: str | None) -> Table:
    """Time ``credential-process``: whole processes, the median of some."""
    authority = make_ca("CN=local authority", **TODAY)
    bundle = folder / "bundle.pem"
    bundle.write_bytes(authority.pem)
    front = TlsFront(aws.url, server_for(authority, "127.0.0.1"), folder)
    plain, secure = (
        ["credential-process", *agent_servers.flags(folder, url)]
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


def _endurance(folder: Path, aws: ScriptedAws, pool: Pool) -> tuple[float, float]:
    """Give the server's memory before and after many requests and refreshes, in MiB."""
    secret = MountedSecret(folder / "endurance", aws.url)
    agent = Agent(folder, "--identity-dir", str(secret.root), "--admin-listen", "127.0.0.1:0")
    try:
        agent.until(lambda reply: reply.status == 200)
        served = agent_servers.served(agent)
        rounds, count = 20, LONG_REQUESTS // 20
        load(pool, served.address, served.request, count=count, kept=True)  # warm
        before = _resident_mib(agent.process.pid)
        for _ in range(rounds):
            load(pool, served.address, served.request, count=count, kept=True)
            for _ in range(LONG_REFRESHES // rounds):
                _refresh(agent, secret)
        return before, _resident_mib(agent.process.pid)
    finally:
        agent.close()


def _growth(before: float, after: float) -> Table:
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
