"""What the agent's processes are told at their start."""

import json

import pytest

from rolesanywhere.agent.launch import exchange_environment, write_task


@pytest.mark.parametrize(
    "name",
    [
        "AWS_CA_BUNDLE",
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_ROLESANYWHERE",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_USE_FIPS_ENDPOINT",
        "HTTPS_PROXY",
        "NO_PROXY",
        "https_proxy",
        "no_proxy",
    ],
)
def test_the_way_to_aws_is_told_with_the_task(name: str) -> None:
    """Where nobody else can read it: a proxy's URL may hold a password."""
    environment = {name: "this way", "DATABASE_PASSWORD": "s3cr3t"}
    assert json.loads(write_task({"folder": "/x"}, environment)) == {
        "folder": "/x",
        "network": {name: "this way"},
    }
    assert exchange_environment(environment) == {}
