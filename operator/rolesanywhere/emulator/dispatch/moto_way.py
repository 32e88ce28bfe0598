"""IAM, S3, EC2 and whatever else moto has: permitted here, carried out there."""

from collections.abc import Iterable
from typing import Final, Protocol

from rolesanywhere.emulator.authentication.claim import Incomplete, Unsigned, read_claim
from rolesanywhere.emulator.authorization.access import Access
from rolesanywhere.emulator.authorization.query_actions import (
    Names,
    Place,
    query_accesses,
    query_parameters,
)
from rolesanywhere.emulator.authorization.s3_actions import s3_accesses
from rolesanywhere.emulator.caller import Caller
from rolesanywhere.emulator.dispatch.guard import Guard
from rolesanywhere.emulator.dispatch.visit import Visit
from rolesanywhere.emulator.http.message import Request, Response

_S3: Final = "s3"


class Moto(Protocol):
    """What carries requests out."""

    def handle(self, request: Request, *, service: str, region: str) -> Response:
        """Answer a request. Raises ``AwsError``."""
        ...


class MotoWay:
    """Authenticates, derives what the request needs, permits it, hands on."""

    def __init__(
        self,
        guard: Guard,
        application: Moto,
        names: Names,
        home: Caller,
    ) -> None:
        """Take also the account, and the region of requests without a signature."""
        self._guard = guard
        self._application = application
        self._names = names
        self._home = home

    def name(self, visit: Visit) -> None:
        """Fill in the operation: Query's Action, S3's by method and path."""
        if visit.service == _S3:
            access = s3_accesses(visit.request, self._home.partition)[0]
            visit.operation = access.action.partition(":")[2]
            visit.resource = access.resource
        else:
            visit.operation = query_parameters(visit.request).get("Action", visit.operation)

    def answer(self, visit: Visit) -> Response:
        """Answer a request. Raises ``AwsError``."""
        if visit.service == _S3 and _is_unsigned(visit.request):
            return self._anonymous(visit)
        admitted = self._guard.admit(visit)
        region = admitted.claim.region
        for access in self._accesses(visit, region):
            self._guard.permit(visit, admitted.principal, region, access)
        return self._application.handle(visit.request, service=visit.service, region=region)

    def _anonymous(self, visit: Visit) -> Response:
        """Only a bucket's policy can let in who has not signed."""
        region = self._home.region
        for access in self._accesses(visit, region):
            self._guard.permit_anonymous(visit, region, access)
        return self._application.handle(visit.request, service=_S3, region=region)

    def _accesses(self, visit: Visit, region: str) -> Iterable[Access]:
        place = Place(self._home.partition, self._home.account, region)
        if visit.service == _S3:
            return s3_accesses(visit.request, place.partition)
        return query_accesses(visit.service, query_parameters(visit.request), place, self._names)


def _is_unsigned(request: Request) -> bool:
    try:
        read_claim(request)
    except Unsigned:
        return True
    except Incomplete:  # a broken signature is one, and is judged as one
        return False
    return False
