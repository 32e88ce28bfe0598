"""``reconcile.ports.Pki``, by shape: the one object a program hands to its use cases.

Forwards only; each method is described where it does its work.
"""

from datetime import datetime

from rolesanywhere.api.authority import CASubject, KeyAlgorithm
from rolesanywhere.domain.certificate import CertificateFacts, KeyPair
from rolesanywhere.domain.observed import IssuedCertificate
from rolesanywhere.pki import authority, inspection, pairs, requests


class X509:
    """Keys and certificates by ``cryptography``. Holds no state: share it between threads."""

    def request(
        self,
        algorithm: KeyAlgorithm,
        *,
        common_name: str,
        organizational_unit: str | None,
        organization: str | None,
        uri: str,
    ) -> KeyPair:
        """Make a new key and a request for it; see ``requests.request``."""
        return requests.request(
            algorithm,
            common_name=common_name,
            organizational_unit=organizational_unit,
            organization=organization,
            uri=uri,
        )

    def create_own_authority(
        self,
        algorithm: KeyAlgorithm,
        subject: CASubject,
        *,
        not_before: datetime,
        not_after: datetime,
    ) -> KeyPair:
        """Make a new self-signed CA; see ``authority.create``."""
        return authority.create(algorithm, subject, not_before=not_before, not_after=not_after)

    def load_own_authority(
        self, private_key: bytes, certificate: bytes
    ) -> authority.LoadedAuthority:
        """Load a CA; see ``authority.load``."""
        return authority.load(private_key, certificate)

    def inspect(self, certificates: bytes) -> tuple[CertificateFacts, ...]:
        """Parse a PEM bundle; see ``inspection.inspect``."""
        return inspection.inspect(certificates)

    def key_matches(self, private_key: bytes, certificate: bytes) -> bool:
        """Compare key and certificate; see ``pairs.key_matches``."""
        return pairs.key_matches(private_key, certificate)

    def chain_for(self, issued: IssuedCertificate) -> tuple[bytes, bytes]:
        """Split leaf, intermediates and root; see ``inspection.chain_for``."""
        return inspection.chain_for(issued)
