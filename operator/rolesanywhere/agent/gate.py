"""One address people come to: its listener, its desk, and how many may be in at once.

Each gate has places of its own: whoever crowds one of them keeps nobody from the others.
"""

import select
import socket
from _socket import socket as Peer  # noqa: N812 - ``socket.socket`` without what that adds
from collections import Counter as Tally
from collections.abc import Callable
from typing import Final, Protocol

from rolesanywhere.agent.connection import Connection
from rolesanywhere.agent.poller import READ, Poller
from rolesanywhere.agent.reply import Reply
from rolesanywhere.agent.request import Request

PLACES: Final = 256  # connections at once
_ACCEPTS_PER_TURN: Final = 32  # then whoever is connected has a turn
_LOOPBACK: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - of all addresses, one
_LAST_TURNS: Final = 33  # of accepting: all that may wait in the kernel, and not for ever


def authority(host: str, port: int) -> str:
    """Write both as a URL has them: an IPv6 address stands in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Desk(Protocol):
    """Whoever answers a gate's requests."""

    def answer(self, request: Request) -> Reply:
        """Answer one request at once."""


class Gate:
    """Accepts, within its places; cuts who takes too long. ``statuses`` counts replies."""

    def __init__(
        self,
        name: str,
        listener: socket.socket,
        desk: Desk,
        *,
        poller: Poller,
        clock: Callable[[], float],
        places: int = PLACES,
    ) -> None:
        """Take a bound, non-blocking listener; ``clock`` is monotonic."""
        self.name = name
        self.statuses: Tally[int] = Tally()
        self.connections: set[Connection] = set()
        self.waiting: list[Connection] = []  # with requests that have come but had no turn yet
        self._listener = listener
        self._queue = select.poll()  # tells whether somebody waits; an `accept` in vain is dear
        self._queue.register(listener, select.POLLIN)
        self._family = int(listener.family)
        self._desk = desk
        self._poller = poller
        self._clock = clock
        self._places = places
        self.is_paused = False  # to be opened again as soon as there is room
        self._is_open = False

    @property
    def url(self) -> str:
        """Give an address that this machine can connect to as a URL, without a slash at its end."""
        host, port = self._listener.getsockname()[:2]
        return f"http://{authority(_LOOPBACK.get(host, host), port)}"

    def open(self) -> None:
        """Let people in, from now on whenever there is room."""
        self.is_paused = False
        if not self._is_open:
            self._poller.register(self._listener.fileno(), READ, self._accept)
            self._is_open = True

    def close(self) -> None:
        """Let nobody in any more; who has asked by now, in here or outside, is answered."""
        self._finish()
        for _ in range(_LAST_TURNS):
            if self._is_open and self._queue.poll(0):
                self._accept()
                self._finish()
        self._pause()
        self.is_paused = False
        self._listener.close()

    def sweep(self, now: float) -> None:
        """Cut who is past a deadline, and let people in again if there is room.

        ``now`` is when the events were looked for that have been handled since: whoever sent
        something later has not been heard.
        """
        for late in [each for each in self.connections if each.deadline <= now]:
            late.give_way()
        if self.is_paused and self._has_room():
            self.open()

    def answer(self, request: Request) -> Reply:
        """Answer a request on one of the connections."""
        return self._desk.answer(request)

    def replied(self, status: int) -> None:
        """Count a reply."""
        self.statuses[status] += 1

    def later(self, connection: Connection) -> None:
        """Let a connection go on when the others have had their turn."""
        self.waiting.append(connection)

    def resume(self) -> None:
        """Let those go on who wait for it."""
        waiting, self.waiting = self.waiting, []
        for connection in waiting:
            connection.resume()

    def forget(self, connection: Connection) -> None:
        """Take note of a connection's end."""
        self.connections.discard(connection)

    def _finish(self) -> None:
        for connection in list(self.connections):
            connection.finish()

    def _pause(self) -> None:
        if self._is_open:
            self._poller.unregister(self._listener.fileno())
            self._is_open = False
            self.is_paused = True

    def _accept(self) -> None:
        """Let in whoever waits: certainly one, perhaps more."""
        if not self._has_room():
            self._pause()
            return
        for _ in range(_ACCEPTS_PER_TURN):
            try:
                peer = self._meet()
            except (BlockingIOError, ConnectionError):  # gone before we came to it
                return
            except OSError:  # out of descriptors or memory: asking again at once would not help
                self._pause()
                return
            connection = Connection(peer, owner=self, poller=self._poller, clock=self._clock)
            self.connections.add(connection)
            connection.begin()
            if len(self.connections) >= self._places or not self._queue.poll(0):
                return  # nobody gives way while others, who came earlier, are not heard

    def _meet(self) -> Peer:
        """Accept somebody. Raises ``OSError``.

        ``accept`` would do this too, and then more: a tenth of the time that a request takes.
        """
        descriptor, _ = self._listener._accept()  # type: ignore[attr-defined]  # noqa: SLF001 - no other name
        return Peer(self._family, socket.SOCK_STREAM, 0, descriptor)

    def _has_room(self) -> bool:
        """Tell whether one more may come in; who only waits, or takes long, gives way."""
        while len(self.connections) >= self._places:
            first = min(self.connections, key=lambda each: each.yields_at)
            if first.yields_at > self._clock():
                return False
            first.give_way()  # or it has asked for something, and is no longer the first
        return True
