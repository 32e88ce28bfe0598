"""From built programs to an API server that is ready: folder, ports, supervisor, readiness."""

import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from hack.cluster import certificates, kubeconfig, leftovers, programs
from hack.cluster.errors import ClusterError, PortTakenError
from hack.cluster.folder import REPOSITORY, Folder
from hack.cluster.supervisor import DETACH, NEXT

READY_SECONDS: Final = 60.0  # far more than it takes; a loaded machine is no reason to fail
_ATTEMPTS: Final = 3  # when somebody takes a port between our choosing and using it
_POLL_SECONDS: Final = 0.1
_ANSWER_SECONDS: Final = 2.0
_PORT_TAKEN: Final = "address already in use"
_LINES_SHOWN: Final = 6  # of each program's log


@dataclass(frozen=True, slots=True)
class Launched:
    """A supervisor of ours: its process, and our end of its lifeline."""

    folder: Folder
    url: str
    process: subprocess.Popen[bytes]
    lifeline: IO[bytes]
    temporary: bool

    def ask(self, request: bytes) -> None:
        """Send one of the supervisor's requests; one that has ended is noticed elsewhere."""
        with suppress(BrokenPipeError):
            self.lifeline.write(request + b"\n")
            self.lifeline.flush()

    def detach(self) -> None:
        """Let the plane outlive this process."""
        self.ask(DETACH)

    def stop(self) -> None:
        """Stop everything and wait until it has."""
        self.process.terminate()
        with suppress(BrokenPipeError):
            self.lifeline.close()
        try:
            self.process.wait(leftovers.STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()  # the kernel kills its children with it
            self.process.wait()
        if self.temporary:
            shutil.rmtree(self.folder.path, ignore_errors=True)


def launch(binaries: Path, folder: Folder, *, temporary: bool) -> Launched:
    """Start a plane in an empty or missing folder and wait until its API server is ready.

    Raises ``ClusterError`` with the end of the logs; nothing is left running then.
    """
    for _ in range(_ATTEMPTS - 1):
        with suppress(PortTakenError):
            return _launch(binaries, folder, temporary=temporary)
        leftovers.clear(folder)
    return _launch(binaries, folder, temporary=temporary)


def _launch(binaries: Path, folder: Folder, *, temporary: bool) -> Launched:
    ports = _free_ports()
    url = f"https://127.0.0.1:{ports.api}"
    _prepare(folder, url)
    folder.write_plan(programs.stages(binaries, folder, ports), temporary=temporary)
    launched = _supervise(folder, url, temporary=temporary)
    try:
        _wait_until_ready(launched)
        launched.ask(NEXT)
    except BaseException:  # Ctrl-C too
        launched.stop()
        raise
    return launched


def _prepare(folder: Folder, url: str) -> None:
    folder.logs.mkdir(mode=0o700, parents=True)
    certificates.write_all(folder.pki, datetime.now(UTC))
    for name, client in certificates.CLIENTS.items():
        path = folder.kubeconfig(name)
        kubeconfig.write(path, url=url, user=client.user, pki=folder.pki, client=name)


def _supervise(folder: Folder, url: str, *, temporary: bool) -> Launched:
    with (folder.logs / "supervisor.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "hack.cluster.supervisor", folder.path],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,  # a terminal's Ctrl-C is for us, not for it
        )
    if process.stdin is None:
        raise AssertionError  # it was asked for
    return Launched(folder, url, process, process.stdin, temporary)


def _wait_until_ready(launched: Launched) -> None:
    pki = launched.folder.pki
    context = ssl.create_default_context(cafile=str(pki / "ca.pem"))
    context.load_cert_chain(pki / f"{certificates.ADMIN}.pem")
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if launched.process.poll() is not None:
            raise _failure(launched.folder, "a program of the control plane ended")
        with suppress(OSError):  # not listening yet, or an HTTP status that says "not ready"
            address = f"{launched.url}/readyz"
            with urllib.request.urlopen(address, timeout=_ANSWER_SECONDS, context=context):  # noqa: S310 - https by construction
                return
        time.sleep(_POLL_SECONDS)
    raise _failure(launched.folder, f"the API server was not ready within {READY_SECONDS:.0f} s")


def _failure(folder: Folder, what: str) -> ClusterError:
    logs = {path.name: path.read_text(errors="replace") for path in folder.logs.glob("*.log")}
    endings = [
        "\n".join([f"--- {name}", *text.splitlines()[-_LINES_SHOWN:]])
        for name, text in sorted(logs.items())
    ]
    kind = PortTakenError if any(_PORT_TAKEN in text for text in logs.values()) else ClusterError
    return kind("\n".join([f"{what}; the logs end so:", *endings]))


def _free_ports() -> programs.Ports:
    """Choose three ports, all held at once so that they differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
        api, etcd, peer = (each.getsockname()[1] for each in sockets)
    return programs.Ports(api, etcd, peer)
