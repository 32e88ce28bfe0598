"""Where a trust anchor's certificates come from, and whether they can be anchors.

https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rolesanywhere.domain.certificate import CertificateFacts
from rolesanywhere.domain.trouble import Refusal
from rolesanywhere.emulator.errors import AwsError
from rolesanywhere.emulator.roles_anywhere.refusals import invalid
from rolesanywhere.pki.inspection import inspect
from rolesanywhere.pki.path import STRONG_HASHES

ActiveAuthority = Callable[[str], str]
"""Gives the certificate (PEM) of an ACTIVE Private CA by ARN. Raises ``AwsError``."""

PRIVATE_CA: Final = "AWS_ACM_PCA"
_X509_V3: Final = 3
_DATA: Final = {
    PRIVATE_CA: "acmPcaArn",
    "CERTIFICATE_BUNDLE": "x509CertificateData",
    "SELF_SIGNED_REPOSITORY": "x509CertificateData",
}


@dataclass(frozen=True, slots=True)
class AnchorCertificates:
    """A source, read. ``certificates`` is PEM."""

    source_type: str
    private_ca_arn: str | None
    certificates: str


def read_source(
    source: Mapping[str, Any], active_authority: ActiveAuthority, *, most_certificates: int | None
) -> AnchorCertificates:
    """Read a source. Raises ``AwsError``: ValidationException, in AWS's words where known."""
    kind, data = source.get("sourceType"), source.get("sourceData", {})
    if kind is None or _DATA[kind] not in data:
        message = "Source type and source data do not match."
        raise invalid(message)
    if kind == PRIVATE_CA:
        arn = data["acmPcaArn"]
        return AnchorCertificates(kind, arn, _private_ca(arn, active_authority))
    bundle = data["x509CertificateData"]
    _require_authorities(bundle, most_certificates)
    return AnchorCertificates(kind, None, bundle)


def _private_ca(arn: str, active_authority: ActiveAuthority) -> str:
    try:
        certificate = active_authority(arn)
    except AwsError as error:
        message = "Error creating TrustAnchor. Given AWS PCA did not allow get request."
        raise invalid(message, because=error.message) from error
    _require_authorities(certificate, None)
    return certificate


def _require_authorities(bundle: str, most: int | None) -> None:
    try:
        found = inspect(bundle.encode())
    except Refusal as error:
        message = "Invalid certificate data: PEM-encoded X.509 certificates are required."
        raise invalid(message, because=str(error)) from error
    if most is not None and len(found) > most:
        message = f"A trust anchor can have at most {most} certificates."
        raise invalid(message)
    for authority in found:
        if (fault := _fault(authority)) is not None:
            raise invalid(fault, because=authority.subject.text)


def _fault(authority: CertificateFacts) -> str | None:
    if authority.version != _X509_V3:
        return "CA certificate must be X.509 version 3"
    if not authority.is_ca:
        return "Incorrect basic constraints for CA certificate"
    if "keyCertSign" not in (authority.key_usage or frozenset()):
        return "Incorrect key usage for CA certificate"
    if authority.signature_hash not in STRONG_HASHES:
        return "Incorrect signature algorithm for CA certificate"
    return None
