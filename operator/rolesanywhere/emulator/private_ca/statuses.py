"""A CA's status: what is stored, what the clock makes of it, and when it moves on."""

from datetime import datetime

from rolesanywhere.emulator.private_ca.records import Authority, Status

_CAN_EXPIRE = (Status.ACTIVE, Status.DISABLED)


def status_at(authority: Authority, now: datetime) -> Status:
    """Tell a CA's status: ACTIVE and DISABLED become EXPIRED with the CA's own certificate."""
    is_over = authority.own is not None and authority.own.not_after < now
    return Status.EXPIRED if authority.status in _CAN_EXPIRE and is_over else authority.status


def move(authority: Authority, status: Status, now: datetime) -> None:
    """Give a CA a new status."""
    authority.status = status
    authority.state_changed_at = now


def look(authority: Authority, now: datetime) -> None:
    """Let a CA in the making come one ask nearer to PENDING_CERTIFICATE.

    Asks are counted, not seconds: a test need not wait. Only answers that show the status count,
    so that who else asks for a CA's tags in between makes no difference.
    """
    if authority.status is Status.CREATING:
        if authority.asks_left <= 0:
            move(authority, Status.PENDING_CERTIFICATE, now)
        authority.asks_left -= 1


def is_gone(authority: Authority, now: datetime) -> bool:
    """Tell whether a deleted CA's restoration period is over: nobody will see it again."""
    until = authority.restorable_until
    return authority.status is Status.DELETED and (until is None or until < now)
