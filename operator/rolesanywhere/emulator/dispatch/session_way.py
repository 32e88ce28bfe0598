"""CreateSession: signed with AWS4-X509, so there is no access key to look up and none to permit."""

from rolesanywhere.emulator.caller import Caller
from rolesanywhere.emulator.dispatch.visit import Visit
from rolesanywhere.emulator.http.message import Response
from rolesanywhere.emulator.roles_anywhere.refusals import unknown_operation
from rolesanywhere.emulator.sessions.creation import Sessions
from rolesanywhere.emulator.sessions.parameters import claimed_region


class SessionWay:
    """Hands on to ``sessions``, which checks everything itself."""

    def __init__(self, sessions: Sessions, caller: Caller) -> None:
        """Take the account, and the region of requests whose scope names none."""
        self._sessions = sessions
        self._caller = caller

    def name(self, visit: Visit) -> None:
        """Fill in the operation, and the role where the query names it."""
        visit.operation = "CreateSession"
        visit.resource = next(iter(visit.request.query_parameters.get("roleArn", ())), None)

    def answer(self, visit: Visit) -> Response:
        """Answer a request. Raises ``AwsError``."""
        if (visit.request.method, visit.request.path) != ("POST", "/sessions"):
            message = "Only CreateSession, POST /sessions, is signed with a certificate."
            raise unknown_operation(message)
        region = claimed_region(visit.request) or self._caller.region
        caller = Caller(self._caller.account, region, None, self._caller.partition)
        return self._sessions.create(visit.request, caller)
