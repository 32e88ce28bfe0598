"""IAM's names as ARNs, its tags, policies of resources: what authorization asks moto for."""

import json
from collections.abc import Mapping
from typing import Any, Final

from rolesanywhere.domain.observed import PolicyDocument
from rolesanywhere.emulator.moto_side.identities import Identities
from rolesanywhere.emulator.moto_side.state import MotoState

_SERVICE: Final = "rolesanywhere.amazonaws.com"
_LINKED_ROLE: Final = "AWSServiceRoleForRolesAnywhere"
_S3_ARN: Final = ":s3:::"


class AccountPolicies(Identities):
    """``Identities`` and what hangs on resources: all a judge asks for."""

    def __init__(self, state: MotoState) -> None:
        super().__init__(state)
        self._moto = state

    def resource_policy(self, resource: str) -> PolicyDocument | None:
        """Give a bucket's policy, for it and for what is in it, or a role's trust policy."""
        if ":role/" in resource:
            role = self.role(resource)
            return None if role is None else role.trust_policy
        if _S3_ARN not in resource:
            return None
        bucket = resource.partition(_S3_ARN)[2].partition("/")[0]
        found = self._moto.s3.buckets.get(bucket)
        policy = getattr(found, "policy", None)
        if not policy:
            return None
        read = json.loads(policy)
        return read if isinstance(read, dict) else None

    def iam_arn(self, kind: str, name: str) -> str | None:
        """Give the ARN of a role, user or group by name; None: there is none yet."""
        found = self._iam_entity(kind, name)
        return None if found is None else str(found.arn)

    def iam_tags(self, arn: str) -> Mapping[str, str]:
        """Give the tags of a role, user or managed policy by ARN."""
        role = self.role(arn)
        if role is not None:
            return role.tags
        if ":user/" in arn:
            return self.user_tags(arn.rpartition("/")[2])
        policy = self._moto.iam.managed_policies.get(arn)
        return {} if policy is None else {k: tag["Value"] for k, tag in policy.tags.items()}

    def iam_boundary(self, arn: str) -> str | None:
        """Give the permissions boundary of a role."""
        roles = list(self._moto.iam.roles.values())
        found = next((each for each in roles if each.arn == arn), None)
        return None if found is None else found.permissions_boundary_arn

    def has_linked_role(self) -> bool:
        """Tell whether Roles Anywhere has its service-linked role."""
        return any(role.name == _LINKED_ROLE for role in list(self._moto.iam.roles.values()))

    def make_linked_role(self) -> None:
        """Make it, as AWS does with the first trust anchor."""
        if not self.has_linked_role():
            trust = {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": _SERVICE},
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
            self._moto.iam.create_role(
                role_name=_LINKED_ROLE,
                assume_role_policy_document=json.dumps(trust),
                path=f"/aws-service-role/{_SERVICE}/",
                permissions_boundary=None,
                description="",
                tags=[],
                max_session_duration="3600",
                linked_service=_SERVICE,
            )

    def _iam_entity(self, kind: str, name: str) -> Any:  # noqa: ANN401 - moto's own object
        iam = self._moto.iam
        table = {"role": iam.roles, "user": iam.users, "group": iam.groups}[kind]
        return next((each for each in list(table.values()) if each.name == name), None)
