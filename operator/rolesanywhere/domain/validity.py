"""When a CA's certificate ends, from what a user wrote."""

from datetime import datetime

from rolesanywhere.api.authority import DEFAULT_CA_VALIDITY_YEARS, CAValidity
from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain import moments
from rolesanywhere.domain.trouble import Refusal


def end_of(wanted: CAValidity, *, start: datetime, now: datetime) -> datetime:
    """Give the end, UTC, in whole seconds. ``start`` never moves, so asking twice gives the same.

    Raises ``Refusal`` for a date that cannot be read, and for one that is over.
    """
    if wanted.not_after is None:
        return moments.end_of(start, years=wanted.years or DEFAULT_CA_VALIDITY_YEARS)
    try:
        end = moments.whole_seconds(moments.read(wanted.not_after))
    except ValueError as error:
        raise Refusal(Reason.INVALID_SPEC, f"validity.notAfter: {error}") from error
    if end <= now:
        raise Refusal(
            Reason.INVALID_SPEC,
            f"validity.notAfter {moments.show(end)} is over: a CA needs an end in the future",
        )
    return end
