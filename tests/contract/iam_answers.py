"""IAM in AWS's shapes, over the fake account."""

import json
from typing import Any
from urllib.parse import quote

from tests.contract.accesses import Account
from tests.contract.answers import Answers, Code, Given, Refused, Shape
from tests.fake_aws import FakeIam
from tests.fakes import ACCOUNT, NOON

from rolesanywhere.domain.observed import RoleRecord


class IamAnswers(Answers):
    """One account's IAM."""

    def __init__(self, fake: FakeIam, account: Account) -> None:
        """Answer from ``fake``."""
        self._fake = fake
        self._account = account
        self._members: dict[str, list[str]] = {}  # instance profiles by role

    def put_into_instance_profile(self, role: str, profile: str, path: str) -> None:
        """Do what somebody does who wants a role for an EC2 instance."""
        self._members.setdefault(role, []).append(profile)
        arn = f"arn:aws:iam::{ACCOUNT}:instance-profile{path}{profile}"
        self._account.instance_profiles[profile] = arn

    def _role(self, given: Given) -> RoleRecord:
        role = self._fake.roles.get(given["RoleName"].lower())
        if role is None:
            raise Refused(Code.MISSING)
        return role

    def _change(self, given: Given, **changes: Any) -> None:  # noqa: ANN401 - a record's fields
        self._role(given)
        self._fake.change(given["RoleName"], **changes)

    def _get_role(self, given: Given) -> Shape:
        return {"Role": _shape(self._role(given))}

    def _create_role(self, given: Given) -> Shape:
        if given["RoleName"].lower() in self._fake.roles:
            raise Refused(Code.TAKEN)
        role = self._fake.bring(
            given["RoleName"],
            path=given["Path"],
            trust_policy=json.loads(given["AssumeRolePolicyDocument"]),
            max_session_duration_seconds=given["MaxSessionDuration"],
            permissions_boundary_arn=given.get("PermissionsBoundary"),
            tags=_tags(given),
        )
        return {"Role": _shape(role)}

    def _update_role(self, given: Given) -> None:
        self._change(given, max_session_duration_seconds=given["MaxSessionDuration"])

    def _update_assume_role_policy(self, given: Given) -> None:
        self._change(given, trust_policy=json.loads(given["PolicyDocument"]))

    def _tag_role(self, given: Given) -> None:
        self._change(given, tags={**self._role(given).tags, **_tags(given)})

    def _put_role_permissions_boundary(self, given: Given) -> None:
        self._change(given, permissions_boundary_arn=given["PermissionsBoundary"])

    def _delete_role_permissions_boundary(self, given: Given) -> None:
        self._change(given, permissions_boundary_arn=None)

    def _attach_role_policy(self, given: Given) -> None:
        self._change(given, policy_arns=self._role(given).policy_arns | {given["PolicyArn"]})

    def _detach_role_policy(self, given: Given) -> None:
        self._change(given, policy_arns=self._role(given).policy_arns - {given["PolicyArn"]})

    def _put_role_policy(self, given: Given) -> None:
        document = json.loads(given["PolicyDocument"])
        held = self._role(given).inline_policies
        self._change(given, inline_policies={**held, given["PolicyName"]: document})

    def _delete_role_policy(self, given: Given) -> None:
        held = dict(self._role(given).inline_policies)
        del held[given["PolicyName"]]
        self._change(given, inline_policies=held)

    def _get_role_policy(self, given: Given) -> Shape:
        document = self._role(given).inline_policies[given["PolicyName"]]
        return {"PolicyDocument": quote(json.dumps(document))}

    def _list_attached_role_policies(self, given: Given) -> Shape:
        arns = sorted(self._role(given).policy_arns)
        return {"AttachedPolicies": [{"PolicyArn": arn} for arn in arns]}

    def _list_role_policies(self, given: Given) -> Shape:
        return {"PolicyNames": sorted(self._role(given).inline_policies)}

    def _list_instance_profiles_for_role(self, given: Given) -> Shape:
        members = self._members.get(self._role(given).name, ())
        return {"InstanceProfiles": [{"InstanceProfileName": each} for each in members]}

    def _remove_role_from_instance_profile(self, given: Given) -> None:
        self._members[self._role(given).name].remove(given["InstanceProfileName"])

    def _delete_role(self, given: Given) -> None:
        role = self._role(given)
        if role.policy_arns or role.inline_policies or self._members.get(role.name):
            raise Refused(Code.IN_USE)
        del self._fake.roles[role.name.lower()]


def _tags(given: Given) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in given["Tags"]}


def _shape(role: RoleRecord) -> Shape:
    boundary = role.permissions_boundary_arn
    return {
        "RoleName": role.name,
        "Arn": role.arn,
        "RoleId": role.role_id,
        "Path": role.path,
        "CreateDate": NOON,
        "AssumeRolePolicyDocument": quote(json.dumps(dict(role.trust_policy))),
        "MaxSessionDuration": role.max_session_duration_seconds,
        "Tags": [{"Key": key, "Value": value} for key, value in role.tags.items()],
        **({"PermissionsBoundary": {"PermissionsBoundaryArn": boundary}} if boundary else {}),
    }
