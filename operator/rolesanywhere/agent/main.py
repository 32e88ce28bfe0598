"""The server process: wiring. Started by ``launch``; holds credentials, never a private key.

Everything imported here stays in memory for the life of a pod, in every pod: no cryptography, no
ssl, no asyncio, no logging, no msgspec. ``tests/flow/test_agent_process.py`` watches that.
"""

import json
import os
import resource
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from rolesanywhere.agent import launch, token_file
from rolesanywhere.agent.child import Child
from rolesanywhere.agent.counter import PATH, Counter, is_valid
from rolesanywhere.agent.journal import Journal
from rolesanywhere.agent.options import Options, parse
from rolesanywhere.agent.ready_file import ReadyFile
from rolesanywhere.agent.refresher import Clocks, Refresher
from rolesanywhere.agent.server import Server, listen


def main(arguments: Sequence[str], roots: str) -> int:
    """Run the agent; ``roots`` are the folders the exchange imports from. Gives the exit status."""
    options = parse(arguments)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold credentials
    try:
        token = token_file.load_or_make(options.token_file, mode=options.token_mode)
        ready = ReadyFile(options.ready_file)
        listener = listen(options.host, options.port)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"rolesanywhere agent: {error}\n")
        return 1
    _announce(listener, options)
    journal = Journal(sys.stderr, _now)
    server = _wire(options, token, listener, ready, journal, roots)
    _stop_on_signals(server.stop)
    try:
        server.run()
    finally:
        ready.show(ready=False)
    journal.info("stopped")
    return 0


def _wire(
    options: Options,
    token: bytes,
    listener: socket.socket,
    ready: ReadyFile,
    journal: Journal,
    roots: str,
) -> Server:
    selector = selectors.DefaultSelector()
    clocks = Clocks(now=_now, monotonic=time.monotonic, chance=_chance)

    def spawn(folder: str, *, deadline: float, ended: Callable[[bytes, int], None]) -> Child:
        command = launch.command(launch.EXCHANGE, roots, [folder])
        return Child(command, selector=selector, deadline=deadline, ended=ended)

    refreshers = {
        identity.name: Refresher(identity, spawn=spawn, journal=journal, clocks=clocks)
        for identity in options.identities
    }

    def after_round() -> None:
        now = _now()
        ready.show(ready=all(is_valid(each.grant, now) for each in refreshers.values()))

    server = Server(
        listener,
        selector=selector,
        counter=Counter(token=token, holders=refreshers, now=_now),
        refreshers=tuple(refreshers.values()),
        clock=time.monotonic,
        after_round=after_round,
    )
    _wake_on_signals(selector)
    return server


def _announce(listener: socket.socket, options: Options) -> None:
    """Print the environment that makes every AWS SDK find the endpoint."""
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    environment = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://{shown}:{port}{PATH}",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": os.path.abspath(options.token_file),  # noqa: PTH100 - pathlib costs the server memory
    }
    if options.output == "json":
        lines = [json.dumps(environment)]
    else:
        lines = [f"export {name}='{value}'" for name, value in environment.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _wake_on_signals(selector: selectors.BaseSelector) -> None:
    """Let a signal end the selector's wait: its number arrives as a byte on a pipe."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)

    def drain(_mask: int) -> None:
        os.read(reader, 64)

    selector.register(reader, selectors.EVENT_READ, drain)


def _stop_on_signals(stop: Callable[[], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop())


def _chance() -> float:
    """Give a number in [0, 1). The module ``random`` would bring hashlib."""
    return int.from_bytes(os.urandom(4), "big") / 2**32


_now = partial(datetime.now, UTC)
