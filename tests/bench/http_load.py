"""Clients for measuring a small server on loopback: processes with bare sockets, each in turn.

Python's own HTTP client would take longer than the servers measured.
"""

import multiprocessing
import random
import socket
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from multiprocessing.pool import Pool
from typing import Final

CLIENTS: Final = 4
_WAIT_SECONDS: Final = 10.0
_END_OF_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"

Address = tuple[str, int]


@dataclass(frozen=True)
class Load:
    """Latencies in seconds, sorted, and how long all of it took."""

    latencies: Sequence[float]
    seconds: float

    @property
    def median(self) -> float:
        """Give the latency of the middle, in milliseconds."""
        return statistics.median(self.latencies) * 1e3

    @property
    def slowest(self) -> float:
        """Give the 99th percentile, in milliseconds."""
        return self.latencies[int(len(self.latencies) * 0.99)] * 1e3

    @property
    def per_second(self) -> float:
        """Give requests per second over all clients."""
        return len(self.latencies) / self.seconds


def joined(loads: Sequence[Load]) -> Load:
    """Give several loads as one."""
    latencies = sorted(chain.from_iterable(each.latencies for each in loads))
    return Load(latencies, sum(each.seconds for each in loads))


def clients() -> Pool:
    """Start the clients' processes; close them when done."""
    return multiprocessing.get_context("spawn").Pool(CLIENTS)


def load(
    pool: Pool, address: Address, request: bytes, *, count: int, kept: bool, pause: float = 0.0
) -> Load:
    """Send ``count`` requests over all clients, on kept connections or on new ones.

    ``pause`` is the mean of each client's random wait before a request, in seconds. Without one
    the clients keep the machine busy, and a latency is mostly the wait for one's turn.
    Raises ``RuntimeError`` for any answer but 200.
    """
    share = count // CLIENTS
    work = _ask_kept if kept else _ask_new
    began = time.perf_counter()
    parts = pool.starmap(work, [(address, request, share, pause)] * CLIENTS)
    return Load(sorted(each for part in parts for each in part), time.perf_counter() - began)


def ask(address: Address, request: bytes) -> bytes:
    """Send one request on a new connection, and give the answer."""
    with socket.create_connection(address, _WAIT_SECONDS) as client:
        client.sendall(request)
        return _answer(client)


def _ask_new(address: Address, request: bytes, count: int, pause: float) -> list[float]:
    """Measure from the connection's beginning to the answer's end.

    Sockets are made and closed outside that, and no name is looked up: it would be the client's
    time, and more of it than the server's.
    """
    latencies = []
    for _ in range(count):
        with socket.socket() as client:
            client.settimeout(_WAIT_SECONDS)
            _wait(pause)
            began = time.perf_counter()
            client.connect(address)
            client.sendall(request)
            answer = _answer(client)
            latencies.append(time.perf_counter() - began)
        _require(answer)
    return latencies


def _ask_kept(address: Address, request: bytes, count: int, pause: float) -> list[float]:
    latencies = []
    with socket.create_connection(address, _WAIT_SECONDS) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(count):
            _wait(pause)
            began = time.perf_counter()
            client.sendall(request)
            answer = _answer(client)
            latencies.append(time.perf_counter() - began)
            _require(answer)
    return latencies


def _wait(pause: float) -> None:
    if pause:
        time.sleep(pause * 2 * random.random())  # noqa: S311 - chance, not a secret


def _answer(client: socket.socket) -> bytes:
    """Read one answer to the length it announces."""
    data = b""
    while True:
        chunk = client.recv(65536)
        data += chunk
        head, found, body = data.partition(_END_OF_HEAD)
        if found:
            length = int(head.lower().partition(_LENGTH)[2].split(b"\r\n")[0])
            if len(body) >= length:
                return data
        if not chunk:
            return data


def _require(answer: bytes) -> None:
    if not answer.startswith(b"HTTP/1.1 200 "):
        message = f"not 200: {answer[:80]!r}"
        raise RuntimeError(message)
