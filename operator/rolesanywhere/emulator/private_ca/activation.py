"""A CA's own certificate: its request, and the import that makes it ACTIVE.

https://docs.aws.amazon.com/privateca/latest/userguide/PCACertInstall.html
"""

from typing import Any

from rolesanywhere.emulator.private_ca import refusals
from rolesanywhere.emulator.private_ca.checking import decode_blob
from rolesanywhere.emulator.private_ca.records import Authority, Kind, OwnCertificate, Status
from rolesanywhere.emulator.private_ca.request import Request
from rolesanywhere.emulator.private_ca.statuses import look, move
from rolesanywhere.pki.installation import (
    CertificateMismatch,
    ForbiddenInstallation,
    Installed,
    MalformedCertificate,
    examine,
)


def csr(request: Request) -> dict[str, Any]:
    """GetCertificateAuthorityCsr. Raises ``AwsError`` while CREATING and once DELETED."""
    authority = request.authority()
    look(authority, request.now)
    if authority.status is Status.CREATING:
        raise refusals.authority_in_progress()
    if authority.status is Status.DELETED:
        raise refusals.wrong_state(authority.arn, "have a certificate signing request")
    return {"Csr": authority.csr}


def own_certificate(request: Request) -> dict[str, Any]:
    """GetCertificateAuthorityCertificate; the chain is left out for a root.

    Raises ``AwsError`` (InvalidStateException) before the first import, in AWS's own words, which
    speak of a request.
    """
    authority = request.authority()
    if authority.own is None or authority.status is Status.DELETED:
        raise refusals.wrong_state(authority.arn, "have a certificate signing request")
    chain = authority.own.chain
    answer = {"Certificate": authority.own.pem}
    return answer if chain is None else {**answer, "CertificateChain": chain}


def install(request: Request) -> dict[str, Any]:
    """ImportCertificateAuthorityCertificate: also a renewal of one that is there.

    Raises ``AwsError``: InvalidStateException, MalformedCertificateException,
    CertificateMismatchException, InvalidRequestException.
    """
    authority = request.authority()
    if authority.status in (Status.CREATING, Status.DELETED):
        raise refusals.wrong_state(authority.arn, "import a certificate")
    authority.own = _own(_examined(request, authority))
    request.vault.forget(authority.arn)  # what it signs names the new certificate's key identifier
    if authority.status is Status.PENDING_CERTIFICATE:
        move(authority, Status.ACTIVE, request.now)
    return {}


def _examined(request: Request, authority: Authority) -> Installed:
    try:
        return examine(
            request.vault.issuer(authority),
            decode_blob(request.parameters["Certificate"]),
            decode_blob(request.parameters.get("CertificateChain") or ""),
            is_root=authority.kind is Kind.ROOT,
        )
    except MalformedCertificate as error:
        raise refusals.malformed_certificate(str(error)) from error
    except CertificateMismatch as error:
        raise refusals.certificate_mismatch(str(error)) from error
    except ForbiddenInstallation as error:
        raise refusals.invalid_request(str(error)) from error


def _own(installed: Installed) -> OwnCertificate:
    pem, chain = installed.certificate.rstrip("\n"), installed.chain
    return OwnCertificate(
        pem=pem,
        chain=chain or None,
        issued_chain=f"{pem}\n{chain}" if chain else pem,
        serial=installed.facts.serial,
        not_before=installed.facts.not_before,
        not_after=installed.facts.not_after,
        path_length=installed.path_length,
    )
