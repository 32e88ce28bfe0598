"""The second port: probes and numbers."""

import re

import pytest
from tests.flow.agent_fixtures import Start, has_credentials, wait_for
from tests.flow.scripted_aws import ScriptedAws, granted, refused

ADMIN = ("--admin-listen", "127.0.0.1:0")
SAMPLE = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+')


def test_alive_before_ready(start: Start, aws: ScriptedAws) -> None:
    """An agent without credentials is not to be restarted, and not to be relied on."""
    aws.then(refused(503, "ServiceUnavailable", "later"), granted())
    agent = start(*ADMIN)
    assert agent.admin("/healthz").status == 200
    assert agent.admin("/readyz").status == 503
    wait_for(lambda: agent.admin("/readyz").status == 200)
    assert agent.ask().status == 200


def test_numbers_are_what_happened(start: Start, aws: ScriptedAws) -> None:
    """Expiry, refreshes, failures by reason, requests by status."""
    aws.then(refused(503, "ServiceUnavailable", "later"), granted())
    agent = start(*ADMIN)
    agent.until(has_credentials)
    agent.ask(token="wrong")
    numbers = agent.metrics()
    assert numbers['refreshes_total{identity="orders"}'] == 1
    assert numbers['refresh_failures_total{identity="orders",reason="AWSUnavailable"}'] == 1
    assert numbers['requests_total{endpoint="credentials",code="403"}'] == 1
    assert numbers['requests_total{endpoint="credentials",code="200"}'] >= 1
    assert numbers['open_connections{endpoint="admin"}'] == 1
    assert abs(numbers['clock_skew_seconds{identity="orders"}']) < 5
    left = (
        numbers['certificate_expiration_timestamp_seconds{identity="orders"}']
        - numbers['credentials_expiration_timestamp_seconds{identity="orders"}']
    )
    assert left == pytest.approx(7 * 24 * 3600 - 3600, abs=10)


def test_every_line_is_prometheus_text(start: Start) -> None:
    """With help and type in front of each metric, and no secret."""
    agent = start(*ADMIN, "--imds-listen", "127.0.0.1:0")
    agent.until(has_credentials)
    reply = agent.admin("/metrics")
    assert reply.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = reply.body.decode().splitlines()
    assert all(line.startswith("# ") or SAMPLE.fullmatch(line) for line in lines)
    names = {line.split(" ")[0].split("{")[0] for line in lines if not line.startswith("#")}
    assert names == {line.split(" ")[2] for line in lines if line.startswith("# TYPE")}
    assert b"ASIA" not in reply.body
    assert agent.token_file.read_bytes() not in reply.body


def test_nothing_else_is_there(start: Start) -> None:
    """Least of all credentials."""
    agent = start(*ADMIN)
    agent.until(has_credentials)
    for method, path, status in (
        ("HEAD", "/readyz", 200),
        ("POST", "/healthz", 405),
        ("GET", "/v1/credentials", 404),
    ):
        url = agent.environment["ROLESANYWHERE_ADMIN_URL"] + path
        assert agent.send(url, method).status == status
