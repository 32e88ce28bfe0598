"""Whom to call when their descriptors are ready: epoll, or poll where there is none, and a dict.

``selectors`` does this in twice the time, at each request: it makes keys and masks, and nobody here
asks for them, since whoever is called looks at its own state. Decides nothing about turns.
"""

import math
import select
from collections.abc import Callable
from typing import Final

READ: Final = select.POLLIN  # epoll has the same bits
WRITE: Final = select.POLLOUT
_AT_ONCE: Final = 128  # descriptors a look; the kernel gives the others first in the next one

Callback = Callable[[], bool | None]


class Poller:
    """Descriptors by number; whoever closes one takes it away before."""

    def __init__(self, *, epoll: bool = hasattr(select, "epoll")) -> None:
        """Watch for nothing yet."""
        self._poller: select.epoll | select.poll
        self._callbacks: dict[int, Callback] = {}
        self._wait: Callable[[float], list[tuple[int, int]]]
        if epoll:
            self._poller = events = select.epoll()
            self._wait = lambda seconds: events.poll(seconds, _AT_ONCE)
        else:
            self._poller = others = select.poll()
            self._wait = lambda seconds: others.poll(math.ceil(seconds * 1000))

    def register(self, descriptor: int, mask: int, callback: Callback) -> None:
        """Call back whenever a descriptor is ready for ``mask``, or its other side is gone."""
        self._poller.register(descriptor, mask)
        self._callbacks[descriptor] = callback

    def modify(self, descriptor: int, mask: int) -> None:
        """Watch for something else from now on."""
        self._poller.modify(descriptor, mask)

    def unregister(self, descriptor: int) -> None:
        """Watch for it no more. A look that has been had may still call back."""
        self._poller.unregister(descriptor)
        del self._callbacks[descriptor]

    def ready(self, seconds: float) -> list[Callback]:
        """Wait so long at most, and give whom to call; a signal's handler ends no wait."""
        callbacks = self._callbacks
        return [callbacks[descriptor] for descriptor, _ in self._wait(seconds)]
