"""A signature that does not stand, in the words of each protocol: one table.

https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html and
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

from rolesanywhere.emulator.errors import AwsError
from rolesanywhere.emulator.http.wire import Protocol, protocol_of


class Refusal(Enum):
    """Why."""

    UNSIGNED = auto()
    INCOMPLETE = auto()
    UNKNOWN_KEY = auto()
    TOKEN = auto()
    SIGNATURE = auto()
    PAYLOAD = auto()
    STALE = auto()
    EXPIRED = auto()
    URL_EXPIRED = auto()


_Words = tuple[int, str, str]
_MISMATCH: Final = (
    "The request signature we calculated does not match the signature you provided. Check your "
    "AWS Secret Access Key and signing method. Consult the service documentation for details."
)
_INVALID_TOKEN: Final = "The security token included in the request is invalid."  # noqa: S105 - words
_EXPIRED_TOKEN: Final = "The security token included in the request is expired"  # noqa: S105 - words
_QUERY: Final[Mapping[Refusal, _Words]] = {
    Refusal.UNSIGNED: (
        403,
        "MissingAuthenticationToken",
        "Request is missing Authentication Token",
    ),
    Refusal.INCOMPLETE: (400, "IncompleteSignature", ""),
    Refusal.UNKNOWN_KEY: (403, "InvalidClientTokenId", _INVALID_TOKEN),
    Refusal.TOKEN: (403, "InvalidClientTokenId", _INVALID_TOKEN),
    Refusal.SIGNATURE: (403, "SignatureDoesNotMatch", _MISMATCH),
    Refusal.PAYLOAD: (403, "SignatureDoesNotMatch", _MISMATCH),
    Refusal.STALE: (403, "SignatureDoesNotMatch", "Signature expired."),
    Refusal.EXPIRED: (403, "ExpiredToken", _EXPIRED_TOKEN),
    Refusal.URL_EXPIRED: (403, "RequestExpired", "Request has expired."),
}
_EC2: Final[Mapping[Refusal, _Words]] = {
    **_QUERY,
    **dict.fromkeys(
        (Refusal.UNKNOWN_KEY, Refusal.TOKEN, Refusal.SIGNATURE, Refusal.PAYLOAD, Refusal.STALE),
        (
            401,
            "AuthFailure",
            "AWS was not able to validate the provided access credentials",
        ),
    ),
    Refusal.UNSIGNED: (
        403,
        "MissingAuthenticationToken",
        "The request must contain a valid (registered) AWS access key ID.",
    ),
    Refusal.EXPIRED: (400, "RequestExpired", "Request has expired."),
}
_S3: Final[Mapping[Refusal, _Words]] = {
    Refusal.UNSIGNED: (403, "AccessDenied", "Access Denied"),
    Refusal.INCOMPLETE: (400, "AuthorizationHeaderMalformed", ""),
    Refusal.UNKNOWN_KEY: (
        403,
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.",
    ),
    Refusal.TOKEN: (
        400,
        "InvalidToken",
        "The provided token is malformed or otherwise invalid.",
    ),
    Refusal.SIGNATURE: (403, "SignatureDoesNotMatch", _MISMATCH),
    Refusal.PAYLOAD: (
        400,
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
    ),
    Refusal.STALE: (
        403,
        "RequestTimeTooSkewed",
        "The difference between the request time and the current time is too large.",
    ),
    Refusal.EXPIRED: (400, "ExpiredToken", "The provided token has expired."),
    Refusal.URL_EXPIRED: (403, "AccessDenied", "Request has expired"),
}
_JSON: Final[Mapping[Refusal, _Words]] = {
    Refusal.UNSIGNED: (403, "MissingAuthenticationTokenException", "Missing Authentication Token"),
    Refusal.INCOMPLETE: (403, "IncompleteSignatureException", ""),
    Refusal.UNKNOWN_KEY: (403, "UnrecognizedClientException", _INVALID_TOKEN),
    Refusal.TOKEN: (403, "UnrecognizedClientException", _INVALID_TOKEN),
    Refusal.SIGNATURE: (403, "InvalidSignatureException", _MISMATCH),
    Refusal.PAYLOAD: (403, "InvalidSignatureException", _MISMATCH),
    Refusal.STALE: (403, "InvalidSignatureException", "Signature expired."),
    Refusal.EXPIRED: (403, "ExpiredTokenException", f"{_EXPIRED_TOKEN}."),
    Refusal.URL_EXPIRED: (403, "InvalidSignatureException", "Signature expired."),
}
_TABLES: Final[Mapping[Protocol, Mapping[Refusal, _Words]]] = {
    Protocol.QUERY: _QUERY,
    Protocol.EC2: _EC2,
    Protocol.S3: _S3,
    Protocol.REST_JSON: _JSON,
    Protocol.JSON_1_1: _JSON,
}


def refuse(refusal: Refusal, service: str, because: str | None = None) -> AwsError:
    """Give the error a service answers. An incomplete signature is told what is wrong with it."""
    status, code, words = _TABLES[protocol_of(service)][refusal]
    if protocol_of(service) is Protocol.JSON_1_1:
        status = 400  # AWS JSON 1.1 has no other status for a caller's mistake
    return AwsError(code, words or because or code, status=status, because=because)
