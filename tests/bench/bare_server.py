"""A server that only receives and sends the same bytes: what is left to any server in one loop.

It reads no request, checks no token and knows no deadline. Prints its port, then serves until it
is ended. Whatever a client measures here is the kernel's time, the client's own, and the wait for
the other clients.
"""

import socket
import sys
from select import EPOLLIN, epoll
from typing import Final

_HEAD: Final = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
_BODY: Final = b"y" * 900  # as long as credentials are
_LAST: Final = b"Connection: close"


def main() -> None:
    """Serve on a free port of loopback."""
    reply = _HEAD % len(_BODY) + _BODY
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener, epoll() as poller:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 5)
        poller.register(listener, EPOLLIN)
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        peers: dict[int, socket.socket] = {}
        while True:
            for descriptor, _ in poller.poll():
                peer = peers.get(descriptor) or listener.accept()[0]
                if _serve(peer, reply):
                    peers.pop(descriptor, None)
                    peer.close()
                elif descriptor not in peers:
                    peers[peer.fileno()] = peer
                    poller.register(peer, EPOLLIN)


def _serve(peer: socket.socket, reply: bytes) -> bool:
    """Answer one request; True when it was the last one."""
    data = peer.recv(8192)
    if not data:
        return True
    is_last = _LAST in data
    peer.send(reply, socket.MSG_MORE if is_last else 0)
    if is_last:
        peer.shutdown(socket.SHUT_WR)
    return is_last


if __name__ == "__main__":
    main()
