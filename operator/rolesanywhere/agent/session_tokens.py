"""IMDSv2's session tokens: made on request, short-lived, a bounded number of them."""

import os

# as in `counter`: hmac would map libcrypto into the process
from _operator import _compare_digest
from collections.abc import Callable
from typing import Final

MOST: Final = 512  # tokens at once; the oldest gives way
_NAME_BYTES: Final = 8
_SECRET_BYTES: Final = 32


class SessionTokens:
    """Remembers each token's secret half and end under its public half."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """``clock`` is monotonic."""
        self._clock = clock
        self._known: dict[bytes, tuple[bytes, float]] = {}

    def __len__(self) -> int:
        """Count the tokens held."""
        return len(self._known)

    def make(self, seconds: int) -> bytes:
        """Give a new token for this long."""
        if len(self._known) >= MOST:
            self._make_room()
        name, secret = (os.urandom(size).hex().encode() for size in (_NAME_BYTES, _SECRET_BYTES))
        self._known[name] = (secret, self._clock() + seconds)
        return name + secret

    def seconds_left(self, token: bytes) -> int | None:
        """Give how long a token is still good, rounded down; None if it is not."""
        name, secret = token[: 2 * _NAME_BYTES], token[2 * _NAME_BYTES :]
        expected, end = self._known.get(name, (b"", 0.0))
        left = end - self._clock()
        if not expected or not _compare_digest(secret, expected) or left <= 0:
            return None
        return int(left)

    def _make_room(self) -> None:
        now = self._clock()
        self._known = {name: kept for name, kept in self._known.items() if kept[1] > now}
        if len(self._known) >= MOST:
            del self._known[next(iter(self._known))]  # not the first to end, a new short one
