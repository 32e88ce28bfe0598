"""Access denied, in the words of each protocol."""

from typing import Final

from rolesanywhere.domain.policy_evaluation import Verdict
from rolesanywhere.emulator.authorization.access import Access
from rolesanywhere.emulator.errors import AwsError
from rolesanywhere.emulator.http.wire import Protocol, protocol_of

_CODES: Final = {
    Protocol.QUERY: "AccessDenied",
    Protocol.EC2: "UnauthorizedOperation",
    Protocol.S3: "AccessDenied",
    Protocol.REST_JSON: "AccessDeniedException",
    Protocol.JSON_1_1: "AccessDeniedException",
}
_JSON_STATUS: Final = 400  # AWS JSON 1.1 has no other for a caller's mistake
_STATUS: Final = 403


def denied(who: str, access: Access, service: str, kind: str, verdict: Verdict) -> AwsError:
    """Give the refusal. ``kind`` is the kind of policy that stood in the way.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    on = "" if access.resource == "*" else f" on resource: {access.resource}"
    why = (
        f"with an explicit deny in {_article(kind)} {kind}"
        if verdict.explicitly_denied
        else f"because no {kind} allows the {access.action} action"
    )
    protocol = protocol_of(service)
    return AwsError(
        _CODES[protocol],
        f"User: {who} is not authorized to perform: {access.action}{on} {why}",
        status=_JSON_STATUS if protocol is Protocol.JSON_1_1 else _STATUS,
        because=f"{kind}: {'; '.join(verdict.reasons)}",
    )


def denied_to_anyone(access: Access, service: str, verdict: Verdict) -> AwsError:
    """Give the refusal of who has not signed: it tells a stranger nothing."""
    because = f"{access.action} on {access.resource}: {'; '.join(verdict.reasons)}"
    return AwsError(_CODES[protocol_of(service)], "Access Denied", status=_STATUS, because=because)


def _article(kind: str) -> str:
    return "an" if kind.startswith("i") else "a"
