"""STS: Query, signed with Signature Version 4, ours rather than moto's."""

from rolesanywhere.emulator.authorization.query_actions import (
    Names,
    Place,
    query_accesses,
    query_parameters,
)
from rolesanywhere.emulator.dispatch.guard import Guard
from rolesanywhere.emulator.dispatch.visit import Visit
from rolesanywhere.emulator.http.message import Response
from rolesanywhere.emulator.security_token.service import WITHOUT_PERMISSION, SecurityToken


class SecurityTokenWay:
    """Authenticates, permits, lets the service answer."""

    def __init__(self, guard: Guard, service: SecurityToken, names: Names) -> None:
        self._guard = guard
        self._service = service
        self._names = names

    def name(self, visit: Visit) -> None:
        """Fill in the operation."""
        visit.operation = query_parameters(visit.request).get("Action", visit.operation)

    def answer(self, visit: Visit) -> Response:
        """Answer a request. Raises ``AwsError``."""
        admitted = self._guard.admit(visit)
        caller = self._guard.caller(admitted)
        parameters = query_parameters(visit.request)
        if visit.operation != WITHOUT_PERMISSION:
            place = Place(caller.partition, caller.account, caller.region)
            for access in query_accesses("sts", parameters, place, self._names):
                self._guard.permit(visit, admitted.principal, caller.region, access)
        return self._service.answer(visit.operation, parameters, admitted.principal)
