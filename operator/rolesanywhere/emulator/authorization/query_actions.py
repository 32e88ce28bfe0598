"""IAM, STS, EC2 and whatever else speaks Query: the Action, and the resource it names.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
EC2 has hundreds of actions; those on instances, volumes, VPCs and their like are asked for by ARN,
all others for ``*``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import parse_qsl

from rolesanywhere.emulator.authorization.access import Access, request_tags, resource_tags
from rolesanywhere.emulator.http.message import Request

Parameters = Mapping[str, str]
_FORM: Final = "application/x-www-form-urlencoded"
_EC2_IDS: Final = re.compile(
    r"(Instance|Volume|Vpc|Subnet|Snapshot|NetworkInterface)Id(?:\.\d+)?|Group(?:Id)(?:\.\d+)?"
)
_EC2_KINDS: Final = {
    "Instance": "instance",
    "Volume": "volume",
    "Vpc": "vpc",
    "Subnet": "subnet",
    "Snapshot": "snapshot",
    "NetworkInterface": "network-interface",
    None: "security-group",
}
_PASSING: Final = {"AddRoleToInstanceProfile": "RoleName"}


class Names(Protocol):
    """Turns names of IAM into ARNs, which may hold a path the request does not."""

    def iam_arn(self, kind: str, name: str) -> str | None:
        """Give the ARN of a ``role`` or ``user`` by name; None: there is none yet."""
        ...

    def iam_tags(self, arn: str) -> Mapping[str, str]:
        """Give the tags of a role, user or policy."""
        ...

    def iam_boundary(self, arn: str) -> str | None:
        """Give the permissions boundary of a role; None: it has none, or is none."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where ARNs are made for."""

    partition: str
    account: str
    region: str


def query_parameters(request: Request) -> dict[str, str]:
    """Give a Query request's parameters: its form's, then its URL's, the first of each name.

    That is how whoever carries the request out reads it, so that what is permitted is what is
    done. Services of JSON name the action in X-Amz-Target.
    """
    parameters: dict[str, str] = {}
    if (request.header("content-type") or "").startswith(_FORM):
        text = request.body.decode("utf-8", "replace")
        for name, value in parse_qsl(text, keep_blank_values=True):
            parameters.setdefault(name, value)
    for name, values in request.query_parameters.items():
        parameters.setdefault(name, values[0])
    target = request.header("x-amz-target")
    if target is not None:
        parameters.setdefault("Action", target.rpartition(".")[2])
    return parameters


def query_accesses(
    service: str, parameters: Parameters, place: Place, names: Names
) -> Iterator[Access]:
    """Give what a request of a service needs."""
    action = parameters.get("Action", "Unknown")
    if service == "iam":
        yield from _iam(action, parameters, place, names)
    elif service == "sts":
        yield from _sts(action, parameters)
    elif service == "ec2":
        yield from _ec2(action, parameters, place)
    else:
        yield Access(f"{service}:{action}")


def session_tags(parameters: Parameters) -> dict[str, str]:
    """Give the tags a session is asked for with."""
    return _tags(parameters)


def session_context(parameters: Parameters) -> dict[str, tuple[str, ...]]:
    """Give what policies may ask about the session that is asked for."""
    names = ("RoleSessionName", "ExternalId", "SourceIdentity")
    held = {f"sts:{name}": (parameters[name],) for name in names if name in parameters}
    return {**request_tags(session_tags(parameters)), **held}


def _sts(action: str, parameters: Parameters) -> Iterator[Access]:
    resource, context = parameters.get("RoleArn", "*"), session_context(parameters)
    yield Access(f"sts:{action}", resource, context)
    if session_tags(parameters):
        yield Access("sts:TagSession", resource, context)
    if "SourceIdentity" in parameters:
        yield Access("sts:SetSourceIdentity", resource, context)


def _iam(action: str, parameters: Parameters, place: Place, names: Names) -> Iterator[Access]:
    resource = _iam_resource(action, parameters, place, names)
    context: dict[str, tuple[str, ...]] = {
        **request_tags(_tags(parameters)),
        **resource_tags(names.iam_tags(resource)),
    }
    boundary = names.iam_boundary(resource)
    if boundary is not None:  # of the role that is changed; a new one's is in the request
        context["iam:PermissionsBoundary"] = (boundary,)
    for key, parameter in (
        ("iam:PolicyARN", "PolicyArn"),
        ("iam:PermissionsBoundary", "PermissionsBoundary"),
        ("iam:AWSServiceName", "AWSServiceName"),
    ):
        if parameter in parameters:
            context[key] = (parameters[parameter],)
    yield Access(f"iam:{action}", resource, context)
    if action in {"CreateRole", "CreateUser", "CreatePolicy"} and _tags(parameters):
        kind = action.removeprefix("Create")
        yield Access(f"iam:Tag{kind}", resource, context)
    if action in _PASSING and (role := parameters.get(_PASSING[action])):
        arn = names.iam_arn("role", role) or "*"
        yield Access("iam:PassRole", arn, {"iam:PassedToService": ("ec2.amazonaws.com",)})


def _iam_resource(action: str, parameters: Parameters, place: Place, names: Names) -> str:
    prefix = f"arn:{place.partition}:iam::{place.account}"
    path = parameters.get("Path", "/")
    if name := parameters.get("InstanceProfileName"):
        return f"{prefix}:instance-profile{path}{name}"
    for kind, parameter in (("role", "RoleName"), ("user", "UserName"), ("group", "GroupName")):
        if name := parameters.get(parameter):
            return names.iam_arn(kind, name) or f"{prefix}:{kind}{path}{name}"
    if action == "CreateServiceLinkedRole":
        service = parameters.get("AWSServiceName", "")
        return f"{prefix}:role/aws-service-role/{service}/*"
    if name := parameters.get("PolicyName"):
        return f"{prefix}:policy{path}{name}"
    return parameters.get("PolicyArn", "*")


def _tags(parameters: Parameters) -> dict[str, str]:
    return {
        value: parameters.get(name.removesuffix("Key") + "Value", "")
        for name, value in parameters.items()
        if re.fullmatch(r"Tags\.member\.\d+\.Key", name)
    }


def _ec2(action: str, parameters: Parameters, place: Place) -> Iterator[Access]:
    prefix = f"arn:{place.partition}:ec2:{place.region}:{place.account}"
    found = [] if action.startswith("Describe") else [*_ec2_ids(parameters)]
    if action == "RunInstances":
        found.append(("instance", "*"))
    for kind, identifier in found:
        yield Access(f"ec2:{action}", f"{prefix}:{kind}/{identifier}")
    if not found:
        yield Access(f"ec2:{action}")


def _ec2_ids(parameters: Parameters) -> Iterator[tuple[str, str]]:
    for name, value in parameters.items():
        if match := _EC2_IDS.fullmatch(name):
            yield _EC2_KINDS[match[1]], value
