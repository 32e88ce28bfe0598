"""What the agent holds, made by hand, for the tests of whoever serves from it."""

from dataclasses import dataclass

from rolesanywhere.agent.report import Failure, Grant

NOON = 1000.0  # of the server's clock
WALL_NOON = 1_795_521_600.0  # of the wall clock at that moment: 2026-11-24T12:00:00Z


@dataclass
class Held:
    """An identity's state, as the refresher would hold it."""

    grant: Grant | None = None
    failure: Failure | None = None


def grant(
    key: str, *, seconds_left: float = 3600, wall_left: float = 3600, role: str = "reader"
) -> Grant:
    """Give credentials that are told apart by ``key``, and how long they last by either clock."""
    return Grant(
        access_key_id=key,
        secret_access_key=f"secret-of-{key}",
        token=f"token-of-{key}",
        expiration="2026-11-24T13:00:00Z",
        until=NOON + seconds_left,
        assumed_role_arn=f"arn:aws:sts::1:assumed-role/{role}/session",
        role_name=role,
        wall_until=WALL_NOON + wall_left,
    )
