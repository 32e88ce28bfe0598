"""A CA's own certificate, judged as ImportCertificateAuthorityCertificate judges it.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_ImportCertificateAuthorityCertificate.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from rolesanywhere.domain.certificate import CertificateFacts
from rolesanywhere.pki.certificates import (
    UnreadableCertificate,
    is_issued_by,
    parse_pem,
    to_pem,
)
from rolesanywhere.pki.inspection import facts_of_certificate
from rolesanywhere.pki.templates import Issuer

_ALLOWED_CRITICAL: Final = frozenset(  # the page's list under "Enforcement of Critical Constraints"
    {
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.INHIBIT_ANY_POLICY,
        ExtensionOID.ISSUER_ALTERNATIVE_NAME,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.NAME_CONSTRAINTS,
        ExtensionOID.POLICY_MAPPINGS,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.SUBJECT_DIRECTORY_ATTRIBUTES,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.SUBJECT_INFORMATION_ACCESS,
    }
)


class MalformedCertificate(ValueError):  # noqa: N818 - acm-pca's own word
    """A certificate or chain that cannot be a CA's."""


class CertificateMismatch(ValueError):  # noqa: N818 - acm-pca's own word
    """A certificate for another key or name."""


class ForbiddenInstallation(ValueError):  # noqa: N818 - what the attempt is
    """A good certificate that this kind of CA must not have."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A certificate that may be installed. ``chain`` is PEM, empty for a root."""

    certificate: str
    chain: str
    facts: CertificateFacts
    path_length: int | None


def examine(issuer: Issuer, certificate: bytes, chain: bytes, *, is_root: bool) -> Installed:
    """Judge a certificate (PEM) for a CA, and the chain above it, nearest issuer first.

    Raises ``MalformedCertificate``, ``CertificateMismatch`` or ``ForbiddenInstallation``.
    """
    own, above = _one(certificate), _parse(chain) if chain.strip() else ()
    if not issuer.matches(certificate):
        message = "the certificate's key or subject is not the certificate authority's"
        raise CertificateMismatch(message)
    facts = _facts(own)
    for each in (own, *above):
        _require_authority(each)
    if is_root:
        _require_root(own, above)
    else:
        _require_chain(own, above)
    return Installed(
        to_pem(own).decode("ascii"), _join(above), facts, _constraints(own).value.path_length
    )


def _join(certificates: Sequence[x509.Certificate]) -> str:
    return "".join(to_pem(each).decode("ascii") for each in certificates).rstrip("\n")


def _parse(bundle: bytes) -> tuple[x509.Certificate, ...]:
    try:
        return parse_pem(bundle)
    except UnreadableCertificate as error:
        raise MalformedCertificate(str(error)) from error


def _one(certificate: bytes) -> x509.Certificate:
    parsed = _parse(certificate)
    if len(parsed) != 1:
        message = "exactly one certificate is expected; the others belong into the chain"
        raise MalformedCertificate(message)
    return parsed[0]


def _facts(certificate: x509.Certificate) -> CertificateFacts:
    try:
        return facts_of_certificate(certificate)
    except UnreadableCertificate as error:
        raise MalformedCertificate(str(error)) from error


def _constraints(certificate: x509.Certificate) -> x509.Extension[x509.BasicConstraints]:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound as error:
        message = "a CA certificate has no basicConstraints"
        raise MalformedCertificate(message) from error


def _require_authority(certificate: x509.Certificate) -> None:
    """CA:true, critical; keyCertSign; no critical extension that is not allowed to be."""
    constraints, facts = _constraints(certificate), _facts(certificate)
    if not constraints.critical or not constraints.value.ca:
        message = f"basicConstraints of {facts.subject.text} are not a critical CA:true"
        raise MalformedCertificate(message)
    if "keyCertSign" not in (facts.key_usage or ()):
        message = f"keyUsage of {facts.subject.text} lacks keyCertSign"
        raise MalformedCertificate(message)
    for extension in certificate.extensions:
        if extension.critical and extension.oid not in _ALLOWED_CRITICAL:
            message = f"extension {extension.oid.dotted_string} must not be marked critical"
            raise MalformedCertificate(message)


def _require_root(own: x509.Certificate, above: Sequence[x509.Certificate]) -> None:
    if above:
        message = "a root certificate authority has no certificate chain"
        raise ForbiddenInstallation(message)
    if not is_issued_by(own, own):
        message = "only a self-signed certificate can be imported as a root certificate authority"
        raise ForbiddenInstallation(message)


def _require_chain(own: x509.Certificate, above: Sequence[x509.Certificate]) -> None:
    """Each signs the one before it, up to a self-signed root, within the path lengths."""
    if is_issued_by(own, own):
        message = "a self-signed certificate cannot be imported as a subordinate one"
        raise ForbiddenInstallation(message)
    if not above or not is_issued_by(above[-1], above[-1]):
        message = "the certificate chain does not end with its root certificate"
        raise MalformedCertificate(message)
    for below, issuer in pairwise((own, *above)):
        if not is_issued_by(below, issuer):
            message = "a certificate in the chain did not sign the one before it"
            raise CertificateMismatch(message)
    for depth, issuer in enumerate(above):
        allowed = _constraints(issuer).value.path_length
        if allowed is not None and depth > allowed:
            message = f"{issuer.subject.rfc4514_string()} allows {allowed} CAs below, not {depth}"
            raise MalformedCertificate(message)
