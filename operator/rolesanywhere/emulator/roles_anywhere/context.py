"""What every operation works with: who asks, where, and the service's memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rolesanywhere.emulator.caller import Caller
from rolesanywhere.emulator.roles_anywhere.anchor_source import ActiveAuthority
from rolesanywhere.emulator.roles_anywhere.quotas import Quotas
from rolesanywhere.emulator.roles_anywhere.store import Region

Parameters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One call, its parameters validated. The store's lock is held while it runs."""

    parameters: Parameters
    caller: Caller
    region: Region
    now: datetime
    quotas: Quotas
    active_authority: ActiveAuthority

    def arn(self, kind: str, identifier: str) -> str:
        """Make an ARN of the caller's region and account."""
        caller = self.caller
        return (
            f"arn:{caller.partition}:rolesanywhere:{caller.region}:{caller.account}:"
            f"{kind}/{identifier}"
        )
