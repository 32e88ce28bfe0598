"""The controller and a crowd: how long until many new identities are ready, and what it costs.

API server, etcd, controller, emulator and this measurement share one machine's cores.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hack.cluster.control_plane import ControlPlane
from hack.stack.programs import ControllerProcess, EmulatorProcess
from rich.console import Console
from rich.table import Table
from tests.bench import api_writes
from tests.bench.crowd import Crowd
from tests.bench.process_usage import ProcessUsage
from tests.cluster.api_server import ApiServer
from tests.cluster.aws_account import AwsAccount

SIZES: Final = (100, 500, 1000)
IDLE_SECONDS: Final = 10.0
READY: Final = "all ready within"
PEAK: Final = "memory, peak"
REST: Final = f"CPU at rest, {IDLE_SECONDS:.0f} s"
TARGETS: Final = {READY: "< 20 s", PEAK: "< 200 MiB", REST: "< 1%"}  # of the largest crowd


@dataclass(frozen=True)
class Setting:
    """A running cluster with our controller in it."""

    server: ApiServer
    account: AwsAccount
    controller: ProcessUsage
    api_server: ProcessUsage


@dataclass(frozen=True)
class Measured:
    """One crowd. Times in seconds, memory in MiB, ``idle`` a share of one core."""

    applied: float
    ready: float
    proven: float
    controller_cpu: float  # until all were ready
    api_server_cpu: float  # likewise
    peak: float
    steady: float
    idle: float
    writes: Mapping[str, float]  # per identity, until all were proven


ROWS: Final[tuple[tuple[str, Callable[[Measured], str]], ...]] = (
    ("created within", lambda it: f"{it.applied:.1f} s"),
    (READY, lambda it: f"{it.ready:.1f} s"),
    ("CPU time by then, controller", lambda it: f"{it.controller_cpu:.1f} s"),
    ("CPU time by then, API server", lambda it: f"{it.api_server_cpu:.1f} s"),
    ("all proven within, at 5/s", lambda it: f"{it.proven:.0f} s"),
    (PEAK, lambda it: f"{it.peak:.0f} MiB"),
    ("memory at rest", lambda it: f"{it.steady:.0f} MiB"),
    (REST, lambda it: f"{it.idle:.1%}"),
)


def run(console: Console) -> None:
    """Measure crowds of growing size, each in a cluster of its own, and print a table."""
    measured = {}
    for size in SIZES:
        with console.status(f"{size} identities, until all are ready and proven"):
            measured[size] = measure(size)
    console.print(_table(measured))


def measure(size: int) -> Measured:
    """Start everything, apply ``size`` identities at once, and see what becomes of them."""
    with _setting() as setting, Crowd(size, setting.server, setting.account) as crowd:
        ours, theirs = setting.controller, setting.api_server
        writes, began = api_writes.count(setting.server), time.monotonic()
        our_cpu, their_cpu = ours.cpu_seconds, theirs.cpu_seconds
        crowd.apply()
        applied = time.monotonic() - began
        crowd.until_ready()
        ready = time.monotonic() - began
        our_cpu, their_cpu = ours.cpu_seconds - our_cpu, theirs.cpu_seconds - their_cpu
        crowd.until_proven()
        proven = time.monotonic() - began
        writes = api_writes.count(setting.server) - writes
        return Measured(
            applied=applied,
            ready=ready,
            proven=proven,
            controller_cpu=our_cpu,
            api_server_cpu=their_cpu,
            peak=ours.peak_mib,
            steady=ours.resident_mib,
            idle=_idle(ours),
            writes={what: times / size for what, times in writes.items()},
        )


@contextmanager
def _setting() -> Iterator[Setting]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        plane = stack.enter_context(ControlPlane.start())
        emulator = stack.enter_context(EmulatorProcess(folder))
        server = ApiServer(plane.admin_kubeconfig)
        stack.callback(server.close)
        account = AwsAccount(emulator.environment)
        stack.callback(account.close)
        controller = stack.enter_context(
            ControllerProcess(folder, plane.controller_kubeconfig, emulator.environment)
        )
        yield Setting(
            server,
            account,
            ProcessUsage(controller.process.pid),
            ProcessUsage(plane.processes["kube-apiserver"]),
        )


def _idle(usage: ProcessUsage) -> float:
    before = usage.cpu_seconds
    time.sleep(IDLE_SECONDS)
    return (usage.cpu_seconds - before) / IDLE_SECONDS


def _table(measured: Mapping[int, Measured]) -> Table:
    table = Table(title="The controller: new WorkloadIdentities at once")
    table.add_column("what", no_wrap=True)
    for size in measured:
        table.add_column(f"{size:,}", justify="right")
    table.add_column("target")
    for what, show in ROWS:
        table.add_row(what, *map(show, measured.values()), TARGETS.get(what, ""))
    for what in api_writes.WRITTEN.values():
        shown = (f"{each.writes.get(what, 0):.2f}" for each in measured.values())
        table.add_row(f"writes each: {what}", *shown, "")
    return table
