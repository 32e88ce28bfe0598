"""How long to wait before the next try: growing, bounded, jittered; never a hot loop."""

from typing import Final

FIRST_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 300.0
JITTER: Final = 0.25  # of the delay, added


def delay_seconds(
    attempt: int, *, chance: float, longest: float = LONGEST_SECONDS, asked: float | None = None
) -> float:
    """Give seconds before try ``attempt + 1``; ``chance`` in [0, 1) makes the jitter.

    ``asked`` is what the other side asked for; it is a floor.
    """
    grown = min(FIRST_SECONDS * 2.0 ** min(attempt, 16), longest)
    return max(grown, asked or 0.0) * (1 + JITTER * chance)
