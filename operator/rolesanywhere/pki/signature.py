"""The AWS4-X509 signature of a request: made here for CreateSession; ``verification`` checks it.

https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-sign-process.html
No sockets, no clock.
"""

import base64
from dataclasses import replace
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.trouble import Refusal
from rolesanywhere.pki.authorization import Authorization
from rolesanywhere.pki.canonical import DATE_FORMAT, WireRequest, scope, string_to_sign
from rolesanywhere.pki.certificates import (
    PARSE_ERRORS,
    is_self_signed,
    parse_pem,
    to_der,
)
from rolesanywhere.pki.keys import UnusableKey, load_private_key
from rolesanywhere.pki.pairs import is_pair
from rolesanywhere.pki.signing_algorithm import Algorithm, algorithm_of, sign_bytes


def sign(
    request: WireRequest,
    *,
    private_key: bytes,
    certificates: bytes,
    region: str,
    now: datetime,
) -> WireRequest:
    """Give the request with date, certificates and Authorization added; all headers are signed.

    ``private_key`` and ``certificates`` (leaf, then intermediates; a root is left out) are PEM.
    Headers a proxy may rewrite are to be added afterwards. Raises ``Refusal`` when key or
    certificate cannot be read or do not belong together.
    """
    key, leaf, intermediates = _load_pair(private_key, certificates)
    algorithm = _algorithm_for(leaf)
    timestamp = now.astimezone(UTC).strftime(DATE_FORMAT)
    added = [("X-Amz-Date", timestamp), ("X-Amz-X509", _encode(leaf))]
    if intermediates:
        added.append(("X-Amz-X509-Chain", ",".join(map(_encode, intermediates))))
    dated = replace(request, headers=(*request.headers, *added))
    claim = Authorization(
        algorithm=algorithm,
        serial=leaf.serial_number,
        scope=scope(timestamp[:8], region),
        signed_headers=tuple(sorted(name.lower() for name, _ in dated.headers)),
        signature=b"",
    )
    text = string_to_sign(
        dated,
        algorithm=claim.algorithm,
        signed_headers=claim.signed_headers,
        timestamp=timestamp,
        credential_scope=claim.scope,
    )
    signature = sign_bytes(key, text)
    header = ("Authorization", replace(claim, signature=signature).render())
    return replace(dated, headers=(*dated.headers, header))


def _load_pair(
    private_key: bytes, certificates: bytes
) -> tuple[PrivateKeyTypes, x509.Certificate, tuple[x509.Certificate, ...]]:
    """Load key, leaf and intermediates. Raises ``Refusal``."""
    try:
        key = load_private_key(private_key)
        leaf, *rest = parse_pem(certificates)
        same = is_pair(key, leaf)
        intermediates = tuple(each for each in rest if each != leaf and not is_self_signed(each))
    except (UnusableKey, *PARSE_ERRORS) as error:
        message = f"cannot sign: {error}"
        raise Refusal(Reason.SESSION_REFUSED, message) from error
    if not same:
        message = (
            f"cannot sign: the private key is not that of certificate {leaf.serial_number:x}; "
            "both must come from one issue"
        )
        raise Refusal(Reason.SESSION_REFUSED, message)
    return key, leaf, intermediates


def _algorithm_for(leaf: x509.Certificate) -> Algorithm:
    algorithm = algorithm_of(leaf.public_key())
    if algorithm is None:
        message = "cannot sign: Roles Anywhere takes RSA, EC and ML-DSA keys only"
        raise Refusal(Reason.SESSION_REFUSED, message)
    return algorithm


def _encode(certificate: x509.Certificate) -> str:
    return base64.b64encode(to_der(certificate)).decode("ascii")
