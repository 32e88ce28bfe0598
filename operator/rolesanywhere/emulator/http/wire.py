"""How an error looks: REST-JSON, JSON 1.1, Query, EC2 and S3 each have their own shape.

https://docs.aws.amazon.com/general/latest/gr and the protocols of https://smithy.io/2.0/aws
"""

import json
import secrets
from collections.abc import Mapping
from enum import Enum, auto
from typing import Any, Final
from xml.sax.saxutils import escape

from rolesanywhere.emulator.errors import AwsError
from rolesanywhere.emulator.http.message import Response

JSON: Final = "application/json"
JSON_1_1: Final = "application/x-amz-json-1.1"
_XML: Final = "text/xml"
_QUERY_NAMESPACES: Final = {
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
}


class Protocol(Enum):
    """The wire protocols of the services behind the port."""

    REST_JSON = auto()
    JSON_1_1 = auto()
    QUERY = auto()
    EC2 = auto()
    S3 = auto()


def protocol_of(service: str) -> Protocol:
    """Give the protocol a service (by its signing name) speaks; of others than ours, Query."""
    known = {
        "rolesanywhere": Protocol.REST_JSON,
        "acm-pca": Protocol.JSON_1_1,
        "ec2": Protocol.EC2,
        "s3": Protocol.S3,
    }
    return known.get(service, Protocol.QUERY)


def json_answer(status: int, body: Mapping[str, Any], content_type: str = JSON) -> Response:
    """Answer a JSON document."""
    headers = (("Content-Type", content_type), ("x-amzn-RequestId", request_id()))
    return Response(status, json.dumps(body).encode(), headers)


def error_answer(error: AwsError, service: str) -> Response:
    """Answer an error in the shape of the service's protocol; ``because`` stays here."""
    protocol = protocol_of(service)
    if protocol in {Protocol.REST_JSON, Protocol.JSON_1_1}:
        return _json_error(error, protocol)
    identifier = request_id()
    document = _XML_ERRORS[protocol].format(
        code=escape(error.code),
        message=escape(error.message),
        request_id=identifier,
        namespace=_QUERY_NAMESPACES.get(service, ""),
        type="Receiver" if error.status >= _SERVER_ERROR else "Sender",
    )
    content_type = "application/xml" if protocol is Protocol.S3 else _XML
    headers = (("Content-Type", content_type), (_REQUEST_ID_HEADERS[protocol], identifier))
    return Response(error.status, document.encode(), headers)


def unreadable(status: int, message: str) -> Response:
    """Answer what is no HTTP request, or one the port does not take."""
    return _json_error(AwsError("BadRequest", message, status=status), Protocol.REST_JSON)


def request_id() -> str:
    """Make an id in the form of a UUID."""
    digits = secrets.token_hex(16)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


_SERVER_ERROR: Final = 500
_REQUEST_ID_HEADERS: Final = {
    Protocol.QUERY: "x-amzn-RequestId",
    Protocol.EC2: "x-amzn-RequestId",
    Protocol.S3: "x-amz-request-id",
}
_XML_ERRORS: Final = {
    Protocol.QUERY: (
        '<ErrorResponse xmlns="{namespace}"><Error><Type>{type}</Type><Code>{code}</Code>'
        "<Message>{message}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    ),
    Protocol.EC2: (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>{code}</Code>'
        "<Message>{message}</Message></Error></Errors><RequestID>{request_id}</RequestID></Response>"
    ),
    Protocol.S3: (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
        "<Message>{message}</Message><RequestId>{request_id}</RequestId></Error>"
    ),
}


def _json_error(error: AwsError, protocol: Protocol) -> Response:
    rest = protocol is Protocol.REST_JSON
    body = {"message": error.message} if rest else {"__type": error.code, "message": error.message}
    answer = json_answer(error.status, body, JSON if rest else JSON_1_1)
    return Response(answer.status, answer.body, (*answer.headers, ("X-Amzn-ErrorType", error.code)))
