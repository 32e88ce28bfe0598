"""What the use cases need from the world but AWS. ``kube`` and ``pki`` fit these by shape.

Every method may raise ``domain.trouble.Trouble``; no other exception is expected from an adapter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from rolesanywhere.api.authority import CASubject, KeyAlgorithm
from rolesanywhere.domain.certificate import CertificateFacts, KeyPair
from rolesanywhere.domain.observed import (
    IssuedCertificate,
    SecretRecord,
)


class OwnAuthority(Protocol):
    """A loaded own CA: signs leaves. Its key never shows."""

    @property
    def facts(self) -> CertificateFacts:
        """The CA certificate."""

    @property
    def certificate(self) -> str:
        """The CA certificate, PEM."""

    def issue(self, csr: bytes, *, not_before: datetime, not_after: datetime) -> bytes:
        """Sign a request as acm-pca's EndEntityClientAuthCertificate/V1 would; gives PEM."""


class Pki(Protocol):
    """Keys and certificates."""

    def request(
        self,
        algorithm: KeyAlgorithm,
        *,
        common_name: str,
        organizational_unit: str | None,
        organization: str | None,
        uri: str,
    ) -> KeyPair:
        """Make a new key and a request for it; ``uri`` is the first and only SAN."""

    def create_own_authority(
        self,
        algorithm: KeyAlgorithm,
        subject: CASubject,
        *,
        not_before: datetime,
        not_after: datetime,
    ) -> KeyPair:
        """Make a new self-signed CA: CA:true, pathLen 0, keyCertSign and cRLSign."""

    def load_own_authority(self, private_key: bytes, certificate: bytes) -> OwnAuthority:
        """Load a CA. Raises ``Refusal`` (CA_SECRET_INVALID): unreadable, key differs, not a CA."""

    def inspect(self, certificates: bytes) -> tuple[CertificateFacts, ...]:
        """Parse a PEM bundle, in order. Raises ``Refusal`` when there is no certificate in it."""

    def key_matches(self, private_key: bytes, certificate: bytes) -> bool:
        """Tell whether the first certificate belongs to the key; False for unreadable input."""

    def chain_for(self, issued: IssuedCertificate) -> tuple[bytes, bytes]:
        """Split into (leaf + intermediates without root, root), both PEM."""


class Secrets(Protocol):
    """Secrets of the cluster."""

    def read(self, namespace: str, name: str) -> SecretRecord | None:
        """Read one; None if there is none."""

    def create(self, secret: SecretRecord) -> SecretRecord:
        """Create one. Raises ``AlreadyExists``."""

    def replace(self, secret: SecretRecord) -> SecretRecord:
        """Replace all of one at its ``resource_version``. Raises ``Conflict`` or ``NotFound``."""

    def delete(self, secret: SecretRecord) -> None:
        """Delete exactly the one read (by uid); quietly if it is gone."""


class Namespaces(Protocol):
    """Namespaces of the cluster."""

    def labels(self, name: str) -> Mapping[str, str]:
        """Labels of a namespace, a few seconds old at most. Raises ``NotFound``."""


@dataclass(frozen=True, slots=True)
class KubernetesObject:
    """One of our objects as last seen: ``body`` is its JSON."""

    namespace: str | None
    name: str
    uid: str
    body: Mapping[str, object]


class Objects(Protocol):
    """Our own kinds as the watch last showed them: cheap, and maybe a moment old.

    One that it has not shown is looked for once more before it is called missing.
    """

    def trust_anchor(self, name: str) -> KubernetesObject | None:
        """One TrustAnchor. Raises ``Trouble``."""

    def profile(self, name: str) -> KubernetesObject | None:
        """One Profile. Raises ``Trouble``."""

    def profiles_of(self, trust_anchor: str) -> Iterable[KubernetesObject]:
        """List the Profiles that refer to a TrustAnchor."""

    def identities_of(self, profile: str) -> Iterable[KubernetesObject]:
        """List the WorkloadIdentities that refer to a Profile."""


class Clock(Protocol):
    """Time as an argument."""

    def now(self) -> datetime:
        """UTC now."""
