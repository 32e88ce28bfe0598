"""What credentials are delivered to, whatever files it keeps."""

from collections.abc import Mapping
from typing import Protocol

from rolesanywhere.agent.report import Grant

# A grant; None: it expired; no entry: none so far, and an earlier run's may still be good.
Grants = Mapping[str, Grant | None]


class Outlet(Protocol):
    """Somewhere files are kept."""

    def deliver(self, grants: Grants, *, now: float) -> float:
        """Bring the files in line; ``now`` is in epoch seconds.

        Gives the moment to be called again, infinite but where an earlier run's file is kept until
        its end.
        Raises ``OSError``; whatever was there is then still whole.
        """
