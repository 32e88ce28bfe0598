"""Where CreateSession is sent: the identity's word, the environment's, AWS's own."""

from functools import cache
from typing import Any

import pytest
from botocore.endpoint_provider import EndpointProvider
from botocore.session import Session

from rolesanywhere.aws.session_endpoint import Endpoint, find_endpoint
from rolesanywhere.domain.trouble import Refusal

FIPS, DUAL = "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"
REGIONS = [
    *("eu-west-1", "us-east-2", "ap-northeast-1", "me-central-1", "us-gov-west-1"),
    *("cn-north-1", "eusc-de-east-1", "us-iso-east-1", "us-isob-east-1"),
]
VARIANTS = [{}, {FIPS: "true"}, {DUAL: "true"}, {FIPS: "true", DUAL: "TRUE"}]


@cache
def provider() -> Any:  # noqa: ANN401 - botocore ships no types
    loader: Any = Session().get_component("data_loader")
    rules = loader.load_service_model("rolesanywhere", "endpoint-rule-set-1")
    return EndpointProvider(rules, loader.load_data("partitions"))


def by_botocore(region: str, environment: dict[str, str]) -> str:
    """Give the URL that botocore's rules have for the same wish."""
    endpoint = provider().resolve_endpoint(
        Region=region, UseFIPS=FIPS in environment, UseDualStack=DUAL in environment
    )
    url: str = endpoint.url
    return url


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("environment", VARIANTS)
def test_awss_own_is_where_botocore_has_it(region: str, environment: dict[str, str]) -> None:
    """In every partition, plain, FIPS, dual-stack and both."""
    endpoint = find_endpoint(None, region, environment)
    assert f"{endpoint.scheme}://{endpoint.authority}" == by_botocore(region, environment)


@pytest.mark.parametrize(
    ("configured", "environment", "host"),
    [
        ("https://mine.example", {"AWS_ENDPOINT_URL": "https://all.example"}, "mine.example"),
        (
            None,
            {
                "AWS_ENDPOINT_URL_ROLESANYWHERE": "https://ours.example",
                "AWS_ENDPOINT_URL": "https://all.example",
            },
            "ours.example",
        ),
        (None, {"AWS_ENDPOINT_URL": "https://all.example", FIPS: "true"}, "all.example"),
        (None, {"AWS_ENDPOINT_URL": ""}, "rolesanywhere.eu-west-1.amazonaws.com"),
        (None, {FIPS: "false"}, "rolesanywhere.eu-west-1.amazonaws.com"),
    ],
)
def test_the_nearer_word_wins(
    configured: str | None, environment: dict[str, str], host: str
) -> None:
    """Identity, then the service's variable, then everybody's, then AWS."""
    assert find_endpoint(configured, "eu-west-1", environment).host == host


@pytest.mark.parametrize(
    ("url", "endpoint", "authority"),
    [
        ("https://a.example", Endpoint("https", "a.example", 443, ""), "a.example"),
        ("https://a.example:8443/x/", Endpoint("https", "a.example", 8443, "/x"), "a.example:8443"),
        ("http://127.0.0.1:80", Endpoint("http", "127.0.0.1", 80, ""), "127.0.0.1"),
        ("http://[::1]:4599", Endpoint("http", "::1", 4599, ""), "[::1]:4599"),
    ],
)
def test_a_url_becomes_an_endpoint(url: str, endpoint: Endpoint, authority: str) -> None:
    """The Host header, which is signed, has the port unless it is the scheme's own."""
    found = find_endpoint(url, "eu-west-1", {})
    assert (found, found.authority) == (endpoint, authority)


@pytest.mark.parametrize("region", ["", "EU-WEST-1", "eu-west-1.evil.example/", "eu west 1"])
def test_what_is_no_region_is_refused(region: str) -> None:
    """It would become a part of a host name."""
    with pytest.raises(Refusal, match="is not an AWS region"):
        find_endpoint(None, region, {})


@pytest.mark.parametrize(
    ("ignore", "host"),
    [("true", "rolesanywhere.eu-west-1.amazonaws.com"), ("false", "all.example")],
)
def test_configured_urls_may_be_ignored(ignore: str, host: str) -> None:
    """As in every SDK; what an identity itself says still counts."""
    environment = {
        "AWS_ENDPOINT_URL": "https://all.example",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": ignore,
    }
    assert find_endpoint(None, "eu-west-1", environment).host == host
    assert find_endpoint("https://mine.example", "eu-west-1", environment).host == "mine.example"


@pytest.mark.parametrize("name", [FIPS, DUAL, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"])
@pytest.mark.parametrize("text", ["1", "yes", "tru"])
def test_a_misspelt_boolean_is_no_silent_no(name: str, text: str) -> None:
    """Whoever wants FIPS does not go without for want of a letter."""
    with pytest.raises(Refusal, match=f"{name} is '{text}', neither true nor false"):
        find_endpoint(None, "eu-west-1", {name: text})
