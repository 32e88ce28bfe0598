"""The door every signed request passes: who it is, and whether they may."""

from rolesanywhere.emulator.authentication.gate import Authenticated, Authentication
from rolesanywhere.emulator.authentication.principal import Principal
from rolesanywhere.emulator.authorization.access import Access
from rolesanywhere.emulator.authorization.judge import Circumstances, Judge
from rolesanywhere.emulator.caller import Caller
from rolesanywhere.emulator.clock import Clock
from rolesanywhere.emulator.dispatch.visit import Visit


class Guard:
    """Authentication and authorization of one account."""

    def __init__(
        self, authentication: Authentication, judge: Judge, clock: Clock, partition: str
    ) -> None:
        self._authentication = authentication
        self._judge = judge
        self._clock = clock
        self._partition = partition

    def admit(self, visit: Visit) -> Authenticated:
        """Give who signed. Raises ``AwsError``."""
        admitted = self._authentication.authenticate(visit.request, visit.service)
        visit.principal_arn = admitted.principal.arn
        return admitted

    def caller(self, admitted: Authenticated) -> Caller:
        """Give what a service is told of who asks."""
        principal = admitted.principal
        return Caller(principal.account, admitted.claim.region, principal.arn, self._partition)

    def permit(self, visit: Visit, principal: Principal, region: str, access: Access) -> None:
        """Let an access pass. Raises ``AwsError``."""
        self._note(visit, access)
        self._judge.require(principal, access, self._around(visit, region), visit.service)

    def permit_anonymous(self, visit: Visit, region: str, access: Access) -> None:
        """Let an access without signature pass. Raises ``AwsError``."""
        self._note(visit, access)
        self._judge.require_anonymous(access, self._around(visit, region), visit.service)

    def _note(self, visit: Visit, access: Access) -> None:
        if visit.resource is None:
            visit.resource = access.resource

    def _around(self, visit: Visit, region: str) -> Circumstances:
        request = visit.request
        agent = request.header("user-agent") or ""
        return Circumstances(self._clock.now(), region, request.source_ip, agent)
