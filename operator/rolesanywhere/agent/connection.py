"""One client's connection: bytes to requests to replies, within bounds of size and time.

``request`` reads the heads; sockets and deadlines are ours. What to reply is a desk's.
"""

import socket
from _socket import socket as Peer  # noqa: N812 - ``socket.socket`` without what that adds
from collections.abc import Callable
from typing import Final, Protocol

from rolesanywhere.agent.poller import READ, WRITE, Poller
from rolesanywhere.agent.reply import Reply, refuse
from rolesanywhere.agent.request import Malformed, Request, next_head, without_empty_lines

_REQUEST_SECONDS: Final = 5.0  # for a whole request, however slowly it drips
_REPLY_SECONDS: Final = 5.0  # for a client to take its reply
_IDLE_SECONDS: Final = 30.0  # between requests
_LINGER_SECONDS: Final = 1.0  # for a client to read why it was cut, while it still sends
_PATIENCE_SECONDS: Final = 0.1  # with a request not yet answered, while others wait outside
_CHUNK: Final = 8192  # bytes read at once
_AT_ONCE: Final = int(socket.MSG_DONTWAIT)  # on each call, which is one call less
# Of a last reply, whose end is to be in the same packet (Linux).
_BEFORE_THE_END: Final = _AT_ONCE | int(getattr(socket, "MSG_MORE", 0))


class Owner(Protocol):
    """What a connection belongs to: it answers requests and keeps count."""

    def answer(self, request: Request) -> Reply:
        """Answer one request at once."""

    def replied(self, status: int) -> None:
        """Take note of a reply."""

    def later(self, connection: "Connection") -> None:
        """See to it that ``resume`` is called when others have had their turn."""

    def forget(self, connection: "Connection") -> None:
        """Take note of the end."""


class Connection:
    """Serves requests one after the other until the client, an error or a deadline ends it."""

    __slots__ = (
        "_clock",
        "_has_more",
        "_incoming",
        "_last",
        "_lingering",
        "_mask",
        "_outgoing",
        "_owner",
        "_peer",
        "_poller",
        "_request",
        "deadline",
        "is_idle",
        "yields_at",
    )

    def __init__(
        self,
        peer: Peer,
        *,
        owner: Owner,
        poller: Poller,
        clock: Callable[[], float],
    ) -> None:
        """Take an accepted socket; ``clock`` is monotonic."""
        self._peer = peer
        self._owner = owner
        self._poller = poller
        self._clock = clock
        self._mask = 0  # what the poller watches for
        self._incoming = b""
        self._outgoing = b""
        self._request: Request | None = None  # read, but its body is not yet here
        self._has_more = False  # requests, it may be, that came with the one answered last
        self._last = False  # no request after this one
        self._lingering = False  # replied for good; what still comes is thrown away
        self.is_idle = True  # before and between requests: may be closed without harm
        now = clock()
        self.deadline = now + _REQUEST_SECONDS
        self.yields_at = now + _PATIENCE_SECONDS  # when it may be closed for want of room

    def begin(self) -> None:
        """Serve what has come already, mostly a whole request, then wait for more."""
        self.on_event()
        if not self._mask and self._peer.fileno() >= 0:
            self._watch(READ)

    def finish(self) -> None:
        """Close when the request under way is answered; at once when none has come."""
        self._last = True
        if self.is_idle:
            self.on_event()  # a last look: closing with bytes unread would reset
        if self.is_idle:
            self.close()

    def give_way(self) -> None:
        """Close now, whatever is under way; but who has asked and was not yet heard is answered."""
        if self.is_idle:
            self.finish()
        else:
            self.close()

    def close(self) -> None:
        """Close now."""
        self._watch(0)
        self._peer.close()
        self._owner.forget(self)

    def on_event(self) -> None:
        """Go on where the socket allows it.

        Another's event, seen in the same look, may have closed this one or had it read already: so
        our own state says what to do.
        """
        if self._peer.fileno() < 0:
            return
        try:
            if self._outgoing:
                if self._push():
                    self._advance()
            elif not self._has_more:  # else nothing is read before that is answered
                self._receive()
        except OSError:  # reset by the client, mostly
            self.close()

    def resume(self) -> None:
        """Go on with what came with the request answered last."""
        self._has_more = False
        if self._peer.fileno() < 0 or self._outgoing:
            return
        try:
            self._advance()
        except OSError:
            self.close()

    def _watch(self, mask: int) -> None:
        if mask == self._mask:
            return
        descriptor = self._peer.fileno()
        if not self._mask:
            self._poller.register(descriptor, mask, self.on_event)
        elif not mask:
            self._poller.unregister(descriptor)
        else:
            self._poller.modify(descriptor, mask)
        self._mask = mask

    def _enter(self, seconds: float, *, is_idle: bool) -> None:
        now = self._clock()
        self.is_idle = is_idle
        self.deadline = now + seconds
        self.yields_at = now if is_idle else now + _PATIENCE_SECONDS

    def _receive(self) -> None:
        try:
            data = self._peer.recv(_CHUNK, _AT_ONCE)
        except BlockingIOError:
            return
        if not data:
            self.close()
        elif not self._lingering:
            self._incoming += data
            self._advance()

    def _advance(self) -> None:
        """Answer one request, if one has come whole; whoever sends many has no more turns by it."""
        try:
            request = self._next_request()
            if request is not None:
                self._last = self._last or not request.keep_alive
                reply = self._owner.answer(request)
                if not self._send(reply, with_body=request.method != b"HEAD"):
                    return
        except Malformed as error:
            self._last = self._lingering = True
            self._send(refuse(error.status, "BadRequest", error.message), with_body=True)
            return
        if self._incoming and not self._request:
            self._incoming = without_empty_lines(self._incoming)
        if self._incoming or self._request:
            self._expect(is_answered=request is not None)

    def _expect(self, *, is_answered: bool) -> None:
        """Go on later with what has come already, or wait for the rest of it."""
        if self.is_idle:
            self._enter(_REQUEST_SECONDS, is_idle=False)
        if is_answered:
            self._has_more = True
            self._owner.later(self)

    def _next_request(self) -> Request | None:
        """Cut the next request off what has come; None until it is whole. Raises ``Malformed``."""
        request = self._request or self._next_head()
        if request is None or len(self._incoming) < request.body_length:
            self._request = request
            return None
        self._request = None
        self._incoming = self._incoming[request.body_length :]
        return request

    def _next_head(self) -> Request | None:
        found = next_head(self._incoming)
        if found is None:
            return None
        request, length = found
        self._incoming = self._incoming[length:]
        return request

    def _send(self, reply: Reply, *, with_body: bool) -> bool:
        """Start a reply; True when it is out and the connection goes on."""
        self._owner.replied(reply.status)
        self._outgoing = reply.wire(last=self._last, with_body=with_body)
        return self._push()

    def _push(self) -> bool:
        """Write what the socket takes; True when all is out and the connection goes on."""
        try:
            sent = self._peer.send(self._outgoing, _BEFORE_THE_END if self._last else _AT_ONCE)
        except BlockingIOError:
            sent = 0
        self._outgoing = self._outgoing[sent:]
        if self._outgoing:
            if self._mask != WRITE:  # from here on, however little the client takes at once
                self._enter(_REPLY_SECONDS, is_idle=False)
                self._watch(WRITE)
            return False
        if self._lingering:
            self._linger()
            return False
        if self._last:
            self._peer.shutdown(socket.SHUT_WR)  # sends what was held back; `close` may drop it
            self.close()
            return False
        self._watch(READ)
        self._enter(_IDLE_SECONDS, is_idle=True)
        return True

    def _linger(self) -> None:
        """Close our half alone: closing with bytes unread would reset, and the reply be lost."""
        self._peer.shutdown(socket.SHUT_WR)
        self._watch(READ)
        self._enter(_LINGER_SECONDS, is_idle=False)
