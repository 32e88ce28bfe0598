"""Who asks, and where: what every operation of every service is told beside its parameters."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """The account and region a request is for, and the principal that signed it.

    ``region`` is the credential scope's; ``principal_arn`` None: nobody asked for a signature.
    """

    account: str  # 12 digits
    region: str
    principal_arn: str | None = None
    partition: str = "aws"
