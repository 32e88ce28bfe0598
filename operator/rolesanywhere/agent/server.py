"""The event loop: listener, connections, refreshers and signals on one selector.

Decides nothing about requests or credentials; sees to it that nobody waits for anybody.
"""

import socket
from collections.abc import Callable, Sequence
from selectors import EVENT_READ, BaseSelector
from typing import Final

from rolesanywhere.agent.connection import Connection
from rolesanywhere.agent.counter import Counter
from rolesanywhere.agent.refresher import Refresher

_MOST_CONNECTIONS: Final = 64
_BACKLOG: Final = 128
_ACCEPTS_PER_TURN: Final = 32  # then whoever is connected has a turn
_DRAIN_SECONDS: Final = 0.7  # after SIGTERM, for replies under way


def listen(host: str, port: int) -> socket.socket:
    """Bind and listen; IPv6 when the address is. Raises ``OSError``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
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
        listener: socket.socket,
        *,
        selector: BaseSelector,
        counter: Counter,
        refreshers: Sequence[Refresher],
        clock: Callable[[], float],
        after_round: Callable[[], None],
    ) -> None:
        """``clock`` is monotonic; ``after_round`` runs whenever something may have changed."""
        self._listener = listener
        self._selector = selector
        self._counter = counter
        self._refreshers = refreshers
        self._clock = clock
        self._after_round = after_round
        self._connections: set[Connection] = set()
        self._stopping = False

    def run(self) -> None:
        """Serve until ``stop``; every reply under way is then finished, within a second."""
        self._selector.register(self._listener, EVENT_READ, self._accept)
        while not self._stopping:
            for refresher in self._refreshers:
                refresher.tick()
            self._after_round()
            self._turn(min(refresher.moment() for refresher in self._refreshers))
        self._drain()

    def stop(self) -> None:
        """Ask ``run`` to end. Safe in a signal handler if something wakes the selector."""
        self._stopping = True

    def _turn(self, until: float) -> None:
        """Wait for events, at most to ``until`` or the first deadline, and handle them."""
        first = min((each.deadline for each in self._connections), default=until)
        for key, mask in self._selector.select(max(0.0, min(first, until) - self._clock())):
            if self._selector.get_map().get(key.fd) is key:  # closed by an earlier event if not
                key.data(mask)
        now = self._clock()
        for late in [each for each in self._connections if each.deadline <= now]:
            late.close()

    def _accept(self, _mask: int) -> None:
        for _ in range(_ACCEPTS_PER_TURN):
            try:
                peer, _ = self._listener.accept()
            except OSError:  # no more, gone again before we came to it, or out of descriptors
                return
            self._admit(peer)

    def _admit(self, peer: socket.socket) -> None:
        if len(self._connections) >= _MOST_CONNECTIONS:
            min(self._connections, key=lambda each: each.deadline).close()
        connection = Connection(
            peer,
            selector=self._selector,
            counter=self._counter,
            clock=self._clock,
            forget=self._connections.discard,
        )
        self._connections.add(connection)

    def _drain(self) -> None:
        self._selector.unregister(self._listener)
        self._listener.close()
        for refresher in self._refreshers:
            refresher.stop()
        for connection in list(self._connections):
            connection.finish()
        until = self._clock() + _DRAIN_SECONDS
        while self._connections and self._clock() < until:
            self._turn(until)
        for connection in list(self._connections):
            connection.close()
