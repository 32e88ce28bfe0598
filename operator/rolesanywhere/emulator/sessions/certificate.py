"""Steps 3 to 9: the signature must be the certificate's, the certificate one to be believed.

https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
"""

from datetime import datetime

from rolesanywhere.domain.certificate import serial_hex
from rolesanywhere.emulator.http.message import Request
from rolesanywhere.emulator.roles_anywhere.records import TrustAnchor
from rolesanywhere.emulator.roles_anywhere.store import Region
from rolesanywhere.emulator.sessions.refusals import (
    GENERIC,
    INSUFFICIENT,
    INVALID_SIGNATURE,
    UNTRUSTED,
    denied,
    missing,
)
from rolesanywhere.pki.inspection import facts_of
from rolesanywhere.pki.path import Distrust, Untrusted, validate
from rolesanywhere.pki.verification import Refused, SignatureRefused, VerifiedRequest, verify


def require_signature(request: Request, region: str, machine_now: datetime) -> VerifiedRequest:
    """Verify who signed. A signature's age is by the machine's clock: callers sign by theirs."""
    try:
        return verify(request.wire, region=region, now=machine_now)
    except SignatureRefused as error:
        text = INVALID_SIGNATURE if error.kind is Refused.INVALID else GENERIC
        because = f"{error.kind}: {error.message}"
        raise denied(because, text) from error


def require_anchor(region: Region, arn: str) -> TrustAnchor:
    """Give the trust anchor, which must be there and enabled."""
    anchor = next((each for each in region.anchors if each.arn == arn), None)
    if anchor is None:
        what = "Trust anchor"
        raise missing(what, arn)
    if not anchor.enabled:
        because = f"trust anchor {anchor.name} ({arn}) is disabled"
        raise denied(because)
    return anchor


def require_trusted(verified: VerifiedRequest, anchor: TrustAnchor, now: datetime) -> None:
    """Find a path from the certificate to the anchor's, as those were at its last update."""
    try:
        validate(verified.leaf_der, verified.chain_der, anchor.certificates, now=now)
    except Untrusted as error:
        insufficient = error.kind is Distrust.INSUFFICIENT_CERTIFICATE
        text = INSUFFICIENT if insufficient else UNTRUSTED
        because = f"{error.kind}: {error.message}"
        raise denied(because, text) from error


def require_not_revoked(verified: VerifiedRequest, anchor: TrustAnchor, region: Region) -> None:
    """Look every certificate that was sent up in the anchor's enabled CRLs."""
    lists = [each for each in region.crls if each.enabled and each.trust_anchor_arn == anchor.arn]
    sent = [verified.leaf, *(map(facts_of, verified.chain_der) if lists else ())]
    for crl in lists:
        for facts in sent:
            if facts.issuer.text == crl.issuer and facts.serial in crl.revoked:
                serial = serial_hex(facts.serial)
                because = f"serial {serial} is revoked by CRL {crl.name} ({crl.id})"
                raise denied(because)
