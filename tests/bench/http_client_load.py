"""Clients as an application in Python has them: threads of one process, each with http.client.

They take most of a latency themselves, by parsing headers in turn. Published figures of small
servers are often measured so; ``http_load`` measures the server alone.
"""

import http.client
import time
from concurrent.futures import ThreadPoolExecutor

from tests.bench.agent_servers import Served
from tests.bench.http_load import CLIENTS, Load


def load(server: Served, *, count: int, kept: bool) -> Load:
    """Send ``count`` requests over all threads, on kept connections or on new ones.

    Raises ``RuntimeError`` for any answer but 200.
    """
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        work = _ask_kept if kept else _ask_new
        parts = list(pool.map(work, [server] * CLIENTS, [count // CLIENTS] * CLIENTS))
    return Load(sorted(each for part in parts for each in part), time.perf_counter() - began)


def _ask_new(server: Served, count: int) -> list[float]:
    """Measure from the connection's beginning to its end."""
    latencies = []
    for _ in range(count):
        began = time.perf_counter()
        client = http.client.HTTPConnection(*server.address)
        _ask(client, server)
        client.close()
        latencies.append(time.perf_counter() - began)
    return latencies


def _ask_kept(server: Served, count: int) -> list[float]:
    latencies = []
    client = http.client.HTTPConnection(*server.address)
    for _ in range(count):
        began = time.perf_counter()
        _ask(client, server)
        latencies.append(time.perf_counter() - began)
    client.close()
    return latencies


def _ask(client: http.client.HTTPConnection, server: Served) -> None:
    client.request("GET", server.path, headers=dict(server.headers))
    reply = client.getresponse()
    reply.read()
    if reply.status != http.HTTPStatus.OK:
        message = f"not 200 but {reply.status}"
        raise RuntimeError(message)
