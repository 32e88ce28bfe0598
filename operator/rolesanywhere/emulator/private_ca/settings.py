"""What of Private CA can be turned up and down: quotas, and how long things are in the making."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """Quotas as AWS has them by default; ``asks_in_progress`` is the emulator's own.

    https://docs.aws.amazon.com/general/latest/gr/pca.html#limits_pca
    """

    asks_in_progress: int = 1  # so often a new CA, certificate or report is "in progress"
    most_authorities: int = 200  # of an account in a region
    most_certificates: int = 1_000_000  # of a CA with a complete CRL or none
    most_revocations: int = 1_000_000
    page_size: int = 100  # ListCertificateAuthorities gives no more, whatever MaxResults says
