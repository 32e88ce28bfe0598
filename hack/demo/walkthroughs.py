"""The two walkthroughs of ``docs/examples``, and what each must bring about."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hack.cluster.folder import REPOSITORY

EXAMPLES: Final = Path("docs/examples/walkthrough")  # from the repository's root
NAME: Final = "CN=sample,OU=tech"  # of both CAs and both workloads
CA_ENDS: Final = "2200-03-15 00:00 UTC"
NAMESPACE: Final = "shop"
DAYS: Final = 7  # a workload's certificate is valid
POLICY: Final = "AmazonS3ReadOnlyAccess"
SESSION_SECONDS: Final = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Walkthrough:
    """One folder of manifests: the names in it, and the workload's kind of key."""

    folder: Path
    anchor: str
    profile: str
    identity: str
    service_account: str
    key: str

    @property
    def manifests(self) -> tuple[Path, Path, Path]:
        """Give the files in the order people apply them: trust anchor, profile, identity."""
        names = ("1-trust-anchor.yaml", "2-profile.yaml", "3-workload-identity.yaml")
        first, second, third = (self.folder / name for name in names)
        return first, second, third

    @property
    def uri(self) -> str:
        """Give the URI in the workload's certificate."""
        return f"spiffe://cluster.local/ns/{NAMESPACE}/sa/{self.service_account}"


PRIVATE_CA: Final = Walkthrough(
    folder=EXAMPLES,
    anchor="onprem",
    profile="default",
    identity="report-reader",
    service_account="report",
    key="RSA 2048",
)
OWN_CA: Final = Walkthrough(
    folder=EXAMPLES / "own-ca",
    anchor="own-ca",
    profile="own-ca",
    identity="invoice-reader",
    service_account="invoice",
    key="EC secp256r1",
)


def absolute(path: Path) -> Path:
    """Give where a path from the repository's root is."""
    return REPOSITORY / path
