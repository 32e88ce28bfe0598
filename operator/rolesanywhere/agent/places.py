"""How many exchanges may run at once, of all identities together.

They are due together when all Secrets rotate, and each takes 25 MiB and a tenth of a second of a
whole CPU: with a small container's share of it, too many at once would all be too late.
"""


class Places:
    """Counted by whoever starts an exchange, and again when it has ended."""

    def __init__(self, count: int = 2) -> None:
        self.free = count
