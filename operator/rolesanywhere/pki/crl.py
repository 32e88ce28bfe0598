"""Certificate revocation lists as Private CA publishes them: complete ones, DER.

https://docs.aws.amazon.com/privateca/latest/userguide/crl-planning.html#crl-structure
RFC 5280, section 5. What is in a list and when it is made anew is decided by who calls.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from cryptography import x509

# "UNSPECIFIED" is no entry extension at all (RFC 5280, 5.3.1).
_REASONS: Final = MappingProxyType(
    {
        "KEY_COMPROMISE": x509.ReasonFlags.key_compromise,
        "CERTIFICATE_AUTHORITY_COMPROMISE": x509.ReasonFlags.ca_compromise,
        "AFFILIATION_CHANGED": x509.ReasonFlags.affiliation_changed,
        "SUPERSEDED": x509.ReasonFlags.superseded,
        "CESSATION_OF_OPERATION": x509.ReasonFlags.cessation_of_operation,
        "PRIVILEGE_WITHDRAWN": x509.ReasonFlags.privilege_withdrawn,
        "A_A_COMPROMISE": x509.ReasonFlags.aa_compromise,
    }
)


@dataclass(frozen=True, slots=True)
class RevokedCertificate:
    """An entry; ``reason`` as RevokeCertificate spells it."""

    serial: int
    revoked_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A list before it is signed.

    ``distribution_point`` is the URL of a partition: with it the list says, critically, that it is
    for no other certificates than those that point there.
    """

    entries: Iterable[RevokedCertificate]
    this_update: datetime
    next_update: datetime
    number: int
    distribution_point: str | None = None

    def builder(
        self, issuer: x509.Name, key_id: x509.AuthorityKeyIdentifier
    ) -> x509.CertificateRevocationListBuilder:
        """Give the list ready to sign."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer)
            .last_update(self.this_update)
            .next_update(self.next_update)
            .add_extension(key_id, critical=False)
            .add_extension(x509.CRLNumber(self.number), critical=False)
        )
        if self.distribution_point is not None:
            builder = builder.add_extension(_partition(self.distribution_point), critical=True)
        for entry in self.entries:
            builder = builder.add_revoked_certificate(_entry(entry))
        return builder


def _partition(url: str) -> x509.IssuingDistributionPoint:
    return x509.IssuingDistributionPoint(
        full_name=[x509.UniformResourceIdentifier(url)],
        relative_name=None,
        only_contains_user_certs=False,
        only_contains_ca_certs=False,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )


def _entry(entry: RevokedCertificate) -> x509.RevokedCertificate:
    builder = (
        x509.RevokedCertificateBuilder()
        .serial_number(entry.serial)
        .revocation_date(entry.revoked_at)
    )
    if entry.reason in _REASONS:
        builder = builder.add_extension(x509.CRLReason(_REASONS[entry.reason]), critical=False)
    return builder.build()
