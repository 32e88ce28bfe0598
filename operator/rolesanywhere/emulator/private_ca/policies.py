"""Resource-based policies: what may be written into one.

https://docs.aws.amazon.com/privateca/latest/userguide/pca-rbp.html
Only Allow, only this CA, only other accounts or an organization, and only what sharing is for.
``sharing`` evaluates them.
"""

import json
import re
from typing import Any, Final

from rolesanywhere.emulator.private_ca import refusals
from rolesanywhere.emulator.private_ca.records import Authority, Status
from rolesanywhere.emulator.private_ca.request import Request
from rolesanywhere.emulator.private_ca.sharing import as_list

_SHAREABLE: Final = frozenset(
    f"acm-pca:{operation}"
    for operation in (
        "DescribeCertificateAuthority",
        "GetCertificate",
        "GetCertificateAuthorityCertificate",
        "IssueCertificate",
        "ListPermissions",
        "ListTags",
        "RevokeCertificate",
    )
)
_PRINCIPAL: Final = re.compile(r"\d{12}|arn:[\w-]+:iam::\d{12}:\S+")
_ORGANIZATION: Final = "aws:PrincipalOrgID"
_VERSION: Final = "2012-10-17"
_UNCHANGEABLE: Final = (Status.CREATING, Status.DELETED)


def put(request: Request) -> dict[str, Any]:
    """PutPolicy, in place of any other.

    Raises ``AwsError``: InvalidPolicyException, InvalidStateException.
    """
    authority = _changeable(request)
    text = str(request.parameters["Policy"])
    _require_policy(text, authority)
    authority.policy = text
    return {}


def get(request: Request) -> dict[str, Any]:
    """GetPolicy.

    Raises ``AwsError``: ResourceNotFoundException when there is none, InvalidStateException.
    """
    authority = request.authority("ResourceArn")
    if authority.status is Status.DELETED:
        raise refusals.wrong_state(authority.arn, "get its policy")
    if authority.policy is None:
        raise refusals.policy_not_found(authority.arn)
    return {"Policy": authority.policy}


def delete(request: Request) -> dict[str, Any]:
    """DeletePolicy; quietly when there is none. Raises ``AwsError`` (InvalidStateException)."""
    _changeable(request).policy = None
    return {}


def _changeable(request: Request) -> Authority:
    authority = request.authority("ResourceArn")
    if authority.status in _UNCHANGEABLE:
        raise refusals.wrong_state(authority.arn, "change its policy")
    return authority


def _require_policy(text: str, authority: Authority) -> None:
    try:
        policy = json.loads(text)
        statements = as_list(policy["Statement"])
        fault = None if policy["Version"] == _VERSION else f"its Version is not {_VERSION}"
        fault = fault or next(filter(None, (_fault(each, authority) for each in statements)), None)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        message = f"it is not a policy document: {error!r}"
        raise refusals.invalid_policy(message) from error
    if fault is not None:
        raise refusals.invalid_policy(fault)


def _fault(statement: dict[str, Any], authority: Authority) -> str | None:
    """Tell which rule a statement breaks, or None."""
    if statement["Effect"] != "Allow":
        return "only Allow statements are supported"
    if as_list(statement["Resource"]) != [authority.arn]:
        return f"a statement's Resource is not {authority.arn}"
    unknown = sorted(set(as_list(statement["Action"])) - _SHAREABLE)
    if unknown:
        return f"action {unknown[0]} cannot be shared"
    return _principal_fault(statement)


def _principal_fault(statement: dict[str, Any]) -> str | None:
    """Accounts are named; everybody is allowed only within an organization."""
    principal = statement["Principal"]
    named = as_list(principal["AWS"] if isinstance(principal, dict) else principal)
    conditions = statement.get("Condition", {}).get("StringEquals", {})
    for each in named:
        is_everybody = each == "*"
        if is_everybody and _ORGANIZATION not in conditions:
            return f"Principal * needs a StringEquals condition on {_ORGANIZATION}"
        if not is_everybody and not _PRINCIPAL.fullmatch(each):
            return f"principal {each} is neither an account nor one of IAM's"
    return None
