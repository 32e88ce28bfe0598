"""How CreateSession travels: endpoint, TLS, proxy and one HTTP exchange, standard library alone.

Knows nothing of signatures nor of what an answer means.
"""

import http.client
import ssl
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.addresses import is_loopback
from rolesanywhere.domain.endpoints import roles_anywhere_host
from rolesanywhere.domain.trouble import Refusal, Trouble

_LARGEST_ANSWER: Final = 1 << 20  # bytes; a grant is about 2 kB
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_YEAR_OF_NO_CLOCK: Final = 3000  # sums with later dates overflow


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to connect. ``path`` is the base path, without a slash at its end."""

    scheme: str  # "http" or "https"
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Give the Host header, which is signed: with the port unless it is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


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


def find_endpoint(configured: str | None, region: str, environment: Mapping[str, str]) -> Endpoint:
    """Pick the endpoint: configured, else the SDKs' environment variables, else AWS's own.

    Raises ``Refusal`` for a URL or a region that cannot be one.
    """
    named = (
        configured
        or environment.get("AWS_ENDPOINT_URL_ROLESANYWHERE")
        or environment.get("AWS_ENDPOINT_URL")
    )
    if named:
        return _endpoint_of(named)
    host = roles_anywhere_host(
        region,
        fips=environment.get("AWS_USE_FIPS_ENDPOINT", "").lower() == "true",
        dual_stack=environment.get("AWS_USE_DUALSTACK_ENDPOINT", "").lower() == "true",
    )
    return Endpoint("https", host, _DEFAULT_PORTS["https"], "")


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
    proxy = _proxy(endpoint, environment)
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


def _endpoint_of(url: str) -> Endpoint:
    parts, port = _split(url)
    is_odd = parts.query or parts.username or not url.isascii()
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or is_odd:
        message = f"the endpoint {url!r} is not a URL such as https://rolesanywhere.example:8443"
        raise Refusal(Reason.INVALID_SPEC, message)
    path = parts.path.rstrip("/")
    return Endpoint(parts.scheme, parts.hostname, port or _DEFAULT_PORTS[parts.scheme], path)


def _split(url: str) -> tuple[SplitResult, int | None]:
    """Give a URL's parts and its port; of what is no URL, parts that are all empty."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # a port that is no number, brackets that do not close
        return urlsplit(""), None
    return parts, port


def _connection(
    endpoint: Endpoint,
    proxy: "_Proxy | None",
    environment: Mapping[str, str],
    timeout_seconds: float,
) -> http.client.HTTPConnection:
    if endpoint.scheme == "http":
        return http.client.HTTPConnection(endpoint.host, endpoint.port, timeout=timeout_seconds)
    context = _tls(environment.get("AWS_CA_BUNDLE") or None)
    if proxy is None:
        return http.client.HTTPSConnection(
            endpoint.host, endpoint.port, timeout=timeout_seconds, context=context
        )
    tunnel = http.client.HTTPSConnection(
        proxy.host, proxy.port, timeout=timeout_seconds, context=context
    )
    tunnel.set_tunnel(endpoint.host, endpoint.port, headers=proxy.headers)
    return tunnel


@lru_cache(maxsize=4)
def _tls(bundle: str | None) -> ssl.SSLContext:
    """Load the trusted certificate authorities once: it takes tens of milliseconds."""
    try:
        return ssl.create_default_context(cafile=bundle)
    except OSError as error:  # ssl.SSLError is one
        message = f"the CA bundle {bundle} that AWS_CA_BUNDLE names cannot be loaded: {error}"
        raise Refusal(Reason.INVALID_SPEC, message) from error


@dataclass(frozen=True, slots=True)
class _Proxy:
    host: str
    port: int
    headers: Mapping[str, str]


def _proxy(endpoint: Endpoint, environment: Mapping[str, str]) -> _Proxy | None:
    url = environment.get("HTTPS_PROXY") or environment.get("https_proxy")
    exempt = environment.get("NO_PROXY") or environment.get("no_proxy") or ""
    if not url or endpoint.scheme == "http" or _is_exempt(endpoint, exempt):
        return None
    parts, port = _split(url if "://" in url else f"http://{url}")
    if parts.scheme != "http" or not parts.hostname:
        message = "HTTPS_PROXY must be a URL such as http://proxy.example:3128"
        raise Refusal(Reason.INVALID_SPEC, message)
    headers = {}
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Proxy-Authorization"] = (
            f"Basic {b64encode(pair.encode(errors='surrogateescape')).decode()}"
        )
    return _Proxy(parts.hostname, port or _DEFAULT_PORTS["http"], headers)


def _is_exempt(endpoint: Endpoint, exempt: str) -> bool:
    """Tell whether NO_PROXY names where we go, as Go and curl read it; this machine always is.

    ``*``; names, with a dot or ``*.`` before them or without, which cover their subdomains too;
    addresses and networks (10.0.0.0/8); each of them alone or with a port.
    https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
    """
    entries = (entry.strip().lower() for entry in exempt.split(","))
    is_here = endpoint.host == "localhost" or is_loopback(endpoint.host)
    return is_here or any(_covers(entry, endpoint) for entry in entries if entry)


def _covers(entry: str, endpoint: Endpoint) -> bool:
    name, colon, port = entry.rpartition(":")
    if colon and port.isdecimal() and (":" not in name or name.endswith("]")):
        return int(port) == endpoint.port and _covers(name, endpoint)
    if entry == "*":
        return True
    try:
        return ip_address(endpoint.host) in ip_network(entry.strip("[]"), strict=False)
    except ValueError:  # one of the two is a name
        return f".{endpoint.host}".endswith(f".{entry.removeprefix('*').removeprefix('.')}")
