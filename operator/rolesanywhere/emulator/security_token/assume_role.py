"""AssumeRole: a session of a role for who may have one, by its own policies and by the role's.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
The caller's own policies were asked before; here the role's trust policy is.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from xml.sax.saxutils import escape

from rolesanywhere.domain import moments
from rolesanywhere.domain.policy_evaluation import AccessRequest, evaluate
from rolesanywhere.domain.policy_evaluation import Principal as Named
from rolesanywhere.emulator.authentication.principal import Credential, Principal
from rolesanywhere.emulator.authorization.judge import principal_context
from rolesanywhere.emulator.authorization.query_actions import session_context, session_tags
from rolesanywhere.emulator.role import Role, Roles
from rolesanywhere.emulator.security_token.refusals import denied, invalid, malformed_policy
from rolesanywhere.emulator.sessions.tokens import Grant, Tokens, new_access_key_id

_DEFAULT_SECONDS: Final = 3600
_CHAINED_SECONDS: Final = 3600  # the most a session may ask for another one
_SHORTEST_SECONDS: Final = 900
_NAME: Final = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_POLICY_ARN: Final = re.compile(r"PolicyArns\.member\.\d+\.arn")
_RESULT: Final = (
    "<AssumedRoleUser><AssumedRoleId>{user_id}</AssumedRoleId><Arn>{arn}</Arn></AssumedRoleUser>"
    "<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>"
    "<SessionToken>{token}</SessionToken><Expiration>{end}</Expiration></Credentials>{identity}"
)


@dataclass(frozen=True, slots=True)
class RoleAssumption:
    """AssumeRole in one account."""

    roles: Roles
    tokens: Tokens
    account: str
    partition: str

    def assume(
        self, parameters: Mapping[str, str], principal: Principal, now: datetime
    ) -> tuple[Grant, Credential]:
        """Grant a session. Raises ``AwsError``."""
        arn = parameters.get("RoleArn", "")
        role = self.roles.role(arn)
        if role is None:
            raise denied(principal, arn, "there is no such role")
        name = parameters.get("RoleSessionName", "")
        if not _NAME.fullmatch(name):
            message = "RoleSessionName must be 2 to 64 letters, digits or _+=,.@-"
            raise invalid(message)
        _require_trust(parameters, principal, role)
        duration = _duration(parameters, role, chained=principal.role_arn is not None)
        begin = moments.whole_seconds(now)
        grant = Grant(
            access_key_id=new_access_key_id(),
            account=self.account,
            partition=self.partition,
            role_arn=role.arn,
            role_name=role.name,
            role_id=role.role_id,
            session_name=name,
            source_identity=_source_identity(parameters, principal),
            tags={**role.tags, **session_tags(parameters)},
            session_policies=self._session_policies(parameters),
            issued_at=begin,
            expiration=begin + timedelta(seconds=duration),
        )
        return grant, self.tokens.seal(grant)

    def _session_policies(self, parameters: Mapping[str, str]) -> list[dict[str, Any]] | None:
        """Give what narrows the session; None: nothing does."""
        found: list[dict[str, Any]] = []
        if policy := parameters.get("Policy"):
            found.append(_parsed(policy))
        arns = [value for name, value in parameters.items() if _POLICY_ARN.fullmatch(name)]
        for arn in arns:
            managed = self.roles.managed_policy(arn)
            if managed is None:
                message = f"The managed policy {arn} does not exist."
                raise malformed_policy(message)
            found.append(dict(managed))
        return found if "Policy" in parameters or arns else None


def result_of(grant: Grant, credential: Credential) -> str:
    """Write the answer's result."""
    identity = grant.source_identity
    return _RESULT.format(
        user_id=escape(grant.user_id),
        arn=escape(grant.arn),
        key=credential.access_key_id,
        secret=credential.secret_access_key,
        token=credential.session_token,
        end=moments.show(grant.expiration),
        identity=f"<SourceIdentity>{escape(identity)}</SourceIdentity>" if identity else "",
    )


def _require_trust(parameters: Mapping[str, str], principal: Principal, role: Role) -> None:
    context = {**principal_context(principal), **session_context(parameters)}
    actions = ["sts:AssumeRole"]
    actions += ["sts:TagSession"] if session_tags(parameters) else []
    actions += ["sts:SetSourceIdentity"] if "SourceIdentity" in parameters else []
    for action in actions:
        asked = AccessRequest(action, None, Named("AWS", principal.arn), context)
        verdict = evaluate([role.trust_policy], asked)
        if not verdict.allowed:
            raise denied(principal, role.arn, "; ".join(verdict.reasons), action)


def _source_identity(parameters: Mapping[str, str], principal: Principal) -> str | None:
    """Give the new session's; one that is set already stays, through every chain of roles."""
    wanted = parameters.get("SourceIdentity")
    if principal.source_identity is not None and wanted not in {None, principal.source_identity}:
        message = "SourceIdentity is set already and cannot be changed."
        raise invalid(message)
    return principal.source_identity or wanted


def _duration(parameters: Mapping[str, str], role: Role, *, chained: bool) -> int:
    text = parameters.get("DurationSeconds", str(_DEFAULT_SECONDS))
    longest = role.max_session_duration_seconds
    if not text.isdecimal() or int(text) < _SHORTEST_SECONDS:
        message = f"DurationSeconds must be at least {_SHORTEST_SECONDS}."
    elif int(text) > longest:
        message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    elif chained and int(text) > _CHAINED_SECONDS:
        message = (
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining."
        )
    else:
        return int(text)
    raise invalid(message)


def _parsed(policy: str) -> dict[str, Any]:
    try:
        read = json.loads(policy)
    except ValueError:
        read = None
    if not isinstance(read, dict):
        message = "The policy is not in the valid JSON format."
        raise malformed_policy(message)
    return read
