"""The end of a CA, and its way back.

https://docs.aws.amazon.com/privateca/latest/userguide/PCADeleteCA.html
"""

from datetime import timedelta
from typing import Any, Final

from rolesanywhere.emulator.private_ca import refusals
from rolesanywhere.emulator.private_ca.records import Status
from rolesanywhere.emulator.private_ca.request import Request
from rolesanywhere.emulator.private_ca.statuses import move

_RESTORABLE_DAYS: Final = 30
_UNDELETABLE: Final = (Status.ACTIVE, Status.DELETED)


def delete(request: Request) -> dict[str, Any]:
    """DeleteCertificateAuthority: restorable for 7 to 30 days, but for one still CREATING.

    Raises ``AwsError`` (InvalidStateException) for an ACTIVE CA, which must be disabled first.
    """
    authority = request.authority()
    status = request.status(authority)
    if status in _UNDELETABLE:
        raise refusals.wrong_state(authority.arn, "be deleted")
    if status is not Status.CREATING:
        days = request.parameters.get("PermanentDeletionTimeInDays", _RESTORABLE_DAYS)
        authority.restorable_until = request.now + timedelta(days=days)
    authority.status_before_deletion = authority.status
    move(authority, Status.DELETED, request.now)
    return {}


def restore(request: Request) -> dict[str, Any]:
    """RestoreCertificateAuthority: back to the status before, an ACTIVE one being impossible.

    Raises ``AwsError``: InvalidStateException; ResourceNotFoundException after the period.
    """
    authority = request.authority()
    before = authority.status_before_deletion
    if authority.status is not Status.DELETED or before is None:
        message = f"Certificate Authority {authority.arn} is not in the DELETED state"
        raise refusals.invalid_state(message)
    authority.restorable_until = authority.status_before_deletion = None
    move(authority, before, request.now)
    return {}
