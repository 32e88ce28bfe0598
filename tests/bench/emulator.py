"""How fast the emulator is: start, sessions per second, latency, memory over 20,000 sessions."""

import http.client
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table
from tests.flow.emulated_session import World

from rolesanywhere.emulator.running import Emulator
from rolesanywhere.pki.canonical import WireRequest

SECONDS: Final = 10.0
SESSIONS: Final = 20_000
CONNECTIONS: Final = 4
REQUESTS: Final = 50  # signed once: signing is not what is measured
TARGET_PER_SECOND: Final = 200.0
TARGET_GROWTH: Final = 0.10
_PAGE_KIB: Final = 4


@dataclass(frozen=True)
class Measured:
    """Times in seconds, memory in MiB."""

    start: float
    per_second: float
    median: float
    slowest_percentile: float
    memory_before: float
    memory_after: float

    @property
    def growth(self) -> float:
        """Memory's growth as a share."""
        return self.memory_after / self.memory_before - 1


def run(console: Console) -> None:
    """Measure, and print a table."""
    measured = measure()
    table = Table(title="The emulator")
    for column in ("what", "measured", "target"):
        table.add_column(column)
    table.add_row("start until ready", f"{measured.start:.2f} s", "")
    table.add_row(
        f"CreateSession, {CONNECTIONS} connections, {SECONDS:.0f} s",
        f"{measured.per_second:.0f}/s",
        f"≥ {TARGET_PER_SECOND:.0f}/s",
    )
    latency = f"{measured.median * 1e3:.1f} ms / {measured.slowest_percentile * 1e3:.1f} ms"
    table.add_row("latency, median / 99th percentile", latency, "")
    memory = f"{measured.memory_before:.0f} → {measured.memory_after:.0f} MiB"
    table.add_row(
        f"memory over {SESSIONS:,} sessions",
        f"{memory} ({measured.growth:+.1%})",
        f"± {TARGET_GROWTH:.0%}",
    )
    console.print(table)


def measure(*, seconds: float = SECONDS, sessions: int = SESSIONS) -> Measured:
    """Start an emulator in a process of its own and ask it for sessions."""
    began = time.monotonic()
    with _program() as (process, emulator):
        started = time.monotonic() - began
        attempt = World(emulator).attempt()
        requests = [attempt.request() for _ in range(REQUESTS)]
        _ask_in_parallel(emulator.url, requests, until=time.monotonic() + 1.0)  # warm
        before = _resident_mib(process.pid)
        start = time.monotonic()
        latencies = _ask_in_parallel(emulator.url, requests, until=start + seconds)
        per_second = len(latencies) / (time.monotonic() - start)
        left = max(0, sessions - len(latencies))
        _ask_in_parallel(emulator.url, requests, until=start + 600, at_most=left // CONNECTIONS)
        return Measured(
            start=started,
            per_second=per_second,
            median=statistics.median(latencies),
            slowest_percentile=statistics.quantiles(latencies, n=100)[-1],
            memory_before=before,
            memory_after=_resident_mib(process.pid),
        )


@contextmanager
def _program() -> Iterator[tuple[subprocess.Popen[str], Emulator]]:
    """Run the program; give it with what a test's helpers need of an emulator."""
    process = subprocess.Popen(
        [sys.executable, "-m", "rolesanywhere.emulator", "--port", "0", "--output", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        environment = json.loads(process.stdout.readline())
        key = SimpleNamespace(
            access_key_id=environment["AWS_ACCESS_KEY_ID"],
            secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        )
        reached: Any = SimpleNamespace(url=environment["AWS_ENDPOINT_URL"], administrator=key)
        yield process, cast("Emulator", reached)
    finally:
        process.terminate()
        process.wait(10)


def _ask_in_parallel(
    url: str, requests: list[WireRequest], *, until: float, at_most: int = sys.maxsize
) -> list[float]:
    """Ask on several connections, each after its answer; give every answer's time."""
    latencies: list[list[float]] = [[] for _ in range(CONNECTIONS)]

    def work(mine: list[float]) -> None:
        address = urlsplit(url)
        connection = http.client.HTTPConnection(str(address.hostname), address.port)
        while len(mine) < at_most and (began := time.monotonic()) < until:
            _ask(connection, requests[len(mine) % len(requests)])
            mine.append(time.monotonic() - began)
        connection.close()

    threads = [threading.Thread(target=work, args=(mine,)) for mine in latencies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [latency for mine in latencies for latency in mine]


def _ask(connection: http.client.HTTPConnection, request: WireRequest) -> None:
    connection.putrequest(
        request.method,
        f"{request.path}?{request.query}",
        skip_host=True,
        skip_accept_encoding=True,
    )
    for name, value in request.headers:
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(request.body)))
    connection.endheaders(request.body)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != http.client.CREATED:
        message = f"CreateSession answered {answer.status}: {body.decode()}"
        raise RuntimeError(message)


def _resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * _PAGE_KIB / 1024
