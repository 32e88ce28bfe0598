"""What people are told of one identity: a line in the log for each change, none for its repetition.

Words alone; when something is a change, is for whoever tells it, but for what was told before.
"""

from typing import Final

from rolesanywhere.agent.journal import Journal
from rolesanywhere.agent.report import Failure, Grant
from rolesanywhere.domain.refresh import SDK_ADVISORY_SECONDS

_SKEW_SECONDS: Final = 60.0  # a clock this wrong is worth a line
_SHORT: Final = (
    "SDKs ask again on each call when less than 15 minutes are left: give the Profile a "
    "sessionDuration of at least 1h"
)


class News:
    """Remembers whether a wrong clock was told."""

    def __init__(self, journal: Journal, name: str) -> None:
        """``name`` is the identity's."""
        self._journal = journal
        self._name = name
        self._told_skew = False

    def changed(self) -> None:
        """Tell that its files are others."""
        self._journal.info("identity-changed", identity=self._name)

    def jumped(self, seconds: float) -> None:
        """Tell that the wall clock jumped so far."""
        self._journal.info("clock-jumped", identity=self._name, seconds=round(seconds, 1))

    def granted(self, grant: Grant, life: float) -> None:
        """Tell of a session that lasts ``life`` seconds, and of a clock that is wrong."""
        details = {
            "identity": self._name,
            "assumedRole": grant.assumed_role_arn,
            "expiration": grant.expiration,
        }
        if life < 2 * SDK_ADVISORY_SECONDS:
            self._journal.warning("credentials-refreshed", **details, advice=_SHORT)
        else:
            self._journal.info("credentials-refreshed", **details)
        self._tell_skew(grant.skew_seconds or 0.0)

    def failed(self, failure: Failure, *, before: Failure | None) -> None:
        """Tell what is in the way, unless it is what was before."""
        if before and (before.reason, before.message) == (failure.reason, failure.message):
            return
        self._journal.warning(
            "refresh-failed",
            identity=self._name,
            reason=failure.reason,
            message=failure.message,
        )

    def _tell_skew(self, seconds: float) -> None:
        is_skewed = abs(seconds) >= _SKEW_SECONDS
        if is_skewed and not self._told_skew:
            self._journal.warning(
                "clock-is-wrong",
                identity=self._name,
                secondsBehindAws=seconds,
                advice="requests are signed with AWS's time where AWS asks for it: set the clock",
            )
        self._told_skew = is_skewed
