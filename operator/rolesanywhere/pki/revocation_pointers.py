"""Where a certificate says its revocation can be looked up: CRL distribution point and OCSP."""

from collections.abc import Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from rolesanywhere.pki.passthrough import Extension


@dataclass(frozen=True, slots=True)
class RevocationPointers:
    """What a CA is configured to write into what it issues; None: left out."""

    crl_url: str | None = None
    ocsp_url: str | None = None

    def extensions(self) -> Iterable[Extension]:
        """Give the extensions, neither critical (RFC 5280, 4.2.1.13 and 4.2.2.1)."""
        if self.crl_url is not None:
            location = [x509.UniformResourceIdentifier(self.crl_url)]
            point = x509.DistributionPoint(location, None, None, None)
            yield x509.CRLDistributionPoints([point]), False
        if self.ocsp_url is not None:
            access = x509.AccessDescription(
                AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(self.ocsp_url)
            )
            yield x509.AuthorityInformationAccess([access]), False
