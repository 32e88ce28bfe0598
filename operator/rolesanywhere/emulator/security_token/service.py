"""STS as one object: GetCallerIdentity for everyone, AssumeRole for who may, nothing else.

What moto would answer to the other operations are credentials that nobody knows.
"""

from collections.abc import Mapping
from typing import Final
from xml.sax.saxutils import escape

from rolesanywhere.emulator.authentication.principal import Principal
from rolesanywhere.emulator.clock import Clock
from rolesanywhere.emulator.http.message import Response
from rolesanywhere.emulator.http.wire import request_id
from rolesanywhere.emulator.security_token.assume_role import RoleAssumption, result_of
from rolesanywhere.emulator.security_token.refusals import not_emulated

WITHOUT_PERMISSION: Final = "GetCallerIdentity"  # even where a policy denies it
_NAMESPACE: Final = "https://sts.amazonaws.com/doc/2011-06-15/"


class SecurityToken:
    """Two operations."""

    def __init__(self, assumption: RoleAssumption, clock: Clock) -> None:
        self._assumption = assumption
        self._clock = clock

    def answer(
        self, operation: str, parameters: Mapping[str, str], principal: Principal
    ) -> Response:
        """Answer an operation the caller is permitted. Raises ``AwsError``."""
        if operation == "AssumeRole":
            now = self._clock.now()
            return _answer(
                operation, result_of(*self._assumption.assume(parameters, principal, now))
            )
        if operation == "GetCallerIdentity":
            return _answer(operation, _identity(principal))
        raise not_emulated(operation)


def _identity(principal: Principal) -> str:
    return (
        f"<Arn>{escape(principal.arn)}</Arn><UserId>{escape(principal.user_id)}</UserId>"
        f"<Account>{principal.account}</Account>"
    )


def _answer(operation: str, result: str) -> Response:
    identifier = request_id()
    document = (
        f'<{operation}Response xmlns="{_NAMESPACE}"><{operation}Result>{result}</{operation}Result>'
        f"<ResponseMetadata><RequestId>{identifier}</RequestId></ResponseMetadata>"
        f"</{operation}Response>"
    )
    headers = (("Content-Type", "text/xml"), ("x-amzn-RequestId", identifier))
    return Response(200, document.encode(), headers)
