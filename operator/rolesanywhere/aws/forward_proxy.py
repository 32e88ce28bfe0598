"""The forward proxy between us and AWS: HTTPS_PROXY, and what NO_PROXY exempts from it. No I/O."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from urllib.parse import unquote

from rolesanywhere.api.conditions import Reason
from rolesanywhere.aws.session_endpoint import DEFAULT_PORTS, Endpoint, split
from rolesanywhere.domain.addresses import is_loopback
from rolesanywhere.domain.trouble import Refusal


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where the proxy is, and the headers it is asked with, which may hold a password."""

    host: str
    port: int
    headers: Mapping[str, str]


def find_proxy(endpoint: Endpoint, environment: Mapping[str, str]) -> Proxy | None:
    """Give the proxy on the way to an endpoint; None where the way is direct.

    Raises ``Refusal`` for a URL that cannot be a proxy's; its words do not quote the URL.
    """
    url = environment.get("HTTPS_PROXY") or environment.get("https_proxy")
    exempt = environment.get("NO_PROXY") or environment.get("no_proxy") or ""
    if not url or endpoint.scheme == "http" or _is_exempt(endpoint, exempt):
        return None
    parts, port = split(url if "://" in url else f"http://{url}")
    if parts.scheme != "http" or not parts.hostname:
        message = (
            "HTTPS_PROXY must be a URL such as http://proxy.example:3128; neither TLS to the "
            "proxy (https://) nor SOCKS is spoken"
        )
        raise Refusal(Reason.INVALID_SPEC, message)
    headers = {}
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Proxy-Authorization"] = (
            f"Basic {b64encode(pair.encode(errors='surrogateescape')).decode()}"
        )
    return Proxy(parts.hostname, port or DEFAULT_PORTS["http"], headers)


def _is_exempt(endpoint: Endpoint, exempt: str) -> bool:
    """Tell whether NO_PROXY names where we go, as Go reads it; this machine always is.

    ``*``; names, which cover their subdomains too; names with a dot or ``*.`` before them, which
    cover these alone; addresses and networks (10.0.0.0/8); each of them alone or with a port.
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
        name = entry.removeprefix("*") if entry.startswith("*.") else entry
        return endpoint.host == name or endpoint.host.endswith(f".{name.removeprefix('.')}")
