"""Step 16: the role's trust policy must let this certificate in.

Roles Anywhere always tags the session and sets its source identity, so three actions are asked for:
https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rolesanywhere.api.names import ROLES_ANYWHERE_PRINCIPAL
from rolesanywhere.domain.policy_evaluation import AccessRequest, Principal, evaluate
from rolesanywhere.domain.trust_policy import ACTIONS
from rolesanywhere.emulator.role import Role
from rolesanywhere.emulator.sessions.refusals import cannot_assume

_SERVICE: Final = Principal("Service", ROLES_ANYWHERE_PRINCIPAL)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who the certificate makes the caller. ``tags`` without ``aws:PrincipalTag/``."""

    tags: Mapping[str, str]
    source_identity: str
    session_name: str
    trust_anchor_arn: str
    account: str
    region: str


def require_trust(role: Role, bearer: Bearer) -> None:
    """Evaluate the trust policy. Raises ``AwsError`` that does not say which part failed."""
    context = {
        "aws:SourceArn": (bearer.trust_anchor_arn,),
        "aws:SourceAccount": (bearer.account,),
        "aws:RequestedRegion": (bearer.region,),
        "sts:SourceIdentity": (bearer.source_identity,),
        "sts:RoleSessionName": (bearer.session_name,),
        "aws:TagKeys": tuple(bearer.tags),
        **{f"aws:PrincipalTag/{tag}": (value,) for tag, value in bearer.tags.items()},
        **{f"aws:RequestTag/{tag}": (value,) for tag, value in bearer.tags.items()},
    }
    for action in ACTIONS:
        verdict = evaluate([role.trust_policy], AccessRequest(action, None, _SERVICE, context))
        if not verdict.allowed:
            raise cannot_assume(role.arn, f"{action}: {'; '.join(verdict.reasons)}")
