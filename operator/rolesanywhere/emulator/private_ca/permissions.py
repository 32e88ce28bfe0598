"""What ACM may do with a CA: kept and listed; there is no ACM here that would use it.

https://docs.aws.amazon.com/privateca/latest/userguide/assign-permissions.html
"""

from typing import Any, Final

from rolesanywhere.emulator.private_ca import refusals
from rolesanywhere.emulator.private_ca.answers import epoch
from rolesanywhere.emulator.private_ca.paging import page
from rolesanywhere.emulator.private_ca.records import Authority, Permission, Status
from rolesanywhere.emulator.private_ca.request import Request

_ONLY_PRINCIPAL: Final = "acm.amazonaws.com"
_CHANGEABLE: Final = (Status.PENDING_CERTIFICATE, Status.ACTIVE)


def create(request: Request) -> dict[str, Any]:
    """CreatePermission, once for a principal and source account.

    Raises ``AwsError``: ValidationException for another principal than ACM,
    PermissionAlreadyExistsException, InvalidStateException.
    """
    authority = _changeable(request)
    principal, account = request.parameters["Principal"], _source_account(request)
    if principal != _ONLY_PRINCIPAL:
        message = f"{principal} is not a valid principal: the only one is {_ONLY_PRINCIPAL}"
        raise refusals.validation(message)
    if _find(authority, principal, account) is not None:
        raise refusals.permission_exists(principal)
    actions = sorted(set(request.parameters["Actions"]))
    authority.permissions.append(Permission(principal, account, actions, request.now))
    return {}


def delete(request: Request) -> dict[str, Any]:
    """DeletePermission. Raises ``AwsError``: ResourceNotFoundException, InvalidStateException."""
    authority = _changeable(request)
    principal = str(request.parameters["Principal"])
    found = _find(authority, principal, _source_account(request))
    if found is None:
        raise refusals.not_found(principal)
    authority.permissions.remove(found)
    return {}


def list_all(request: Request) -> dict[str, Any]:
    """ListPermissions. Raises ``AwsError`` (InvalidStateException) for a DELETED CA."""
    authority = request.authority()
    if authority.status is Status.DELETED:
        raise refusals.wrong_state(authority.arn, "list permissions")
    chosen, more = page(
        authority.permissions,
        request.parameters,
        name_of=lambda each: f"{each.principal} {each.source_account}",
        most=request.settings.page_size,
    )
    return {"Permissions": [_answer(authority, each) for each in chosen], **more}


def _changeable(request: Request) -> Authority:
    authority = request.authority()
    if request.status(authority) not in _CHANGEABLE:
        raise refusals.wrong_state(authority.arn, "change its permissions")
    return authority


def _source_account(request: Request) -> str:
    return str(request.parameters.get("SourceAccount") or request.caller.account)


def _find(authority: Authority, principal: str, account: str) -> Permission | None:
    return next(
        (
            each
            for each in authority.permissions
            if (each.principal, each.source_account) == (principal, account)
        ),
        None,
    )


def _answer(authority: Authority, permission: Permission) -> dict[str, Any]:
    return {
        "CertificateAuthorityArn": authority.arn,
        "CreatedAt": epoch(permission.created_at),
        "Principal": permission.principal,
        "SourceAccount": permission.source_account,
        "Actions": permission.actions,
    }
