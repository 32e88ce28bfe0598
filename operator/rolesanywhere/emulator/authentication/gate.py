"""Authentication: a request in, the principal that signed it out, or AWS's refusal.

A signature's age is measured by the machine's clock, since callers sign by theirs; whether a
session has expired by the emulator's, which tests move.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rolesanywhere.emulator.authentication.claim import Claim, Incomplete, Unsigned, read_claim
from rolesanywhere.emulator.authentication.principal import Credential, Keys, Principal
from rolesanywhere.emulator.authentication.refusals import Refusal, refuse
from rolesanywhere.emulator.authentication.signature_v4 import is_payload_intact, is_signed
from rolesanywhere.emulator.clock import Clock
from rolesanywhere.emulator.http.message import Request

_SKEW: Final = {"s3": timedelta(minutes=15)}
_OTHER_SKEW: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Authenticated:
    """A request that stands: who, and the scope it was signed for."""

    principal: Principal
    claim: Claim
    expiration: datetime | None


class Authentication:
    """Checks signatures against the keys it is given."""

    def __init__(self, keys: Keys, clock: Clock, machine_now: Callable[[], datetime]) -> None:
        self._keys = keys
        self._clock = clock
        self._machine_now = machine_now

    def authenticate(self, request: Request, service: str) -> Authenticated:
        """Give who signed. Raises ``AwsError`` in the service's own words; see ``refusals``."""
        try:
            claim = read_claim(request)
        except Unsigned:
            raise refuse(Refusal.UNSIGNED, service) from None
        except Incomplete as error:
            raise refuse(Refusal.INCOMPLETE, service, str(error)) from error
        if claim.service != service:
            raise refuse(
                Refusal.SIGNATURE, service, f"the scope names {claim.service}, not {service}"
            )
        credential = self._credential(claim, service)
        if not is_signed(request, claim, credential.secret_access_key):
            raise refuse(Refusal.SIGNATURE, service, "computed anew, the signature differs")
        if not is_payload_intact(request):
            raise refuse(Refusal.PAYLOAD, service)
        self._require_fresh(claim, service)
        self._require_alive(credential, service)
        return Authenticated(credential.principal, claim, credential.expiration)

    def _credential(self, claim: Claim, service: str) -> Credential:
        credential = self._keys.find(claim.access_key_id, claim.session_token)
        if credential is None or not credential.is_active:
            why = "is not active" if credential else "is unknown"
            kind = Refusal.UNKNOWN_KEY if claim.session_token is None else Refusal.TOKEN
            raise refuse(kind, service, f"key {claim.access_key_id} {why}")
        if claim.session_token != credential.session_token:
            raise refuse(Refusal.TOKEN, service, f"not the token of key {claim.access_key_id}")
        return credential

    def _require_fresh(self, claim: Claim, service: str) -> None:
        age = self._machine_now() - claim.signed_at
        skew = _SKEW.get(service, _OTHER_SKEW)
        if claim.lifetime is not None and age > claim.lifetime:
            raise refuse(Refusal.URL_EXPIRED, service)
        if claim.lifetime is None and abs(age) > skew:
            raise refuse(Refusal.STALE, service, f"signed {age} ago by the machine's clock")

    def _require_alive(self, credential: Credential, service: str) -> None:
        end = credential.expiration
        if end is not None and self._clock.now() >= end:
            raise refuse(Refusal.EXPIRED, service, f"{credential!r} expired at {end.isoformat()}")
