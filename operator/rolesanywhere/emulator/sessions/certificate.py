"""Steps 3 to 9: is the signature the certificate's, and the certificate one to be believed?

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
from rolesanywhere.pki.path import Distrust, Untrusted, validate
from rolesanywhere.pki.signature import Refused, SignatureRefused, VerifiedRequest, verify


def require_signature(request: Request, region: str, machine_now: datetime) -> VerifiedRequest:
    """Verify who signed. A signature's age is by the machine's clock: callers sign by theirs."""
    try:
        return verify(request.wire, region=region, now=machine_now)
    except SignatureRefused as error:
        text = INVALID_SIGNATURE if error.kind is Refused.INVALID else GENERIC
        raise denied(f"{error.kind}: {error.message}", text) from error


def require_anchor(region: Region, arn: str) -> TrustAnchor:
    """Give the trust anchor, which must be there and enabled."""
    anchor = next((each for each in region.anchors if each.arn == arn), None)
    if anchor is None:
        raise missing("Trust anchor", arn)
    if not anchor.enabled:
        raise denied(f"trust anchor {anchor.name} ({arn}) is disabled")
    return anchor


def require_trusted(verified: VerifiedRequest, anchor: TrustAnchor, now: datetime) -> None:
    """Find a path from the certificate to the anchor's, as those were at its last update."""
    try:
        validate(verified.leaf_der, verified.chain_der, anchor.certificates, now=now)
    except Untrusted as error:
        insufficient = error.kind is Distrust.INSUFFICIENT_CERTIFICATE
        text = INSUFFICIENT if insufficient else UNTRUSTED
        raise denied(f"{error.kind}: {error.message}", text) from error


def require_not_revoked(verified: VerifiedRequest, anchor: TrustAnchor, region: Region) -> None:
    """Look the serial up in the anchor's enabled CRLs."""
    for crl in region.crls:
        listed = verified.leaf.serial in crl.revoked
        if crl.enabled and crl.trust_anchor_arn == anchor.arn and listed:
            serial = serial_hex(verified.leaf.serial)
            raise denied(f"serial {serial} is revoked by CRL {crl.name} ({crl.id})")
