"""Signature Version 4, computed anew and compared: pure, no keys kept, no clock.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
from typing import Final
from urllib.parse import quote

from rolesanywhere.emulator.authentication.claim import ALGORITHM, Claim
from rolesanywhere.emulator.http.message import Request
from rolesanywhere.pki.canonical import canonical_query, header_value

_PAYLOAD: Final = "x-amz-content-sha256"
_UNSIGNED: Final = "UNSIGNED-PAYLOAD"
_HEX_DIGEST: Final = 64  # digits
_S3: Final = "s3"


def is_signed(request: Request, claim: Claim, secret_access_key: str) -> bool:
    """Tell whether the claim's signature is this key's over this request."""
    if not _covers_enough(request, claim):
        return False
    expected = hmac.new(
        _signing_key(secret_access_key, claim), _string_to_sign(request, claim), hashlib.sha256
    ).hexdigest()
    return hmac.compare_digest(expected.encode(), claim.signature.encode())


def is_payload_intact(request: Request) -> bool:
    """Tell whether the body is the one whose hash the request declares, if it declares one."""
    declared = request.header(_PAYLOAD)
    if declared is None or len(declared) != _HEX_DIGEST:
        return True  # UNSIGNED-PAYLOAD, or a stream whose chunks carry signatures of their own
    return declared == hashlib.sha256(request.body).hexdigest()


def _covers_enough(request: Request, claim: Claim) -> bool:
    """Tell whether host, date and token, and the payload's hash where sent, are signed."""
    signed = set(claim.signed_headers)
    sent = {name.lower() for name, _ in request.headers}
    if claim.lifetime is not None:
        return "host" in signed
    must = {"host", "x-amz-date"} | ({"x-amz-security-token", _PAYLOAD} & sent)
    return must <= signed <= sent and claim.date == claim.timestamp[:8]


def _signing_key(secret: str, claim: Claim) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (claim.date, claim.region, claim.service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _string_to_sign(request: Request, claim: Claim) -> bytes:
    digest = hashlib.sha256(_canonical_request(request, claim)).hexdigest()
    return f"{ALGORITHM}\n{claim.timestamp}\n{claim.scope}\n{digest}".encode()


def _canonical_request(request: Request, claim: Claim) -> bytes:
    values: dict[str, list[str]] = {}
    for name, value in request.headers:
        values.setdefault(name.lower(), []).append(header_value(value))
    lines = (
        request.method,
        _canonical_path(request.path, claim.service),
        canonical_query(_signed_query(request.query)),
        *(f"{name}:{','.join(values.get(name, ['']))}" for name in claim.signed_headers),
        "",
        ";".join(claim.signed_headers),
        _payload_hash(request, claim),
    )
    return "\n".join(lines).encode("latin-1", "replace")


def _canonical_path(path: str, service: str) -> str:
    """S3 signs the path as sent; every other service encodes it once more, dots resolved."""
    if service == _S3:
        return path or "/"
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            kept[-1:] = []
        elif part not in {"", "."}:
            kept.append(part)
    trailing = "/" if kept and path.endswith("/") else ""
    return quote(f"/{'/'.join(kept)}{trailing}", safe="/~")


def _signed_query(query: str) -> str:
    pairs = (pair for pair in query.split("&") if not pair.startswith("X-Amz-Signature="))
    return "&".join(pairs)


def _payload_hash(request: Request, claim: Claim) -> str:
    declared = request.header(_PAYLOAD)
    if declared is not None:
        return declared
    if claim.lifetime is not None and claim.service == _S3:
        return _UNSIGNED
    return hashlib.sha256(request.body).hexdigest()
