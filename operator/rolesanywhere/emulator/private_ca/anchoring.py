"""What Roles Anywhere sees of a CA when a trust anchor names it."""

from dataclasses import dataclass
from datetime import datetime

from rolesanywhere.emulator.private_ca import refusals
from rolesanywhere.emulator.private_ca.records import State
from rolesanywhere.emulator.private_ca.statuses import is_gone, status_at


@dataclass(frozen=True, slots=True)
class AuthorityView:
    """A CA's status (``ACTIVE``, …) and certificate (PEM; None before the first import)."""

    status: str
    certificate: str | None


def view_of(state: State, arn: str, now: datetime) -> AuthorityView:
    """Look at a CA. Raises ``AwsError`` (ResourceNotFoundException)."""
    authority = state.authorities.get(arn)
    if authority is None or is_gone(authority, now):
        raise refusals.not_found(arn)
    own = authority.own.pem if authority.own else None
    return AuthorityView(status_at(authority, now).value, own)
