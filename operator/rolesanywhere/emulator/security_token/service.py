"""GetCallerIdentity for every principal, and AssumeRole's second half: the role's own consent.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from collections.abc import Mapping
from typing import Final
from xml.sax.saxutils import escape

from rolesanywhere.domain.policy_evaluation import AccessRequest, evaluate
from rolesanywhere.domain.policy_evaluation import Principal as Named
from rolesanywhere.emulator.authentication.principal import Principal
from rolesanywhere.emulator.errors import AwsError
from rolesanywhere.emulator.http.message import Response
from rolesanywhere.emulator.http.wire import request_id
from rolesanywhere.emulator.role import Role, Roles

_DEFAULT_SECONDS: Final = 3600
_CHAINED_SECONDS: Final = 3600  # the most a session may ask for another one
_SHORTEST_SECONDS: Final = 900
_IDENTITY: Final = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
    "<GetCallerIdentityResult><Arn>{arn}</Arn><UserId>{user_id}</UserId>"
    "<Account>{account}</Account></GetCallerIdentityResult>"
    "<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
    "</GetCallerIdentityResponse>"
)


class SecurityToken:
    """The part of STS that is ours."""

    def __init__(self, roles: Roles) -> None:
        self._roles = roles

    def knows(self, operation: str) -> bool:
        """Tell whether an operation is answered here; it needs no permission."""
        return operation == "GetCallerIdentity"

    def answer(
        self, operation: str, parameters: Mapping[str, str], principal: Principal
    ) -> Response:
        """Answer GetCallerIdentity: allowed to everyone, even where a policy denies it."""
        del operation, parameters  # there is one operation, and it has no parameters
        document = _IDENTITY.format(
            arn=escape(principal.arn),
            user_id=escape(principal.user_id),
            account=principal.account,
            request_id=request_id(),
        )
        return Response(200, document.encode(), (("Content-Type", "text/xml"),))

    def require_trust(
        self, operation: str, parameters: Mapping[str, str], principal: Principal
    ) -> None:
        """Ask the role's trust policy and its longest duration. Raises ``AwsError``."""
        if operation != "AssumeRole":
            return
        arn = parameters.get("RoleArn", "")
        role = self._roles.role(arn)
        if role is None:
            raise _denied(principal, arn, "there is no such role")
        context = {
            "aws:PrincipalArn": (principal.role_arn or principal.arn,),
            "aws:PrincipalAccount": (principal.account,),
            "sts:RoleSessionName": (parameters.get("RoleSessionName", ""),),
            **{f"aws:PrincipalTag/{tag}": (value,) for tag, value in principal.tags.items()},
        }
        if external := parameters.get("ExternalId"):
            context["sts:ExternalId"] = (external,)
        asked = AccessRequest("sts:AssumeRole", None, Named("AWS", principal.arn), context)
        verdict = evaluate([role.trust_policy], asked)
        if not verdict.allowed:
            raise _denied(principal, arn, "; ".join(verdict.reasons))
        _require_duration(parameters, role, chained=principal.role_arn is not None)


def _require_duration(parameters: Mapping[str, str], role: Role, *, chained: bool) -> None:
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
        return
    code = "ValidationError"
    raise AwsError(code, message)


def _denied(principal: Principal, arn: str, because: str) -> AwsError:
    message = (
        f"User: {principal.arn} is not authorized to perform: sts:AssumeRole on resource: {arn}"
    )
    return AwsError("AccessDenied", message, status=403, because=because)
