"""IssueCertificate and GetCertificate.

https://docs.aws.amazon.com/privateca/latest/APIReference/API_IssueCertificate.html
"""

import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from rolesanywhere.emulator.private_ca import idempotency, refusals, validity
from rolesanywhere.emulator.private_ca.checking import decode_blob
from rolesanywhere.emulator.private_ca.publication import publish_if_due
from rolesanywhere.emulator.private_ca.records import Authority, Certificate, Kind, Status
from rolesanywhere.emulator.private_ca.request import Request
from rolesanywhere.emulator.private_ca.revocation_settings import pointers
from rolesanywhere.emulator.private_ca.sharing import template_arn
from rolesanywhere.pki.extensions import TEMPLATES
from rolesanywhere.pki.passthrough import InvalidPassthrough
from rolesanywhere.pki.templates import MalformedCsr, UnsuitableAlgorithm

_SERIAL_BITS: Final = 128
_SHORT_LIVED: Final = "SHORT_LIVED_CERTIFICATE"
_LONGEST_SHORT_LIFE: Final = timedelta(days=7)
ROOT_TEMPLATES: Final = ("RootCACertificate/V1", "RootCACertificate_APIPassthrough/V1")


def issue(request: Request) -> dict[str, Any]:
    """IssueCertificate: signed at once, given out by GetCertificate a moment later.

    Raises ``AwsError``: InvalidStateException, ValidationException, InvalidArgsException,
    InvalidArnException, MalformedCSRException, LimitExceededException.
    """
    authority = request.authority()
    known = idempotency.recall(request) if request.parameters.get("IdempotencyToken") else None
    if known is not None and known in authority.certificates:
        return {"CertificateArn": known}
    template = _template(request, authority)
    _require_status(request, authority, template)
    _require_room(request, authority)
    certificate = _issued(request, authority, template)
    authority.certificates[certificate.arn] = certificate
    publish_if_due(request, authority)
    if request.parameters.get("IdempotencyToken"):
        idempotency.remember(request, certificate.arn)
    return {"CertificateArn": certificate.arn}


def get(request: Request) -> dict[str, Any]:
    """GetCertificate, also when expired or revoked; the chain ends with the root.

    Raises ``AwsError``: RequestInProgressException at first, InvalidStateException once the CA
    is DELETED.
    """
    authority = request.authority()
    if authority.status is Status.DELETED:
        raise refusals.wrong_state(authority.arn, "get a certificate")
    certificate = request.certificate(authority)
    if certificate.asks_left > 0:
        certificate.asks_left -= 1
        raise refusals.certificate_in_progress()
    answer = {"Certificate": certificate.pem}
    return answer if not certificate.chain else {**answer, "CertificateChain": certificate.chain}


def _template(request: Request, authority: Authority) -> str:
    """Give the end of the template's ARN. Raises ``AwsError`` (InvalidArnException)."""
    arn = template_arn(request.parameters, authority.partition)
    prefix, _, template = arn.partition(":template/")
    if prefix != f"arn:{authority.partition}:acm-pca::" or template not in TEMPLATES:
        raise refusals.invalid_arn(arn)
    return template


def _require_status(request: Request, authority: Authority, template: str) -> None:
    """ACTIVE; or PENDING_CERTIFICATE for a root that signs its own certificate."""
    status, is_root = request.status(authority), template in ROOT_TEMPLATES
    may_begin = status is Status.PENDING_CERTIFICATE and authority.kind is Kind.ROOT and is_root
    if status is not Status.ACTIVE and not may_begin:
        raise refusals.cannot_issue()
    if is_root and authority.kind is not Kind.ROOT:
        message = f"A subordinate certificate authority cannot issue from template {template}"
        raise refusals.invalid_arguments(message)


def _require_room(request: Request, authority: Authority) -> None:
    most = request.settings.most_certificates
    if len(authority.certificates) >= most:
        message = f"The certificate authority has reached its limit of {most} certificates."
        raise refusals.limit_exceeded(message)


def _issued(request: Request, authority: Authority, template: str) -> Certificate:
    given, end = request.parameters, _not_after(request, authority, template)
    serial = secrets.randbits(_SERIAL_BITS - 1) | 1 << (_SERIAL_BITS - 2)
    pem = _signed(request, authority, template, serial, end)
    issuer = None if template in ROOT_TEMPLATES else authority.own
    return Certificate(
        arn=f"{authority.arn}/certificate/{serial:032x}",
        serial=serial,
        pem=pem,
        chain=issuer.issued_chain if issuer else None,
        template_arn=template_arn(given, authority.partition),
        issued_at=request.now,
        not_after=end,
        asks_left=request.settings.asks_in_progress,
        requester=request.caller.account,
    )


def _not_after(request: Request, authority: Authority, template: str) -> datetime:
    """Give the end of validity, as long as mode and CA allow it.

    A CA below must end before this one; an end entity may end with it
    (https://docs.aws.amazon.com/privateca/latest/userguide/ca-lifecycle.html). A root's own
    certificate is bound by neither.
    """
    end = validity.not_after(request.parameters["Validity"], request.now)
    if template in ROOT_TEMPLATES:
        return end
    if authority.usage_mode == _SHORT_LIVED and end > request.now + _LONGEST_SHORT_LIFE:
        message = (
            "The certificate validity specified exceeds the maximum of 7 days of a certificate "
            "authority in short-lived certificate mode"
        )
        raise refusals.validation(message)
    own, is_authority = authority.own, TEMPLATES[template].is_ca
    if own is not None and (end > own.not_after or (is_authority and end == own.not_after)):
        message = "The certificate validity specified exceeds the certificate authority validity"
        raise refusals.validation(message)
    _require_depth(authority, template)
    return end


def _require_depth(authority: Authority, template: str) -> None:
    """Insist that a CA below leaves a shorter path than this CA's certificate allows."""
    allowed = authority.own.path_length if authority.own else None
    wanted = TEMPLATES[template].path_length
    if TEMPLATES[template].is_ca and allowed is not None and wanted is not None:
        if wanted < allowed:
            return
        message = (
            f"The path length {wanted} of the template exceeds what the certificate authority's "
            f"own path length of {allowed} allows"
        )
        raise refusals.validation(message)


def _signed(
    request: Request, authority: Authority, template: str, serial: int, end: datetime
) -> str:
    given, issuer = request.parameters, request.vault.issuer(authority)
    start = validity.not_before(given.get("ValidityNotBefore"), request.now)
    if start >= end:
        message = "The certificate validity specified ends before it starts"
        raise refusals.validation(message)
    csr = decode_blob(given["Csr"])
    try:
        if template in ROOT_TEMPLATES:
            issuer.require_own(csr)
        pem = issuer.sign(
            csr,
            template=template,
            signing_algorithm=given["SigningAlgorithm"],
            not_before=start,
            not_after=end,
            serial=serial,
            passthrough=given.get("ApiPassthrough"),
            pointers=pointers(authority),
        )
    except MalformedCsr as error:
        raise refusals.malformed_csr(str(error)) from error
    except (UnsuitableAlgorithm, InvalidPassthrough) as error:
        raise refusals.invalid_arguments(str(error)) from error
    return pem.decode("ascii").rstrip("\n")
