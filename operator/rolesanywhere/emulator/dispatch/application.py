"""The emulator behind its port: finds a request's service, answers, notes how it ended.

Whatever goes wrong becomes an error in the shape of the service's protocol, never a traceback.
"""

import logging
from collections.abc import Mapping
from typing import Final, Protocol

from rolesanywhere.emulator.authentication.claim import claimed_service
from rolesanywhere.emulator.clock import Clock
from rolesanywhere.emulator.control.faults import Faults
from rolesanywhere.emulator.control.journal import Journal
from rolesanywhere.emulator.dispatch.private_ca_way import TARGET
from rolesanywhere.emulator.dispatch.visit import Visit
from rolesanywhere.emulator.errors import AwsError
from rolesanywhere.emulator.http.message import NoAnswer, Request, Response
from rolesanywhere.emulator.http.wire import error_answer

ROLES_ANYWHERE: Final = "rolesanywhere"
PRIVATE_CA: Final = "acm-pca"
SESSIONS: Final = "sessions"  # of Roles Anywhere, but not signed as its other operations are
STS: Final = "sts"
OTHERS: Final = "others"
_X509: Final = "AWS4-X509-"
_QUERY_SERVICES: Final = {"2010-05-08": "iam", "2011-06-15": "sts", "2016-11-15": "ec2"}
_logger = logging.getLogger(__name__)


class Way(Protocol):
    """A kind of service's way through the emulator."""

    def name(self, visit: Visit) -> None:
        """Fill in operation and resource, as far as an unchecked request tells them."""
        ...

    def answer(self, visit: Visit) -> Response:
        """Answer a request. Raises ``AwsError``."""
        ...


class Application:
    """Answers requests; share it between threads."""

    def __init__(
        self, ways: Mapping[str, Way], journal: Journal, faults: Faults, clock: Clock
    ) -> None:
        """``ways`` are by the names above."""
        self._ways = ways
        self._journal = journal
        self._faults = faults
        self._clock = clock

    def __call__(self, request: Request) -> Response:
        """Answer a request. Raises ``NoAnswer`` where a fault rule says so."""
        way, service = _destination(request)
        visit = Visit(request, service)
        try:
            answer, error = self._answer(self._ways[way], visit), None
        except AwsError as refusal:
            answer, error = error_answer(refusal, service), refusal
        except NoAnswer:
            self._journal.add(visit.entry(self._clock.now(), 0, None))
            raise
        except Exception as bug:
            _logger.exception("%s %s failed", request.method, request.path)
            message = "An internal error occurred."
            error = AwsError("InternalFailure", message, status=500, because=repr(bug))
            answer = error_answer(error, service)
        self._journal.add(visit.entry(self._clock.now(), answer.status, error))
        return answer

    def _answer(self, way: Way, visit: Visit) -> Response:
        way.name(visit)
        rule = self._faults.strike(visit.service, visit.operation)
        visit.fault = None if rule is None else rule.fault
        self._faults.before(rule, visit.service)
        answer = way.answer(visit)
        self._faults.after(rule)
        return answer


def _destination(request: Request) -> tuple[str, str]:
    """Give the way and the service's signing name."""
    if (request.header("x-amz-target") or "").startswith(TARGET):
        return PRIVATE_CA, PRIVATE_CA
    service = claimed_service(request)
    x509 = (request.header("authorization") or "").startswith(_X509)
    if x509 or (service is None and (request.method, request.path) == ("POST", "/sessions")):
        return SESSIONS, ROLES_ANYWHERE
    service = service or _guess(request)
    way = service if service in {ROLES_ANYWHERE, STS} else OTHERS
    return way, service


def _guess(request: Request) -> str:
    """Guess the service of a request without a readable signature, to refuse it in its words."""
    text = request.body[:4096].decode("latin-1") + "&" + request.query
    for version, service in _QUERY_SERVICES.items():
        if "Action=" in text and version in text:
            return service
    return "sts" if "Action=" in text else "s3"
