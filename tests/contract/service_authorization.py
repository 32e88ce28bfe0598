"""What IAM policies can say about each action the operator needs: resources and condition keys.

Facts of AWS's Service Authorization Reference, for these actions:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_rolesanywhere.html,
https://docs.aws.amazon.com/service-authorization/latest/reference/list_acm-pca.html and
https://docs.aws.amazon.com/service-authorization/latest/reference/list_iam.html (August 2026).
A condition on a key that an action does not know never holds; so does a resource on one without.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

REQUEST_TAG: Final = "aws:RequestTag"  # a slash and the tag's key follow
RESOURCE_TAG: Final = "aws:ResourceTag"  # likewise
BOUNDARY: Final = "iam:PermissionsBoundary"
POLICY_ARN: Final = "iam:PolicyARN"
SERVICE: Final = "iam:PassedToService"
SERVICE_NAME: Final = "iam:AWSServiceName"
TEMPLATE: Final = "acm-pca:TemplateArn"

ANCHOR: Final = "trust-anchor"
PROFILE: Final = "profile"
AUTHORITY: Final = "certificate-authority"
ROLE: Final = "role"
INSTANCE_PROFILE: Final = "instance-profile"


@dataclass(frozen=True, slots=True)
class Action:
    """``resources`` are the types it may be granted on; of none it is granted on ``*`` alone."""

    resources: frozenset[str]
    keys: frozenset[str]

    def knows(self, key: str) -> bool:
        """Tell whether a condition may ask for a key."""
        return key.partition("/")[0] in self.keys


def _on(*resources: str, keys: tuple[str, ...] = ()) -> Action:
    tag = (RESOURCE_TAG,) if resources else ()
    return Action(frozenset(resources), frozenset((*tag, *keys)))


ACTIONS: Final[Mapping[str, Action]] = {
    "rolesanywhere:CreateProfile": _on(keys=(REQUEST_TAG,)),
    "rolesanywhere:CreateTrustAnchor": _on(keys=(REQUEST_TAG,)),
    "rolesanywhere:ListProfiles": _on(),
    "rolesanywhere:ListTagsForResource": _on(),
    "rolesanywhere:ListTrustAnchors": _on(),
    "rolesanywhere:TagResource": _on(ANCHOR, PROFILE, keys=(REQUEST_TAG,)),
    **dict.fromkeys(
        (
            "rolesanywhere:DeleteProfile",
            "rolesanywhere:EnableProfile",
            "rolesanywhere:UpdateProfile",
        ),
        _on(PROFILE),
    ),
    **dict.fromkeys(
        (
            "rolesanywhere:DeleteTrustAnchor",
            "rolesanywhere:EnableTrustAnchor",
            "rolesanywhere:UpdateTrustAnchor",
        ),
        _on(ANCHOR),
    ),
    "acm-pca:CreateCertificateAuthority": _on(keys=(REQUEST_TAG, RESOURCE_TAG)),
    "acm-pca:IssueCertificate": _on(AUTHORITY, keys=(TEMPLATE,)),
    "acm-pca:ListCertificateAuthorities": _on(),
    "acm-pca:TagCertificateAuthority": _on(AUTHORITY, keys=(REQUEST_TAG,)),
    **dict.fromkeys(
        (
            "acm-pca:DeleteCertificateAuthority",
            "acm-pca:DescribeCertificateAuthority",
            "acm-pca:GetCertificate",
            "acm-pca:GetCertificateAuthorityCertificate",
            "acm-pca:GetCertificateAuthorityCsr",
            "acm-pca:ImportCertificateAuthorityCertificate",
            "acm-pca:ListTags",
            "acm-pca:UpdateCertificateAuthority",
        ),
        _on(AUTHORITY),
    ),
    "iam:AttachRolePolicy": _on(ROLE, keys=(BOUNDARY, POLICY_ARN)),
    "iam:CreateRole": _on(ROLE, keys=(BOUNDARY, REQUEST_TAG)),
    "iam:CreateServiceLinkedRole": _on(ROLE, keys=(SERVICE_NAME,)),
    "iam:DetachRolePolicy": _on(ROLE, keys=(BOUNDARY, POLICY_ARN)),
    "iam:PassRole": _on(ROLE, keys=(SERVICE,)),
    "iam:RemoveRoleFromInstanceProfile": _on(INSTANCE_PROFILE),
    "iam:TagRole": _on(ROLE, keys=(REQUEST_TAG,)),
    **dict.fromkeys(
        (
            "iam:DeleteRole",
            "iam:DeleteRolePermissionsBoundary",
            "iam:DeleteRolePolicy",
            "iam:GetRole",
            "iam:PutRolePermissionsBoundary",
            "iam:PutRolePolicy",
            "iam:UpdateAssumeRolePolicy",
            "iam:UpdateRole",
        ),
        _on(ROLE, keys=(BOUNDARY,)),
    ),
    **dict.fromkeys(
        (
            "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies",
            "iam:ListInstanceProfilesForRole",
            "iam:ListRolePolicies",
        ),
        _on(ROLE),
    ),
}
