"""All policies of a principal weighed together, as IAM weighs them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
One account: there are no organization's policies here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from rolesanywhere.domain import policy_evaluation
from rolesanywhere.domain.observed import PolicyDocument
from rolesanywhere.domain.policy_evaluation import AccessRequest, Verdict
from rolesanywhere.emulator.authentication.principal import Principal
from rolesanywhere.emulator.authorization.access import Access, Context
from rolesanywhere.emulator.authorization.delegation import without_accounts
from rolesanywhere.emulator.authorization.refusals import denied, denied_to_anyone


class Policies(Protocol):
    """Where policies are kept."""

    def identity_policies(self, principal: Principal) -> list[PolicyDocument]:
        """Give what is attached to the principal's user and groups, or role."""
        ...

    def permissions_boundary(self, principal: Principal) -> PolicyDocument | None:
        """Give its permissions boundary; None: it has none."""
        ...

    def resource_policy(self, resource: str) -> PolicyDocument | None:
        """Give what is attached to the resource; None: nothing is."""
        ...


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What surrounds a request, whoever asks for whatever."""

    now: datetime
    region: str
    source_ip: str
    user_agent: str = ""


class Judge:
    """Decides on requests of one account."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies

    def require(
        self, principal: Principal, access: Access, around: Circumstances, service: str
    ) -> None:
        """Let an allowed request pass. Raises ``AwsError`` in the service's words otherwise."""
        context = {**principal_context(principal), **_context(around), **access.context}
        asked = AccessRequest(access.action, access.resource, None, context)
        failure = self._failure(principal, asked)
        if failure is not None:
            kind, verdict = failure
            raise denied(principal.arn, access, service, kind, verdict)

    def require_anonymous(self, access: Access, around: Circumstances, service: str) -> None:
        """Let a request without signature pass where the resource's own policy lets anyone in."""
        everyone = policy_evaluation.Principal("AWS", "*")
        policy = self._policies.resource_policy(access.resource)
        context = {**_context(around), **access.context}
        asked = AccessRequest(access.action, access.resource, everyone, context)
        verdict = policy_evaluation.evaluate([] if policy is None else [policy], asked)
        if not verdict.allowed:
            raise denied_to_anyone(access, service, verdict)

    def _failure(self, principal: Principal, asked: AccessRequest) -> tuple[str, Verdict] | None:
        """Give the kind of policy that stands in the way, and what it says."""
        evaluate = policy_evaluation.evaluate
        identity = evaluate(self._policies.identity_policies(principal), asked)
        resource = self._resource_verdict(principal, asked)
        limits = [
            (kind, evaluate(policies, asked)) for kind, policies in self._limits(principal).items()
        ]
        verdicts = [
            ("identity-based policy", identity),
            *limits,
            *([("resource-based policy", resource)] if resource else []),
        ]
        for kind, verdict in verdicts:
            if verdict.explicitly_denied:
                return kind, verdict
        by_resource = self._is_named_and_allowed(principal, asked)
        if by_resource and principal.user_name is not None:
            return None  # within an account a user's boundary does not limit these
        if not (identity.allowed or by_resource):
            return "identity-based policy", identity
        return next(((kind, v) for kind, v in limits if not v.allowed), None)

    def _limits(self, principal: Principal) -> dict[str, Sequence[PolicyDocument]]:
        """Give what can only narrow: each kind, where there is one, must allow too."""
        limits: dict[str, Sequence[PolicyDocument]] = {}
        boundary = self._policies.permissions_boundary(principal)
        if boundary is not None:
            limits["permissions boundary"] = [boundary]
        if principal.session_policies is not None:
            limits["session policy"] = principal.session_policies
        return limits

    def _is_named_and_allowed(self, principal: Principal, asked: AccessRequest) -> bool:
        """Tell whether the resource's policy alone will do.

        It does within an account for who is named in it; an account named only means that the
        account's own policies decide.
        """
        policy = self._policies.resource_policy(asked.resource or "*")
        if policy is None:
            return False
        named = policy_evaluation.Principal("AWS", principal.arn)
        request = AccessRequest(asked.action, asked.resource, named, asked.context)
        return policy_evaluation.evaluate([without_accounts(policy)], request).allowed

    def _resource_verdict(self, principal: Principal, asked: AccessRequest) -> Verdict | None:
        policy = self._policies.resource_policy(asked.resource or "*")
        if policy is None:
            return None
        named = policy_evaluation.Principal("AWS", principal.arn)
        request = AccessRequest(asked.action, asked.resource, named, asked.context)
        return policy_evaluation.evaluate([policy], request)


def principal_context(principal: Principal) -> Context:
    """Give what policies may ask about a principal.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    session = principal.role_arn is not None
    optional = {
        "aws:username": principal.user_name,
        "aws:SourceIdentity": principal.source_identity,
        "sts:SourceIdentity": principal.source_identity,
        "aws:TokenIssueTime": principal.issued_at.isoformat() if principal.issued_at else None,
        "aws:MultiFactorAuthPresent": "false" if session else None,
    }
    return {
        "aws:PrincipalArn": (principal.role_arn or principal.arn,),
        "aws:PrincipalAccount": (principal.account,),
        "aws:PrincipalType": ("AssumedRole" if session else "User",),
        "aws:userid": (principal.user_id,),
        **{f"aws:PrincipalTag/{tag}": (value,) for tag, value in principal.tags.items()},
        **{key: (value,) for key, value in optional.items() if value is not None},
    }


def _context(around: Circumstances) -> Context:
    return {
        "aws:CurrentTime": (around.now.strftime("%Y-%m-%dT%H:%M:%SZ"),),
        "aws:EpochTime": (str(int(around.now.timestamp())),),
        "aws:RequestedRegion": (around.region,),
        "aws:SourceIp": (around.source_ip,),
        "aws:SecureTransport": ("true",),  # it stands for endpoints that have TLS
        "aws:UserAgent": (around.user_agent,),
    }
