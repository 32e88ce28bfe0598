"""IAM roles of one account: read whole, change piece by piece, take down completely.

https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html
What to change is decided in ``domain.role_plan``. IAM's answers may lag behind its changes by
seconds; callers look again.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeAlias

from rolesanywhere.api.conditions import Reason
from rolesanywhere.aws.errors import translated
from rolesanywhere.aws.sharing import SharedAnswers
from rolesanywhere.aws.trust_memory import TrustMemory
from rolesanywhere.domain.observed import PolicyDocument, RoleRecord, RoleSettings
from rolesanywhere.domain.trouble import NotFound

_Client: TypeAlias = Any  # boto3 ships no types: every answer gets a type of ours here
_translated = partial(translated, missing=Reason.ROLE_NOT_FOUND)
_DEFAULT_MAX_SESSION: Final = 3600  # seconds; IAM leaves it out of some answers


class IamClient:
    """``reconcile.aws_ports.Iam`` over boto3."""

    def __init__(
        self,
        client: _Client,
        *,
        shared_seconds: float,
        clock: Callable[[], float],
    ) -> None:
        """``shared_seconds`` is how old an answer of ``role_trust`` may be."""
        self._client = client
        self._memory = TrustMemory(clock=clock)
        self._trusts = SharedAnswers(self._get_role, ttl_seconds=shared_seconds, clock=clock)

    def role(self, name: str) -> RoleRecord | None:
        """One role with everything attached, or None."""
        bare = self._get_role(name)
        if bare is None:
            return None
        with suppress(NotFound):  # deleted in between
            return replace(
                bare,
                policy_arns=frozenset(self._attached(name)),
                inline_policies=self._inline_documents(name),
            )
        return None

    def role_trust(self, name: str) -> RoleRecord | None:
        """One role, trust policy and tags only; answers may be a few seconds old and shared."""
        return self._trusts.read(name)

    def fresh_trust(self, name: str) -> RoleRecord | None:
        """One role, trust policy and tags only, asked for now: to be changed and written back."""
        self._trusts.forget(name)
        return self._trusts.read(name)

    def create_role(self, settings: RoleSettings) -> RoleRecord:
        """Create a role without policies yet. Raises ``AlreadyExists``."""
        boundary = settings.permissions_boundary_arn
        with self._changing(settings.name), _translated(f"CreateRole {settings.name}"):
            answer = self._client.create_role(
                RoleName=settings.name,
                Path=settings.path,
                AssumeRolePolicyDocument=_to_json(settings.trust_policy),
                MaxSessionDuration=settings.max_session_duration_seconds,
                Tags=[{"Key": key, "Value": value} for key, value in settings.tags.items()],
                **({"PermissionsBoundary": boundary} if boundary else {}),
            )
        self._memory.note(settings.name, settings.trust_policy, None)
        return replace(  # the answer leaves out part of what GetRole's has: it is what we asked
            _role_from_aws(answer["Role"]),
            trust_policy=settings.trust_policy,
            max_session_duration_seconds=settings.max_session_duration_seconds,
            permissions_boundary_arn=boundary,
            tags=settings.tags,
        )

    def update_role(self, name: str, *, max_session_duration_seconds: int) -> None:
        """Change the longest session."""
        with self._changing(name), _translated(f"UpdateRole {name}"):
            self._client.update_role(RoleName=name, MaxSessionDuration=max_session_duration_seconds)

    def set_trust_policy(
        self, name: str, policy: PolicyDocument, *, replacing: PolicyDocument
    ) -> None:
        """Replace the trust policy; ``replacing`` is what was read before."""
        with self._changing(name), _translated(f"UpdateAssumeRolePolicy {name}"):
            self._client.update_assume_role_policy(RoleName=name, PolicyDocument=_to_json(policy))
        self._memory.note(name, policy, replacing)

    def tag_role(self, name: str, tags: Mapping[str, str]) -> None:
        """Set tags; others stay."""
        with self._changing(name), _translated(f"TagRole {name}"):
            self._client.tag_role(
                RoleName=name, Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
            )

    def set_boundary(self, name: str, policy_arn: str | None) -> None:
        """Put or take away the permissions boundary."""
        if policy_arn is None:
            with (
                self._changing(name),
                suppress(NotFound),
                _translated(f"DeleteRolePermissionsBoundary {name}"),
            ):
                self._client.delete_role_permissions_boundary(RoleName=name)
            return
        with self._changing(name), _translated(f"PutRolePermissionsBoundary {name}"):
            self._client.put_role_permissions_boundary(
                RoleName=name, PermissionsBoundary=policy_arn
            )

    def attach_policy(self, name: str, policy_arn: str) -> None:
        """Attach a managed policy."""
        # The policy may be what is missing: AWS's text says so, the reason must not say otherwise.
        with translated(f"AttachRolePolicy {policy_arn} to {name}"):
            self._client.attach_role_policy(RoleName=name, PolicyArn=policy_arn)

    def detach_policy(self, name: str, policy_arn: str) -> None:
        """Detach a managed policy; quietly if it is not attached."""
        with suppress(NotFound), _translated(f"DetachRolePolicy {policy_arn} from {name}"):
            self._client.detach_role_policy(RoleName=name, PolicyArn=policy_arn)

    def put_inline_policy(self, name: str, policy_name: str, document: PolicyDocument) -> None:
        """Write an inline policy."""
        with _translated(f"PutRolePolicy {policy_name} of {name}"):
            self._client.put_role_policy(
                RoleName=name, PolicyName=policy_name, PolicyDocument=_to_json(document)
            )

    def delete_inline_policy(self, name: str, policy_name: str) -> None:
        """Delete an inline policy; quietly if it is gone."""
        with suppress(NotFound), _translated(f"DeleteRolePolicy {policy_name} of {name}"):
            self._client.delete_role_policy(RoleName=name, PolicyName=policy_name)

    def delete_role(self, name: str) -> None:
        """Detach and delete all that hangs on a role, then the role; quietly if it is gone.

        The permissions boundary stays to the end: IAM deletes it with the role, and a role without
        its boundary must never be seen (https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html).
        """
        with self._changing(name), suppress(NotFound):
            for policy_arn in self._attached(name):
                self.detach_policy(name, policy_arn)
            for policy_name in self._inlines(name):
                self.delete_inline_policy(name, policy_name)
            for profile in self._instance_profiles(name):
                self._leave_instance_profile(name, profile)
            with _translated(f"DeleteRole {name}"):
                self._client.delete_role(RoleName=name)
        self._memory.forget(name)

    def _get_role(self, name: str) -> RoleRecord | None:
        with suppress(NotFound), _translated(f"GetRole {name}"):
            record = _role_from_aws(self._client.get_role(RoleName=name)["Role"])
            return replace(record, trust_policy=self._memory.freshest(name, record.trust_policy))
        return None

    def _attached(self, name: str) -> tuple[str, ...]:
        with _translated(f"ListAttachedRolePolicies {name}"):
            pages = self._client.get_paginator("list_attached_role_policies")
            return tuple(
                each["PolicyArn"]
                for page in pages.paginate(RoleName=name)
                for each in page.get("AttachedPolicies", ())
            )

    def _inlines(self, name: str) -> tuple[str, ...]:
        with _translated(f"ListRolePolicies {name}"):
            pages = self._client.get_paginator("list_role_policies")
            return tuple(
                each for page in pages.paginate(RoleName=name) for each in page["PolicyNames"]
            )

    def _inline_documents(self, name: str) -> dict[str, PolicyDocument]:
        documents: dict[str, PolicyDocument] = {}
        for each in self._inlines(name):
            with suppress(NotFound), _translated(f"GetRolePolicy {each} of {name}"):
                answer = self._client.get_role_policy(RoleName=name, PolicyName=each)
                documents[each] = dict(answer["PolicyDocument"])
        return documents

    def _instance_profiles(self, name: str) -> tuple[str, ...]:
        with _translated(f"ListInstanceProfilesForRole {name}"):
            pages = self._client.get_paginator("list_instance_profiles_for_role")
            return tuple(
                each["InstanceProfileName"]
                for page in pages.paginate(RoleName=name)
                for each in page["InstanceProfiles"]
            )

    def _leave_instance_profile(self, name: str, profile: str) -> None:
        with suppress(NotFound), _translated(f"RemoveRoleFromInstanceProfile {profile} {name}"):
            self._client.remove_role_from_instance_profile(
                InstanceProfileName=profile, RoleName=name
            )

    @contextmanager
    def _changing(self, name: str) -> Iterator[None]:
        """Surround a change of what ``role_trust`` shows: it is asked for anew, come what may."""
        try:
            yield
        finally:
            self._trusts.forget(name)


def _to_json(policy: PolicyDocument) -> str:
    """Write a policy without blanks: IAM's size quotas do not count them, its parameters do."""
    return json.dumps(policy, separators=(",", ":"))


def _role_from_aws(role: Mapping[str, Any]) -> RoleRecord:
    """Read a ``Role``; boto3 has already decoded the URL-encoded trust policy."""
    return RoleRecord(
        name=role["RoleName"],
        arn=role["Arn"],
        role_id=role["RoleId"],
        path=role["Path"],
        trust_policy=dict(role.get("AssumeRolePolicyDocument") or {}),
        max_session_duration_seconds=role.get("MaxSessionDuration", _DEFAULT_MAX_SESSION),
        permissions_boundary_arn=role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        tags={tag["Key"]: tag["Value"] for tag in role.get("Tags", ())},
        policy_arns=frozenset(),
        inline_policies={},
    )
