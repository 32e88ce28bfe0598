"""The control plane as one object: a request understood, permitted and carried out."""

from collections.abc import Callable
from typing import Protocol

from rolesanywhere.emulator.authorization.access import Access
from rolesanywhere.emulator.caller import Caller
from rolesanywhere.emulator.clock import Clock
from rolesanywhere.emulator.http.message import Request, Response
from rolesanywhere.emulator.http.wire import json_answer
from rolesanywhere.emulator.roles_anywhere.anchor_source import ActiveAuthority
from rolesanywhere.emulator.roles_anywhere.context import Call
from rolesanywhere.emulator.roles_anywhere.quotas import Quota, Quotas
from rolesanywhere.emulator.roles_anywhere.refusals import access_denied
from rolesanywhere.emulator.roles_anywhere.rights import accesses
from rolesanywhere.emulator.roles_anywhere.routing import Routed, operation_of, route
from rolesanywhere.emulator.roles_anywhere.store import Store

Permit = Callable[[Access], None]
"""Lets an access pass. Raises ``AwsError``."""


class LinkedRoles(Protocol):
    """The account's service-linked role of Roles Anywhere."""

    def has_linked_role(self) -> bool:
        """Tell whether it is there."""
        ...

    def make_linked_role(self) -> None:
        """Make it."""
        ...


class RolesAnywhere:
    """Thirty operations over one store."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        quotas: Quotas,
        active_authority: ActiveAuthority,
        linked_roles: LinkedRoles,
    ) -> None:
        self._store = store
        self._clock = clock
        self._quotas = quotas
        self._active_authority = active_authority
        self._linked_roles = linked_roles

    def operation_of(self, request: Request) -> str | None:
        """Name a request's operation, whatever its parameters; None: there is none."""
        return operation_of(request)

    def route(self, request: Request) -> Routed:
        """Understand a request. Raises ``AwsError``."""
        return route(request)

    def perform(self, routed: Routed, caller: Caller, permit: Permit) -> Response:
        """Carry out an operation the caller is permitted. Raises ``AwsError``."""
        operation = routed.operation
        self._quotas.require_turn(Quota.REQUEST_RATE, caller.region, operation.family)
        with self._store.lock:
            region = self._store.region(caller.region)
            self._require_account(routed, caller)
            linked = self._linked_roles.has_linked_role()
            for access in accesses(routed, region, caller, has_linked_role=linked):
                permit(access)
            call = Call(
                parameters=routed.parameters,
                caller=caller,
                region=region,
                now=self._clock.now(),
                quotas=self._quotas,
                active_authority=self._active_authority,
            )
            shown = operation.run(call)
        if operation.name == "CreateTrustAnchor" and not linked:
            self._linked_roles.make_linked_role()
        return json_answer(operation.status, shown)

    def _require_account(self, routed: Routed, caller: Caller) -> None:
        """Roles of other accounts cannot be passed."""
        for arn in routed.parameters.get("roleArns", ()):
            if arn.split(":")[4] != caller.account:
                message = "Cross-account pass role is not allowed."
                raise access_denied(message, arn)
