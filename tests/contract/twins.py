"""The operator's calls, changed so that they are about what is not its own: each must be denied."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from tests.contract.accesses import Access
from tests.contract.service_authorization import (
    ACTIONS,
    BOUNDARY,
    REQUEST_TAG,
    RESOURCE_TAG,
    SERVICE,
    SERVICE_NAME,
    TEMPLATE,
)
from tests.unit.reconcile.bodies import REPORTS

from rolesanywhere.api import names

GIVEN_OVER: Final = f"{RESOURCE_TAG}/rolesanywhere.dev/manage-trust-policy"
OWN_ROLES: Final = ":role/rolesanywhere/"
ROOT: Final = "RootCACertificate"
OTHERS_BOUNDARY: Final = "arn:aws:iam::123456789012:policy/wide"
TEMPLATES: Final = "arn:aws:acm-pca:::template/"


class Twin(NamedTuple):
    """Calls of some actions, each changed so that it is about somebody else's.

    ``about``: only those with this in their resource or context.
    """

    actions: tuple[str, ...]
    change: Callable[[Access], Access]
    about: str = ""


def named(service: str, *verbs: str) -> tuple[str, ...]:
    """Give the actions of a service whose names begin so."""
    return tuple(
        each for each in ACTIONS if each.startswith(tuple(f"{service}:{v}" for v in verbs))
    )


def tagged(kind: str, value: str) -> Callable[[Access], Access]:
    """Have the operator's tag say something else."""
    return lambda each: each.having(f"{kind}/{names.TAG_MANAGED_BY}", value)


def without(kind: str) -> Callable[[Access], Access]:
    """Have no tags, or no such key."""
    return lambda each: each.without(kind)


def at(resource: str) -> Callable[[Access], Access]:
    """Be about another resource, whatever its tags."""
    return lambda each: each.at(f"arn:aws:iam::123456789012:{resource}")


def with_value(key: str, value: str) -> Callable[[Access], Access]:
    """Have another value of a key."""
    return lambda each: each.having(key, value)


def given_over(access: Access) -> Access:
    """Be about an existing role whose trust policy alone is given over."""
    return access.without(RESOURCE_TAG).having(GIVEN_OVER, "true").at(REPORTS)


ANYWHERE: Final = named("rolesanywhere", "Delete", "Enable", "Update")
AUTHORITIES: Final = (
    *named("acm-pca", "Delete", "Import", "Update"),
    "acm-pca:GetCertificateAuthorityCsr",
)
ROLES: Final = (
    *named("iam", "Attach", "Detach", "Put", "UpdateRole"),
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
)
TRUST: Final = ("iam:UpdateAssumeRolePolicy",)
READS: Final = (*named("iam", "List"), "iam:GetRolePolicy")
CREATES: Final = (
    *named("rolesanywhere", "Create"),
    *named("acm-pca", "Create"),
    "iam:CreateRole",
)
TAGS: Final = ("rolesanywhere:TagResource", "acm-pca:TagCertificateAuthority", "iam:TagRole")
GRANTS: Final = ("iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary")
ISSUES: Final = ("acm-pca:IssueCertificate",)
PASSES: Final = ("iam:PassRole",)

TWINS: Final[Mapping[str, Twin]] = {
    "an anchor or profile without tags": Twin(ANYWHERE, without(RESOURCE_TAG)),
    "an anchor or profile of another's": Twin(ANYWHERE, tagged(RESOURCE_TAG, "nobody")),
    "a CA without tags": Twin(AUTHORITIES, without(RESOURCE_TAG)),
    "a CA of another's": Twin(AUTHORITIES, tagged(RESOURCE_TAG, "nobody")),
    "the root certificate of a CA without tags": Twin(ISSUES, without(RESOURCE_TAG), ROOT),
    "the root certificate of a CA of another's": Twin(ISSUES, tagged(RESOURCE_TAG, "nobody"), ROOT),
    **{
        f"a certificate by {template}": Twin(ISSUES, with_value(TEMPLATE, TEMPLATES + template))
        for template in (
            "SubordinateCACertificate_PathLen0/V1",
            "EndEntityCertificate/V1",
            "EndEntityServerAuthCertificate/V1",
            "EndEntityClientAuthCertificate_APICSRPassthrough/V1",
            "CodeSigningCertificate/V1",
        )
    },
    "a certificate by AWS's default template": Twin(ISSUES, without(TEMPLATE)),
    "a role without tags": Twin((*ROLES, *TRUST), without(RESOURCE_TAG)),
    "a role of another's": Twin((*ROLES, *TRUST), tagged(RESOURCE_TAG, "nobody"), OWN_ROLES),
    "a role outside the path": Twin(
        (*ROLES, *TRUST, *READS, "iam:CreateRole", "iam:TagRole"), at("role/other"), OWN_ROLES
    ),
    "a role at a path that only begins like ours": Twin(
        (*ROLES, *TRUST, *READS, "iam:CreateRole", "iam:TagRole"),
        at("role/rolesanywhere-other/x"),
        OWN_ROLES,
    ),
    "more than the trust policy of a role given over": Twin(ROLES, given_over),
    "the trust policy of a role taken back": Twin(
        TRUST, with_value(GIVEN_OVER, "false"), "reports"
    ),
    "rights for a role without a boundary": Twin((*GRANTS, "iam:CreateRole"), without(BOUNDARY)),
    "rights for a role with another boundary": Twin(
        (*GRANTS, "iam:CreateRole"), with_value(BOUNDARY, OTHERS_BOUNDARY)
    ),
    "something new without the operator's tag": Twin((*CREATES, *TAGS), without(REQUEST_TAG)),
    "something new with another's tag": Twin((*CREATES, *TAGS), tagged(REQUEST_TAG, "nobody")),
    "the operator's tag on what carries another's": Twin(TAGS, tagged(RESOURCE_TAG, "nobody")),
    "a role passed to EC2": Twin(PASSES, with_value(SERVICE, "ec2.amazonaws.com")),
    "a role passed to whoever": Twin(PASSES, without(SERVICE)),
    "a service-linked role of another service": Twin(
        ("iam:CreateServiceLinkedRole",), with_value(SERVICE_NAME, "spot.amazonaws.com")
    ),
    "an instance profile outside the path": Twin(
        ("iam:RemoveRoleFromInstanceProfile",), at("instance-profile/other")
    ),
}
