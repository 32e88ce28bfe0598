"""CAs as Private CA keeps them: made by acm-pca's words, stored, and loaded again.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_CertificateAuthorityConfiguration.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from cryptography import x509

from rolesanywhere.pki.certificates import key_identifier, parse_pem
from rolesanywhere.pki.keys import load_private_key, to_pem
from rolesanywhere.pki.passthrough import read_csr_extensions
from rolesanywhere.pki.signing_methods import SigningKey, new_key, require_fit
from rolesanywhere.pki.subjects import name_of
from rolesanywhere.pki.templates import Issuer


@dataclass(frozen=True, slots=True)
class StoredIssuer:
    """A CA without its certificate: key (PKCS#8 PEM, out of the repr) and request (PEM)."""

    private_key: bytes = field(repr=False)
    request: bytes


def create_issuer(configuration: Mapping[str, Any]) -> StoredIssuer:
    """Make a CA from a ``CertificateAuthorityConfiguration``: a key and a request for it.

    Raises ``UnsuitableAlgorithm`` (key and signing algorithm do not fit, or SM2),
    ``InvalidSubject`` or ``InvalidPassthrough``.
    """
    name = name_of(configuration["Subject"])
    extensions = read_csr_extensions(configuration.get("CsrExtensions") or {})
    algorithm = configuration["SigningAlgorithm"]
    require_fit(configuration["KeyAlgorithm"], algorithm)
    key = new_key(configuration["KeyAlgorithm"])
    return StoredIssuer(to_pem(key), Issuer(key, name).request(algorithm, extensions))


def load_issuer(stored: StoredIssuer, certificate: bytes | None = None) -> Issuer:
    """Load a CA; with its certificate (PEM), what it signs repeats that one's key identifier."""
    key = cast("SigningKey", load_private_key(stored.private_key))
    name = x509.load_pem_x509_csr(stored.request).subject
    return Issuer(key, name, key_identifier(parse_pem(certificate)[0]) if certificate else None)
