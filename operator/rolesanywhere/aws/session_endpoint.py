"""Where CreateSession is sent: the identity's own endpoint, the environment's, or AWS's. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.endpoints import roles_anywhere_host
from rolesanywhere.domain.trouble import Refusal

DEFAULT_PORTS: Final = {"http": 80, "https": 443}


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
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def find_endpoint(configured: str | None, region: str, environment: Mapping[str, str]) -> Endpoint:
    """Pick the endpoint: configured, else the SDKs' environment variables, else AWS's own.

    Raises ``Refusal`` for a URL, a region or a boolean that cannot be one.
    https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    """
    named = configured or _named(environment)
    if named:
        return _endpoint_of(named)
    host = roles_anywhere_host(
        region,
        fips=_flag("AWS_USE_FIPS_ENDPOINT", environment),
        dual_stack=_flag("AWS_USE_DUALSTACK_ENDPOINT", environment),
    )
    return Endpoint("https", host, DEFAULT_PORTS["https"], "")


def _named(environment: Mapping[str, str]) -> str | None:
    if _flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", environment):
        return None
    ours = environment.get("AWS_ENDPOINT_URL_ROLESANYWHERE")
    return ours or environment.get("AWS_ENDPOINT_URL")


def _flag(name: str, environment: Mapping[str, str]) -> bool:
    """Read a boolean. One that is misspelt is no "no": who wants FIPS must not go without."""
    text = environment.get(name, "").lower()
    if text not in ("true", "false", ""):
        message = f"{name} is {environment[name]!r}, neither true nor false"
        raise Refusal(Reason.INVALID_SPEC, message)
    return text == "true"


def _endpoint_of(url: str) -> Endpoint:
    parts, port = split(url)
    is_odd = parts.query or parts.username or not url.isascii()
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or is_odd:
        message = f"the endpoint {url!r} is not a URL such as https://rolesanywhere.example:8443"
        raise Refusal(Reason.INVALID_SPEC, message)
    path = parts.path.rstrip("/")
    return Endpoint(parts.scheme, parts.hostname, port or DEFAULT_PORTS[parts.scheme], path)


def split(url: str) -> tuple[SplitResult, int | None]:
    """Give a URL's parts and its port; of what is no URL, parts that are all empty."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # a port that is no number, brackets that do not close
        return urlsplit(""), None
    return parts, port
