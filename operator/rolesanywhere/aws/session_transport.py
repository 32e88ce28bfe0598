"""How CreateSession travels: TLS and one HTTP exchange, with the standard library alone.

Knows nothing of signatures nor of what an answer means.
"""

import http.client
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final

from rolesanywhere.api.conditions import Reason
from rolesanywhere.aws.dialing import dial
from rolesanywhere.aws.forward_proxy import Proxy, find_proxy
from rolesanywhere.aws.session_endpoint import Endpoint
from rolesanywhere.aws.tunnel import dial_through
from rolesanywhere.domain.trouble import Refusal, Trouble

_LARGEST_ANSWER: Final = 1 << 20  # bytes; a grant is about 2 kB
_YEAR_OF_NO_CLOCK: Final = 3000  # sums with later dates overflow


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. Its repr hides the body, which may hold credentials."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def date(self) -> datetime | None:
        """Give the other side's time when it answered, UTC-aware; None if it told none."""
        try:
            date = parsedate_to_datetime(self.headers.get("date", ""))
        except (ValueError, OverflowError):
            return None
        return date if date.tzinfo is not None and date.year < _YEAR_OF_NO_CLOCK else None

    def __repr__(self) -> str:
        """Show the status alone."""
        return f"Answer({self.status})"


def post(
    endpoint: Endpoint,
    target: str,
    headers: tuple[tuple[str, str], ...],
    body: bytes,
    *,
    environment: Mapping[str, str],
    timeout_seconds: float,
) -> Answer:
    """Send one POST with exactly these headers and Content-Length, and read the whole answer.

    HTTPS goes through HTTPS_PROXY unless NO_PROXY names the host; AWS_CA_BUNDLE replaces the
    system's certificate authorities. ``timeout_seconds`` bounds each wait on the socket. Raises
    ``Trouble`` (AWS_UNAVAILABLE) when there is no answer.
    """
    proxy = find_proxy(endpoint, environment)
    try:
        connection = _connection(endpoint, proxy, environment, timeout_seconds)
        try:
            connection.putrequest("POST", target, skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            text = answer.read(_LARGEST_ANSWER)
        finally:
            connection.close()
    except (OSError, UnicodeError, http.client.HTTPException) as error:  # UnicodeError: no DNS name
        because = str(error) or type(error).__name__
        through = "" if proxy is None else f" through the proxy {proxy.host}:{proxy.port}"
        message = f"no answer from {endpoint.scheme}://{endpoint.authority}{through}: {because}"
        raise Trouble(Reason.AWS_UNAVAILABLE, message) from error
    return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, text)


def _connection(
    endpoint: Endpoint,
    proxy: Proxy | None,
    environment: Mapping[str, str],
    timeout_seconds: float,
) -> http.client.HTTPConnection:
    to = endpoint.host, endpoint.port
    if endpoint.scheme == "http":
        connection = http.client.HTTPConnection(*to, timeout=timeout_seconds)
    else:
        context = _tls(environment.get("AWS_CA_BUNDLE") or None)
        connection = http.client.HTTPSConnection(*to, timeout=timeout_seconds, context=context)
    way = dial if proxy is None else _through(proxy)
    connection._create_connection = way  # type: ignore[attr-defined]  # noqa: SLF001 - no other way
    return connection


def _through(proxy: Proxy) -> Callable[..., socket.socket]:
    """Give what takes ``dial``'s place."""

    def way(address: tuple[str, int], timeout: float, _source: object = None) -> socket.socket:
        return dial_through(proxy, address, timeout)

    return way


@lru_cache(maxsize=4)
def _tls(bundle: str | None) -> ssl.SSLContext:
    """Load the trusted certificate authorities once: it takes tens of milliseconds."""
    try:
        context = ssl.create_default_context(cafile=bundle)
    except OSError as error:  # ssl.SSLError is one
        message = f"the CA bundle {bundle} that AWS_CA_BUNDLE names cannot be loaded: {error}"
        raise Refusal(Reason.INVALID_SPEC, message) from error
    # Python 3.13 sets it: the authorities of many companies lack what RFC 5280 asks of them, and
    # are accepted by Go's, Java's and JavaScript's SDKs
    context.verify_flags &= ~ssl.VerifyFlags.VERIFY_X509_STRICT
    context.hostname_checks_common_name = False  # nor do they take a common name for a host's
    return context
