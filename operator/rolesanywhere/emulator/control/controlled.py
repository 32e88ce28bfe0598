"""What the control surface controls: an account, by shape."""

from collections.abc import Mapping
from typing import Any, Protocol

from rolesanywhere.emulator.clock import Clock
from rolesanywhere.emulator.control.faults import Faults
from rolesanywhere.emulator.control.journal import Journal
from rolesanywhere.emulator.roles_anywhere.quotas import Quotas


class UnusableSnapshot(ValueError):  # noqa: N818 - it says what is wrong, not that it is
    """This is no snapshot of this account."""


class Controlled(Protocol):
    """An account as a test handles it."""

    clock: Clock
    journal: Journal
    faults: Faults
    quotas: Quotas

    def reset(self) -> None:
        """Forget everything but the administrator's key."""
        ...

    def snapshot(self) -> dict[str, Any]:
        """Give everything that outlives the process."""
        ...

    def load(self, snapshot: Mapping[str, Any]) -> None:
        """Put a snapshot in place of everything. Raises ``UnusableSnapshot``."""
        ...
