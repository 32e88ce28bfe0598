"""A request as AWS4-X509 signs it: canonical query, headers, request and string to sign.

https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-sign-process.html
Pure text; keys and certificates are unknown here. Signing and verifying share this module, so
they cannot drift apart.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote_to_bytes

SERVICE: Final = "rolesanywhere"
TERMINATOR: Final = "aws4_request"
DATE_FORMAT: Final = "%Y%m%dT%H%M%SZ"  # X-Amz-Date, UTC
_SPACES: Final = re.compile(" +")


@dataclass(frozen=True, slots=True)
class WireRequest:
    """An HTTP request as on the wire: ``query`` is raw; headers keep their order and case."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def scope(date: str, region: str) -> str:
    """Write a credential scope; ``date`` is YYYYMMDD."""
    return f"{date}/{region}/{SERVICE}/{TERMINATOR}"


def header_value(value: str) -> str:
    """Trim a value and squeeze its runs of blanks. Blanks only: a tab is not a blank."""
    return _SPACES.sub(" ", value.strip(" "))


def query_pairs(query: str) -> list[str]:
    """Give a raw query's pairs, each rewritten in RFC 3986's own spelling, in their order.

    A ``+`` is a plus sign; only ``%20`` is a blank.
    """
    return [_pair(text) for text in query.split("&")] if query else []


def canonical_query(query: str) -> str:
    """Write a raw query's pairs in RFC 3986's own spelling, sorted by name, then value."""
    return "&".join(sorted(query_pairs(query), key=lambda pair: pair.split("=", 1)))


def string_to_sign(
    request: WireRequest,
    *,
    algorithm: str,
    signed_headers: Sequence[str],
    timestamp: str,
    credential_scope: str,
) -> bytes:
    """Give the bytes a signature covers.

    ``signed_headers`` are lower-case names, sorted, each carried exactly once by the request. The
    path is signed literally, base path included. Raises ``UnicodeEncodeError`` for a header value
    that HTTP cannot carry.
    """
    digest = hashlib.sha256(_canonical_request(request, signed_headers)).hexdigest()
    return f"{algorithm}\n{timestamp}\n{credential_scope}\n{digest}".encode("ascii")


def _canonical_request(request: WireRequest, signed_headers: Sequence[str]) -> bytes:
    values = {name.lower(): header_value(value) for name, value in request.headers}
    lines = (
        request.method,
        request.path or "/",
        canonical_query(request.query),
        *(f"{name}:{values[name]}" for name in signed_headers),
        "",
        ";".join(signed_headers),
        hashlib.sha256(request.body).hexdigest(),
    )
    return "\n".join(lines).encode("latin-1")  # header bytes above 127 stay what they were


def _pair(text: str) -> str:
    name, _, value = text.partition("=")
    return f"{_encode(name)}={_encode(value)}"


def _encode(text: str) -> str:
    return quote(unquote_to_bytes(text), safe="")  # quote leaves letters, digits and -_.~ alone
