"""One client's connection: bytes to requests to replies, within bounds of size and time.

h11 does the framing (RFC 9112); sockets and deadlines are ours. What to reply is the counter's.
"""

import socket
from collections.abc import Callable
from http import HTTPStatus
from selectors import EVENT_READ, EVENT_WRITE, BaseSelector
from typing import Final

import h11

from rolesanywhere.agent.counter import Counter, Reply, refuse

_LARGEST_HEAD: Final = 8192  # bytes of request line and headers
_LARGEST_BODY: Final = 4096  # bytes; no request here needs one
_REQUEST_SECONDS: Final = 5.0  # for a whole request, however slowly it drips
_REPLY_SECONDS: Final = 5.0  # for a client to take its reply
_IDLE_SECONDS: Final = 30.0  # between requests


class Connection:
    """Serves requests one after the other until the client, an error or a deadline ends it."""

    def __init__(
        self,
        peer: socket.socket,
        *,
        selector: BaseSelector,
        counter: Counter,
        clock: Callable[[], float],
        forget: Callable[["Connection"], None],
    ) -> None:
        """Take an accepted socket; ``clock`` is monotonic, ``forget`` is told of the end."""
        self._peer = peer
        self._selector = selector
        self._counter = counter
        self._clock = clock
        self._forget = forget
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=_LARGEST_HEAD)
        self._request: h11.Request | None = None
        self._body_length = 0
        self._outgoing = b""
        self._idle = True  # before and between requests: may be closed without harm
        self._last = False  # no request after this one
        self.deadline = clock() + _REQUEST_SECONDS
        peer.setblocking(False)  # noqa: FBT003 - the socket module's own signature
        selector.register(peer, EVENT_READ, self._on_event)

    def finish(self) -> None:
        """Close when the request under way is answered; at once when there is none."""
        self._last = True
        if self._idle:
            self.close()

    def close(self) -> None:
        """Close now."""
        self._selector.unregister(self._peer)
        self._peer.close()
        self._forget(self)

    def _on_event(self, mask: int) -> None:
        try:
            if mask & EVENT_WRITE:
                self._flush()
            else:
                self._receive()
        except OSError:  # reset by the client, mostly
            self.close()

    def _receive(self) -> None:
        try:
            data = self._peer.recv(_LARGEST_HEAD)
        except BlockingIOError:
            return
        if self._idle:
            self._idle = False
            self.deadline = self._clock() + _REQUEST_SECONDS
        try:
            self._http.receive_data(data)
        except h11.RemoteProtocolError:  # bytes after the end of input
            self.close()
            return
        self._advance()

    def _advance(self) -> None:
        """Take events until one reply is on its way, more bytes are needed or all is over."""
        while not self._outgoing:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                self._refuse_malformed(error)
                return
            if event is h11.NEED_DATA:
                return
            if event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                self.close()
                return
            if not self._take(event):
                return

    def _take(self, event: object) -> bool:
        """Handle one event; False when the connection is not to be read any further."""
        if isinstance(event, h11.Request):
            self._request = event
            self._body_length = 0
        elif isinstance(event, h11.Data):
            self._body_length += len(event.data)
            if self._body_length > _LARGEST_BODY:
                self._last = True
                self._send(
                    refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "TooLarge", "the body is too long")
                )
                return False
        elif isinstance(event, h11.EndOfMessage) and self._request is not None:
            return self._send(self._reply(self._request))
        return True

    def _reply(self, request: h11.Request) -> Reply:
        tokens = [value for name, value in request.headers if name == b"authorization"]
        return self._counter.answer(request.method, request.target, tokens)

    def _refuse_malformed(self, error: h11.RemoteProtocolError) -> None:
        self._last = True
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.close()
            return
        self._send(refuse(error.error_status_hint, "BadRequest", "this is not a good request"))

    def _send(self, reply: Reply) -> bool:
        """Start a reply; True when it is out and the connection goes on."""
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(reply.body)).encode()),
            (b"cache-control", b"no-store"),
            *reply.headers,
        ]
        if self._last:
            headers.append((b"connection", b"close"))
        is_head = self._request is not None and self._request.method == b"HEAD"
        parts = (
            self._http.send(h11.Response(status_code=reply.status, headers=headers)),
            b"" if is_head else self._http.send(h11.Data(data=reply.body)),
            self._http.send(h11.EndOfMessage()),
        )
        self._outgoing = b"".join(part or b"" for part in parts)
        self.deadline = self._clock() + _REPLY_SECONDS
        return self._push()

    def _flush(self) -> None:
        if self._push():
            self._advance()  # a request may have been sent behind the first one

    def _push(self) -> bool:
        """Write what the socket takes; True when all is out and the connection goes on."""
        try:
            sent = self._peer.send(self._outgoing)
        except BlockingIOError:
            sent = 0
        self._outgoing = self._outgoing[sent:]
        self._selector.modify(
            self._peer, EVENT_WRITE if self._outgoing else EVENT_READ, self._on_event
        )
        if self._outgoing:
            return False
        if self._last or self._http.states != {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}:
            self.close()
            return False
        self._http.start_next_cycle()
        self._request = None
        self._idle = True
        self.deadline = self._clock() + _IDLE_SECONDS
        return True
