"""What the agent holds of one identity, and what to say when that is nothing of use."""

from http import HTTPStatus
from typing import Final, Protocol

from rolesanywhere.agent.reply import Reply, refuse
from rolesanywhere.agent.report import Failure, Grant

_LEAST_LEFT: Final = 5.0  # seconds; credentials that end on their way are of no use


class Holder(Protocol):
    """An identity's present state: its last good credentials and why there are no newer ones."""

    @property
    def grant(self) -> Grant | None:
        """The last good credentials; they may have expired."""

    @property
    def failure(self) -> Failure | None:
        """What went wrong since then."""


def valid_grant(holder: Holder, clock: float, now: float) -> Grant | None:
    """Give the credentials that may be handed out at this moment.

    ``clock`` is the server's, which nobody can set; ``now`` the wall's, in epoch seconds, which
    alone knows of a pause of the whole machine. Over by either is over: to an SDK, too.
    """
    grant = holder.grant
    if grant is None or served_until(grant) <= clock or is_over_by_wall(grant, now):
        return None
    return grant


def served_until(grant: Grant) -> float:
    """Give the moment of the server's clock from which credentials are not handed out any more."""
    return grant.until - _LEAST_LEFT


def is_over_by_wall(grant: Grant, now: float) -> bool:
    """Tell whether credentials are not handed out any more by the wall clock, whatever else."""
    return grant.wall_until - _LEAST_LEFT <= now


def role_of(holder: Holder) -> str | None:
    """Give the name of an identity's role, as far as it is known."""
    if holder.grant is not None:
        return holder.grant.role_name
    return None if holder.failure is None else holder.failure.role_name


def absence(holder: Holder) -> Reply:
    """Say why there are no credentials: 503, which every SDK takes for "not now"."""
    state = "there are no credentials yet" if holder.grant is None else "the credentials expired"
    failure = holder.failure
    if failure is None:
        words = f"{state}; AWS is being asked"
        return refuse(HTTPStatus.SERVICE_UNAVAILABLE, "Pending", words)
    words = f"{state}: {failure.message}"
    return refuse(HTTPStatus.SERVICE_UNAVAILABLE, failure.reason, words)
