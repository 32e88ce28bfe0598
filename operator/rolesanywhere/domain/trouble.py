"""The one error type that crosses layers: what happened, to what, what to do.

Adapters (``aws``, ``kube``, ``pki``) translate their library's errors into it once; use cases turn
it into a condition. Its message reaches people unchanged: it never holds a key or a token.
"""

from rolesanywhere.api.conditions import Reason


class Trouble(Exception):  # noqa: N818 - not every trouble is an error: some only ask for patience
    """Something stands in the way. Recoverable unless it is ``Refusal``.

    ``retry_after`` (seconds) is given where the other side said when to come back.
    """

    def __init__(self, reason: Reason, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.retry_after = retry_after


class Refusal(Trouble):
    """Only a change of a spec (or of an object it names) helps: no retry with backoff."""


class NotFound(Trouble):
    """The thing asked for does not exist (any more)."""


class AlreadyExists(Trouble):
    """The name is taken."""


class Conflict(Trouble):
    """Someone else changed the object in between: read it again."""
