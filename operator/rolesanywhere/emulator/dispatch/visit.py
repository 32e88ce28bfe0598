"""One request on its way through the emulator, and what has been learnt of it."""

from dataclasses import dataclass
from datetime import datetime

from rolesanywhere.emulator.control.journal import JournalEntry
from rolesanywhere.emulator.errors import AwsError
from rolesanywhere.emulator.http.message import Request


@dataclass(slots=True)
class Visit:
    """A request; operation, resource, principal and fault are filled in as they show."""

    request: Request
    service: str
    operation: str = "Unknown"
    resource: str | None = None
    principal_arn: str | None = None
    fault: str | None = None

    def entry(self, at: datetime, status: int, error: AwsError | None) -> JournalEntry:
        """Give what the journal keeps; ``status`` 0: there was no answer."""
        return JournalEntry(
            at=at,
            service=self.service,
            operation=self.operation,
            resource=self.resource,
            principal=self.principal_arn,
            status=status,
            code=None if error is None else error.code,
            message=None if error is None else error.message,
            because=None if error is None else error.because,
            fault=self.fault,
        )
