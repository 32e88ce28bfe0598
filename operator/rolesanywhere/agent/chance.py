"""Chance. The module ``random`` would bring hashlib into the server."""

import os


def draw() -> float:
    """Give a number in [0, 1), another one each time."""
    return int.from_bytes(os.urandom(4), "big") / 2**32
