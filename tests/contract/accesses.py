"""What a call to AWS has to be allowed: actions, each on a resource, in a context.

One call may need several: creating something with tags needs the right to tag, a profile's roles
are passed to the service, an account's first trust anchor makes a service-linked role.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.contract.service_authorization import (
    ACTIONS,
    BOUNDARY,
    POLICY_ARN,
    REQUEST_TAG,
    RESOURCE_TAG,
    SERVICE,
    SERVICE_NAME,
    TEMPLATE,
)
from tests.fake_aws import FakeAws
from tests.fakes import ACCOUNT

from rolesanywhere.api.names import ROLES_ANYWHERE_PRINCIPAL
from rolesanywhere.domain.observed import PolicyDocument
from rolesanywhere.domain.policy_evaluation import AccessRequest, Verdict, evaluate

Parameters = Mapping[str, Any]
NEW: Final = "new"  # the id of what is being created: nobody knows it yet
_LINKED: Final = f"aws-service-role/{ROLES_ANYWHERE_PRINCIPAL}/AWSServiceRoleForRolesAnywhere"


@dataclass(frozen=True, slots=True)
class Access:
    """One action on one resource. ``context`` holds single values, of keys the action knows."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)

    def judged_by(self, policy: PolicyDocument) -> Verdict:
        """Judge it as IAM would."""
        context = {key: (value,) for key, value in self.context.items()}
        return evaluate([policy], AccessRequest(self.action, self.resource, None, context))

    def at(self, resource: str) -> "Access":
        """Give the same on another resource."""
        return replace(self, resource=resource)

    def having(self, key: str, value: str) -> "Access":
        """Give the same with another value of a key."""
        return replace(self, context={**self.context, key: value})

    def without(self, key: str) -> "Access":
        """Give the same without a key, or without all tags of a kind."""
        kept = {held: value for held, value in self.context.items() if not held.startswith(key)}
        return replace(self, context=kept)


class Account:
    """The account as it is when a call comes: what ARNs names stand for, tags, boundaries."""

    def __init__(self, fakes: FakeAws) -> None:
        """Look at what the fakes hold."""
        self._fakes = fakes
        self.instance_profiles: dict[str, str] = {}  # ARNs by name
        self.has_linked_role = False

    def accesses(self, service: str, region: str, call: str, given: Parameters) -> list[Access]:
        """Give what a call needs, first its own action."""
        found = {
            "rolesanywhere": self._roles_anywhere,
            "acm-pca": self._private_ca,
            "iam": self._iam,
        }[service](region, call, given)
        return [_known(each) for each in found]

    def role_arn(self, name: str, path: str = "/") -> str:
        """Give a role's ARN; of one that is not there, as it would be at a path."""
        role = self._fakes.global_iam.roles.get(name.lower())
        return role.arn if role is not None else f"arn:aws:iam::{ACCOUNT}:role{path}{name}"

    def _tags_of_role(self, arn: str) -> Mapping[str, str]:
        roles = self._fakes.global_iam.roles.values()
        return next((each.tags for each in roles if each.arn == arn), {})

    def _roles_anywhere(self, region: str, call: str, given: Parameters) -> Iterator[Access]:
        prefix = f"arn:aws:rolesanywhere:{region}:{ACCOUNT}:"
        kind = "trust-anchor" if "TrustAnchor" in call else "profile"
        held = given.get("trustAnchorId") or given.get("profileId")
        arn = f"{prefix}{kind}/{held}" if held else ""
        tags = {each["key"]: each["value"] for each in given.get("tags", ())}
        remote = self._fakes.roles_anywhere(region)
        context = {
            **_tags(REQUEST_TAG, tags),
            **_tags(RESOURCE_TAG, remote.tags_by_arn.get(arn, {})),
        }
        yield Access(f"rolesanywhere:{call}", arn or "*", context)
        if tags:
            yield Access("rolesanywhere:TagResource", f"{prefix}{kind}/{NEW}", context)
        for role in given.get("roleArns", ()):
            tags_of_role = _tags(RESOURCE_TAG, self._tags_of_role(role))
            yield Access("iam:PassRole", role, {SERVICE: ROLES_ANYWHERE_PRINCIPAL, **tags_of_role})
        if call == "CreateTrustAnchor" and not self.has_linked_role:
            role = f"arn:aws:iam::{ACCOUNT}:role/{_LINKED}"
            yield Access(
                "iam:CreateServiceLinkedRole", role, {SERVICE_NAME: ROLES_ANYWHERE_PRINCIPAL}
            )

    def _private_ca(self, region: str, call: str, given: Parameters) -> Iterator[Access]:
        arn = given.get("CertificateAuthorityArn", "")
        authority = self._fakes.private_ca(region).made.get(arn)
        tags = {each["Key"]: each["Value"] for each in given.get("Tags", ())}
        context = {
            **_tags(REQUEST_TAG, tags),
            **_tags(RESOURCE_TAG, authority.tags if authority is not None else {}),
            **({TEMPLATE: given["TemplateArn"]} if "TemplateArn" in given else {}),
        }
        yield Access(f"acm-pca:{call}", arn or "*", context)
        if tags:
            new = f"arn:aws:acm-pca:{region}:{ACCOUNT}:certificate-authority/{NEW}"
            yield Access("acm-pca:TagCertificateAuthority", new, context)

    def _iam(self, _region: str, call: str, given: Parameters) -> Iterator[Access]:
        name = given["RoleName"]
        role = self._fakes.global_iam.roles.get(name.lower())
        tags = {each["Key"]: each["Value"] for each in given.get("Tags", ())}
        boundary = role.permissions_boundary_arn if role is not None else None
        asked = {
            BOUNDARY: given.get("PermissionsBoundary", boundary),
            POLICY_ARN: given.get("PolicyArn"),
        }
        context = {
            **_tags(REQUEST_TAG, tags),
            **_tags(RESOURCE_TAG, role.tags if role is not None else {}),
            **{key: value for key, value in asked.items() if value is not None},
        }
        arn = self.role_arn(name, given.get("Path", "/"))
        if "InstanceProfileName" in given:
            yield Access(f"iam:{call}", self.instance_profiles[given["InstanceProfileName"]])
            return
        yield Access(f"iam:{call}", arn, context)
        if call == "CreateRole" and tags:
            yield Access("iam:TagRole", arn, context)


def _tags(kind: str, tags: Mapping[str, str]) -> dict[str, str]:
    return {f"{kind}/{key}": value for key, value in tags.items()}


def _known(access: Access) -> Access:
    """Leave out what a condition cannot ask about this action."""
    action = ACTIONS[access.action]
    kept = {key: value for key, value in access.context.items() if action.knows(key)}
    return replace(access, context=kept)
