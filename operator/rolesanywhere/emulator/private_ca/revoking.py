"""RevokeCertificate.

https://docs.aws.amazon.com/privateca/latest/userguide/PcaRevokeCert.html
"""

import re
from typing import Any, Final

from rolesanywhere.emulator.private_ca import refusals
from rolesanywhere.emulator.private_ca.issuing import ROOT_TEMPLATES
from rolesanywhere.emulator.private_ca.publication import publish
from rolesanywhere.emulator.private_ca.records import Authority, Certificate, Revocation, Status
from rolesanywhere.emulator.private_ca.request import Request

_SERIAL: Final = re.compile(r"[0-9a-fA-F]{1,2}(:[0-9a-fA-F]{2})*|[0-9a-fA-F]+")
_REVOKING: Final = (Status.ACTIVE, Status.DISABLED, Status.EXPIRED)


def revoke(request: Request) -> dict[str, Any]:
    """RevokeCertificate, by a serial in hexadecimal, with colons or without.

    Raises ``AwsError``: InvalidStateException, InvalidRequestException,
    ResourceNotFoundException, RequestAlreadyProcessedException, LimitExceededException.
    """
    authority = request.authority()
    if request.status(authority) not in _REVOKING:
        raise refusals.wrong_state(authority.arn, "revoke a certificate")
    certificate = _certificate(request, authority)
    if certificate.template_arn.rpartition("template/")[2] in ROOT_TEMPLATES:
        message = "A root certificate authority's self-signed certificate cannot be revoked."
        raise refusals.invalid_request(message)
    if certificate.revocation is not None:
        raise refusals.already_revoked()
    _require_room(request, authority)
    certificate.revocation = Revocation(request.now, request.parameters["RevocationReason"])
    publish(request, authority)
    return {}


def _certificate(request: Request, authority: Authority) -> Certificate:
    text = str(request.parameters["CertificateSerial"])
    if not _SERIAL.fullmatch(text):
        message = f"The serial number {text} is not in hexadecimal format."
        raise refusals.invalid_request(message)
    serial = int(text.replace(":", ""), 16)
    arn = f"{authority.arn}/certificate/{serial:032x}"
    if arn not in authority.certificates:
        raise refusals.not_found(arn)
    return authority.certificates[arn]


def _require_room(request: Request, authority: Authority) -> None:
    most = request.settings.most_revocations
    revoked = sum(each.revocation is not None for each in authority.certificates.values())
    if revoked >= most:
        message = f"The certificate authority has reached its limit of {most} revocations."
        raise refusals.limit_exceeded(message)
