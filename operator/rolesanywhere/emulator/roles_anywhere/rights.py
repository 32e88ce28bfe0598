"""What an operation needs of IAM: itself on its resource, and what comes with it.

Passing roles to the service, tagging while creating, and the service-linked role that the first
trust anchor of an account makes:
https://docs.aws.amazon.com/rolesanywhere/latest/userguide/using-service-linked-roles.html
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from rolesanywhere.emulator.authorization.access import Access, request_tags, resource_tags
from rolesanywhere.emulator.caller import Caller
from rolesanywhere.emulator.roles_anywhere.operation import Operation
from rolesanywhere.emulator.roles_anywhere.routing import Routed
from rolesanywhere.emulator.roles_anywhere.store import Region, Table
from rolesanywhere.emulator.roles_anywhere.tagging import tags_of
from rolesanywhere.emulator.roles_anywhere.wire import SERVICE

LINKED_ROLE_NAME: Final = "AWSServiceRoleForRolesAnywhere"
_TABLES: Final[dict[str, tuple[str, Callable[[Region], Table[Any]]]]] = {
    "trustAnchorId": ("trust-anchor", lambda region: region.anchors),
    "profileId": ("profile", lambda region: region.profiles),
    "crlId": ("crl", lambda region: region.crls),
    "subjectId": ("subject", lambda region: region.subjects),
}


def accesses(
    routed: Routed, region: Region, caller: Caller, *, has_linked_role: bool
) -> Iterator[Access]:
    """Give everything the caller must be allowed."""
    operation, parameters = routed.operation, routed.parameters
    tags = tags_of(parameters)
    resource = _resource(operation, routed, region, caller)
    context = {**request_tags(tags), **resource_tags(region.tags.get(resource, {}))}
    yield Access(f"rolesanywhere:{operation.name}", resource, context)
    if tags and operation.target is None:
        yield Access("rolesanywhere:TagResource", resource, context)
    passing = {"iam:PassedToService": (SERVICE,)}
    for arn in parameters.get("roleArns", ()):
        yield Access("iam:PassRole", arn, passing)
    if operation.name == "CreateTrustAnchor" and not has_linked_role:
        role = (
            f"arn:{caller.partition}:iam::{caller.account}:role/aws-service-role/{SERVICE}/"
            f"{LINKED_ROLE_NAME}"
        )
        yield Access("iam:CreateServiceLinkedRole", role, {"iam:AWSServiceName": (SERVICE,)})


def _resource(operation: Operation, routed: Routed, region: Region, caller: Caller) -> str:
    """Give the resource's own ARN: policies that name an alias do not apply."""
    if operation.target is None:
        return "*"
    identifier = str(routed.parameters[operation.target])
    if operation.target not in _TABLES:
        return identifier
    kind, table = _TABLES[operation.target]
    found = table(region).find(identifier)
    if found is not None:
        return str(found.arn)
    if identifier.startswith("arn:"):
        return identifier
    prefix = f"arn:{caller.partition}:rolesanywhere:{caller.region}:{caller.account}"
    return f"{prefix}:{kind}/{identifier}"
