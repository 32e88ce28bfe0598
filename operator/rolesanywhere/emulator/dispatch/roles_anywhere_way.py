"""Roles Anywhere's control plane: REST-JSON, signed with Signature Version 4."""

from functools import partial

from rolesanywhere.emulator.dispatch.guard import Guard
from rolesanywhere.emulator.dispatch.visit import Visit
from rolesanywhere.emulator.http.message import Response
from rolesanywhere.emulator.roles_anywhere.service import RolesAnywhere


class RolesAnywhereWay:
    """Authenticates, then lets the service ask for each right it needs."""

    def __init__(self, guard: Guard, service: RolesAnywhere) -> None:
        self._guard = guard
        self._service = service

    def name(self, visit: Visit) -> None:
        """Fill in the operation."""
        visit.operation = self._service.operation_of(visit.request) or visit.operation

    def answer(self, visit: Visit) -> Response:
        """Answer a request. Raises ``AwsError``."""
        admitted = self._guard.admit(visit)
        caller = self._guard.caller(admitted)
        routed = self._service.route(visit.request)
        permit = partial(self._guard.permit, visit, admitted.principal, caller.region)
        return self._service.perform(routed, caller, permit)
