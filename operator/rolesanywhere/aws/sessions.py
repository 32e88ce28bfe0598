"""The controller's sessions: CreateSession as the proof that an identity works, within a rate.

The call itself is ``create_session``'s; the credentials it gives are forgotten here.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from rolesanywhere.aws.create_session import TIMEOUT_SECONDS, create_session
from rolesanywhere.aws.throttle import TokenBucket
from rolesanywhere.domain.observed import SessionRecord
from rolesanywhere.domain.session import SessionRequest

# CreateSession's quota is 10 per account and region; the agents' share is left to them:
# https://docs.aws.amazon.com/general/latest/gr/rolesanywhere.html
PROOFS_PER_SECOND: Final = 5.0


class SessionsClient:
    """``reconcile.aws_ports.Sessions`` of one account and region, within CreateSession's quota."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        clock: Callable[[], float],
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        """Take ``now`` (UTC) for signatures and ``clock`` (monotonic seconds) for the rate."""
        self._now = now
        self._timeout_seconds = timeout_seconds
        self._bucket = TokenBucket(PROOFS_PER_SECOND, PROOFS_PER_SECOND, clock)

    def reserve(self) -> float:
        """Take the next turn within the account's rate; gives seconds until it comes."""
        return self._bucket.book()

    def create_session(self, request: SessionRequest) -> SessionRecord:
        """Ask for a session and forget its credentials. Raises ``Trouble`` as the function does."""
        session = create_session(
            request.configuration,
            private_key=request.private_key,
            certificates=request.certificates,
            now=self._now,
            timeout_seconds=self._timeout_seconds,
        )
        return SessionRecord(
            assumed_role_arn=session.assumed_role_arn,
            expiration=session.expiration,
            packed_policy_size=session.packed_policy_size,
        )
