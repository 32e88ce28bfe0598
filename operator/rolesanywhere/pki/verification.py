"""The AWS4-X509 signature of a request, checked as Roles Anywhere does.

https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-sign-process.html
One spelling per meaning: whatever canonicalisation would forgive (lower-case escapes, loose
base64, a header sent twice) is refused, so that a changed byte is always seen. Whether the
certificate is to be trusted is not asked here: that is ``path``.
"""

import base64
import binascii
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from rolesanywhere.domain.certificate import CertificateFacts
from rolesanywhere.pki import authorization
from rolesanywhere.pki.authorization import Authorization
from rolesanywhere.pki.canonical import (
    DATE_FORMAT,
    WireRequest,
    query_pairs,
    scope,
    string_to_sign,
)
from rolesanywhere.pki.certificates import PARSE_ERRORS, parse_der
from rolesanywhere.pki.inspection import facts_of_certificate
from rolesanywhere.pki.signing_algorithm import algorithm_of, is_signed

MAX_CHAIN: Final = 5  # certificates in X-Amz-X509-Chain
MAX_SKEW_SECONDS: Final = 300  # as Signature Version 4
_AUTHORIZATION: Final = "authorization"
_DATE: Final = "x-amz-date"
_LEAF: Final = "x-amz-x509"
_CHAIN: Final = "x-amz-x509-chain"
_ALWAYS_SIGNED: Final = frozenset({"host", _DATE, _LEAF})
_X509_V3: Final = 3
_TIMESTAMP: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]|[^\x00-\xff]")  # or no byte at all


class Refused(StrEnum):
    """Which rule a request breaks."""

    MALFORMED = "malformed"
    ALGORITHM_MISMATCH = "algorithm_mismatch"
    SERIAL_MISMATCH = "serial_mismatch"
    SCOPE_MISMATCH = "scope_mismatch"
    HEADER_NOT_SIGNED = "header_not_signed"
    CHAIN_TOO_LONG = "chain_too_long"
    STALE = "stale"
    INVALID = "invalid"


class SignatureRefused(Exception):  # noqa: N818 - named after what happened to the request
    """A request whose signature does not stand. The message is for operators, not for callers."""

    def __init__(self, kind: Refused, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


@dataclass(frozen=True, slots=True)
class VerifiedRequest:
    """Who signed, and what: all a service needs to go on. ``signed_at`` is UTC."""

    leaf: CertificateFacts
    leaf_der: bytes
    chain_der: tuple[bytes, ...]  # as sent: not parsed, not trusted, may hold the leaf
    signed_headers: frozenset[str]  # lower-case
    signed_at: datetime


def verify(
    request: WireRequest, *, region: str, now: datetime, max_skew_seconds: int = MAX_SKEW_SECONDS
) -> VerifiedRequest:
    """Verify a request's signature against the certificate it carries.

    Raises ``SignatureRefused`` and nothing else, whatever was sent.
    """
    headers, claim = _read(request)
    leaf_der = _decode(headers[_LEAF], "X-Amz-X509")
    chain_der = _decode_chain(headers.get(_CHAIN))
    leaf, key = _parse_leaf(leaf_der)
    _require_leaf_fits(claim, leaf, key)
    signed_at = _signed_at(headers[_DATE])
    _require_scope(claim, scope(headers[_DATE][:8], region))
    _require_fresh(signed_at, now, timedelta(seconds=max_skew_seconds))
    text = string_to_sign(
        request,
        algorithm=claim.algorithm,
        signed_headers=claim.signed_headers,
        timestamp=headers[_DATE],
        credential_scope=claim.scope,
    )
    if not is_signed(key, claim.signature, text):
        message = "the signature is not one by the certificate's key over this request"
        raise SignatureRefused(Refused.INVALID, message)
    return VerifiedRequest(leaf, leaf_der, chain_der, frozenset(claim.signed_headers), signed_at)


def _malformed(message: str) -> SignatureRefused:
    return SignatureRefused(Refused.MALFORMED, message)


def _read(request: WireRequest) -> tuple[Mapping[str, str], Authorization]:
    """Read headers (by lower-case name) and the claim, and refuse every second spelling."""
    _require_plain(request)
    headers = {name.lower(): value for name, value in request.headers}
    try:
        claim = authorization.parse(headers.get(_AUTHORIZATION, ""))
    except ValueError as error:
        raise _malformed(str(error)) from error
    _require_headers(request, claim)
    if query_pairs(request.query) != (request.query.split("&") if request.query else []):
        message = "the query is not spelled as RFC 3986 asks (name=value, %2F not %2f, %20 not +)"
        raise _malformed(message)
    return headers, claim


def _require_plain(request: WireRequest) -> None:
    """No line breaks, which would move the lines of the canonical request; ASCII queries."""
    words = (request.method, request.path, request.query, *(v for _, v in request.headers))
    if any(map(_CONTROL.search, words)) or not request.query.isascii():
        message = "a control character or a character that HTTP cannot carry"
        raise _malformed(message)


def _require_headers(request: WireRequest, claim: Authorization) -> None:
    """Every header that must be signed is; every signed one is there exactly once."""
    sent = Counter(name.lower() for name, _ in request.headers)
    signed = frozenset(claim.signed_headers)
    missing = (_ALWAYS_SIGNED | (sent.keys() & {_CHAIN})) - signed
    if missing:
        message = f"not among the signed headers: {', '.join(sorted(missing))}"
        raise SignatureRefused(Refused.HEADER_NOT_SIGNED, message)
    wrong = sorted(name for name in signed | {_AUTHORIZATION} if sent[name] != 1)
    if wrong:
        message = f"signed, but not sent exactly once: {', '.join(wrong)}"
        raise _malformed(message)


def _decode(text: str, header: str) -> bytes:
    """Decode the one base64 spelling of some bytes: padded, and no stray bits at the end."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        message = f"{header} is not base64"
        raise _malformed(message) from error
    if not decoded or base64.b64encode(decoded).decode("ascii") != text:
        message = f"{header} is empty or not canonical base64"
        raise _malformed(message)
    return decoded


def _decode_chain(header: str | None) -> tuple[bytes, ...]:
    if header is None:
        return ()
    items = header.split(",")
    if len(items) > MAX_CHAIN:
        message = f"{len(items)} certificates in X-Amz-X509-Chain; {MAX_CHAIN} are allowed"
        raise SignatureRefused(Refused.CHAIN_TOO_LONG, message)
    return tuple(_decode(item, "X-Amz-X509-Chain") for item in items)


def _parse_leaf(der: bytes) -> tuple[CertificateFacts, PublicKeyTypes]:
    try:
        certificate = parse_der(der)
        facts, key = facts_of_certificate(certificate), certificate.public_key()
    except PARSE_ERRORS as error:
        message = f"X-Amz-X509: {error}"
        raise _malformed(message) from error
    if facts.version != _X509_V3:
        message = f"X-Amz-X509 is X.509 version {facts.version}; Roles Anywhere takes version 3"
        raise _malformed(message)
    return facts, key


def _require_leaf_fits(claim: Authorization, leaf: CertificateFacts, key: PublicKeyTypes) -> None:
    expected = algorithm_of(key)
    if claim.algorithm != expected:
        message = (
            f"algorithm {claim.algorithm}, but the certificate's {leaf.key_algorithm} key "
            f"takes {expected or 'none of AWS4-X509'}"
        )
        raise SignatureRefused(Refused.ALGORITHM_MISMATCH, message)
    if claim.serial != leaf.serial:
        message = f"Credential names serial {claim.serial}; the certificate's is {leaf.serial}"
        raise SignatureRefused(Refused.SERIAL_MISMATCH, message)


def _signed_at(timestamp: str) -> datetime:
    try:
        exact = timestamp if _TIMESTAMP.fullmatch(timestamp) else ""  # strptime forgives too much
        return datetime.strptime(exact, DATE_FORMAT).replace(tzinfo=UTC)
    except ValueError as error:
        message = "X-Amz-Date is not a moment like 20300102T030405Z"
        raise _malformed(message) from error


def _require_scope(claim: Authorization, expected: str) -> None:
    if claim.scope != expected:
        message = f"Credential's scope is {claim.scope}; expected {expected}"
        raise SignatureRefused(Refused.SCOPE_MISMATCH, message)


def _require_fresh(signed_at: datetime, now: datetime, skew: timedelta) -> None:
    if abs(now - signed_at) > skew:
        message = f"signed at {signed_at:%Y-%m-%dT%H:%M:%SZ}, more than {skew} away from now"
        raise SignatureRefused(Refused.STALE, message)
