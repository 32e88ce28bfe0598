"""The event loop: gates, refreshers, publisher and signals on one poller.

Decides nothing about requests or credentials; sees to it that nobody waits for anybody.
"""

import socket
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from rolesanywhere.agent.gate import Gate
from rolesanywhere.agent.poller import Poller

_BACKLOG: Final = 1024  # who waits outside waits in the kernel
_DEFER_SECONDS: Final = 5  # a connection without a request is not even accepted until then
_SWEEP_SECONDS: Final = 0.1  # between looks at the deadlines of connections
_DRAIN_SECONDS: Final = 0.7  # after SIGTERM, for replies under way


class Worker(Protocol):
    """Something that has work at times of its own."""

    def moment(self) -> float:
        """Give the monotonic time at which ``tick`` next has something to do."""

    def tick(self) -> None:
        """Do what is due. Never waits."""

    def stop(self) -> None:
        """End what is under way."""


def listen(host: str, port: int, *, hop_limit: int | None = None) -> socket.socket:
    """Bind and listen; IPv6 when the address is. Raises ``OSError``.

    ``hop_limit`` is the IP time to live of whatever is sent: with 1, no router passes it on.
    """
    is_six = ":" in host
    listener = socket.socket(socket.AF_INET6 if is_six else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hop_limit is not None and is_six:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, hop_limit)
        elif hop_limit is not None:
            listener.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, hop_limit)
        if hasattr(socket, "TCP_DEFER_ACCEPT"):  # Linux: wake up when there is a request to read
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, _DEFER_SECONDS)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # inherited by connections
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)  # noqa: FBT003 - the socket module's own signature
    return listener


class Server:
    """Runs until told to stop, then drains."""

    def __init__(
        self,
        gates: Sequence[Gate],
        workers: Sequence[Worker],
        *,
        poller: Poller,
        clock: Callable[[], float],
    ) -> None:
        """``clock`` is monotonic; workers are ticked in their order."""
        self._gates = gates
        self._workers = workers
        self._poller = poller
        self._clock = clock
        self._next_sweep = clock()
        self._stopping = False

    def run(self) -> None:
        """Serve until ``stop``; every reply under way is then finished, within a second.

        Gates are opened by whoever knows when.
        """
        while not self._stopping:
            for worker in self._workers:
                worker.tick()
            self._serve(min(worker.moment() for worker in self._workers))
        self._drain()

    def stop(self) -> None:
        """Ask ``run`` to end. Safe in a signal handler if something wakes the poller."""
        self._stopping = True

    def _serve(self, due: float) -> None:
        """Handle events until the workers have something to do; requests give them nothing."""
        while not self._stopping and not self._turn(due):
            pass

    def _turn(self, due: float) -> bool:
        """Wait for events, at most to ``due`` or the next sweep, and handle them.

        True when the workers are to look: it is time, or one of the events was not a gate's.
        """
        now = self._clock()
        ready = self._poller.ready(self._patience(now, due))
        if not ready:  # time has passed; else the next turn tells, which comes at once
            now = self._clock()
        stirred = False
        for go_on in ready:
            stirred = go_on() or stirred
        for gate in self._gates:
            if gate.waiting:
                gate.resume()
        if now >= self._next_sweep:  # behind the events: whoever has sent is not cut
            self._next_sweep = now + _SWEEP_SECONDS
            for gate in self._gates:
                gate.sweep(now)
        return stirred or now >= due

    def _patience(self, now: float, due: float) -> float:
        """Give how many seconds an event may be waited for."""
        for gate in self._gates:
            if gate.waiting:
                return 0.0
        until = min(due, self._next_sweep) if self._has_sweeping() else due
        return max(0.0, until - now)

    def _has_sweeping(self) -> bool:
        """Tell whether a gate has anybody whose deadline may come, or is to be opened again."""
        for gate in self._gates:  # noqa: SIM110 - `any` takes thrice as long, on each turn
            if gate.connections or gate.is_paused:
                return True
        return False

    def _drain(self) -> None:
        for gate in self._gates:
            gate.close()
        for worker in self._workers:
            worker.stop()
        until = self._clock() + _DRAIN_SECONDS
        while self._has_sweeping() and self._clock() < until:
            self._turn(until)
        for gate in self._gates:
            for connection in list(gate.connections):
                connection.close()
