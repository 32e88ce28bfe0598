"""IMDSv2's session tokens: each carries its end and a seal, so none is kept, and none forgotten.

There are SDKs that hold on to a token for its whole time to live, refused or not: so it must be
good until then, however many others are asked for, and though the agent was restarted.
"""

# as in `counter`: hashlib and hmac would map libcrypto into the process
from _blake2 import blake2b
from _operator import _compare_digest
from collections.abc import Callable
from typing import Final

LONGEST_TTL: Final = 21_600  # seconds
SECRET_BYTES: Final = 32
_PURPOSE: Final = b"imds-session"  # the same bytes hashed for anything else give another secret
_END_DIGITS: Final = 16
_SEAL_BYTES: Final = 32
_PER_SECOND: Final = 1000
# A clock set back prolongs tokens by as much. By minutes it must void none; one that then has
# longer to live than this was made by a clock that was quite wrong.
_FURTHEST: Final = 2 * LONGEST_TTL  # seconds


def secret_of(authorization_token: bytes) -> bytes:
    """Give the secret that belongs to an authorization token: the same in each run of the agent."""
    return blake2b(authorization_token, digest_size=SECRET_BYTES, person=_PURPOSE).digest()


class SessionTokens:
    """Makes tokens and recognises them, its own and those of anybody with the same secret.

    A token is its end, in milliseconds, and a keyed hash of that, both in hexadecimal digits.
    """

    def __init__(
        self, secret: bytes, *, clock: Callable[[], float], now: Callable[[], float]
    ) -> None:
        """``clock`` is monotonic, ``now`` gives epoch seconds.

        No clock but the latter goes on where an earlier run's was; it is asked once, for it may be
        set.
        """
        self._secret = secret
        self._clock = clock
        self._origin = now() - clock()

    def make(self, seconds: int) -> bytes:
        """Give a token for this long."""
        end = b"%0*x" % (_END_DIGITS, round((self._now() + seconds) * _PER_SECOND))
        return end + self._seal(end)

    def seconds_left(self, token: bytes) -> int | None:
        """Give how long a token is still good, rounded down; None if it is not."""
        end, seal = token[:_END_DIGITS], token[_END_DIGITS:]
        if not _compare_digest(seal, self._seal(end)):
            return None
        left = int(end, 16) / _PER_SECOND - self._now()  # sealed, so it is a number
        return int(left) if 0 < left <= _FURTHEST else None

    def _now(self) -> float:
        return self._origin + self._clock()

    def _seal(self, end: bytes) -> bytes:
        return blake2b(end, digest_size=_SEAL_BYTES, key=self._secret).hexdigest().encode()
