"""The document between exchange and server."""

import pytest

from rolesanywhere.agent.report import Failure, Grant, read, write_failure, write_grant

CREDENTIALS = {
    "AccessKeyId": "ASIA1",
    "SecretAccessKey": "s3cr3t",
    "Token": "t0k3n",
    "Expiration": "2026-11-24T13:00:00Z",
}
ROLE = "arn:aws:sts::1:assumed-role/reader/session"


def grant(credentials: dict[str, str] | None = None, arn: str = ROLE, **more: float) -> bytes:
    return write_grant(
        credentials or CREDENTIALS,
        arn,
        role_name="reader",
        seconds_left=60.5,
        wall_until=1e9,
        **more,
    )


def test_a_grant_arrives_ready_to_serve() -> None:
    """Its end is counted from when it came, by the server's clock."""
    said = read(grant(skew_seconds=-3.0, certificate_end=9.0), clock=1000.0)
    assert said == Grant(
        access_key_id="ASIA1",
        secret_access_key="s3cr3t",
        token="t0k3n",
        expiration="2026-11-24T13:00:00Z",
        until=1060.5,
        assumed_role_arn=ROLE,
        role_name="reader",
        skew_seconds=-3.0,
        certificate_end=9.0,
        wall_until=1e9,
    )


@pytest.mark.parametrize(("seconds", "sooner"), [(0, 0), (60, 60), (90, 60)])
def test_a_grant_may_be_over_sooner_by_the_wall_clock(seconds: float, sooner: float) -> None:
    """But never before the end that AWS gave it: that is one o'clock, and this clock fast."""
    said = read(grant(), clock=0.0)
    assert isinstance(said, Grant)
    one_o_clock = 1_795_525_200.0
    fast = said._replace(wall_until=one_o_clock + 60)
    assert fast.sooner(seconds) == said._replace(wall_until=one_o_clock + 60 - sooner)


def test_a_grant_does_not_show_its_secrets() -> None:
    """Its repr may land in a log."""
    shown = repr(read(grant(), clock=0.0))
    assert shown == f"Grant({ROLE}, until 2026-11-24T13:00:00Z)"


@pytest.mark.parametrize("after", [None, 17.0])
def test_a_failure_arrives_whole(after: float | None) -> None:
    """Reason, words, kind, Retry-After and the role survive the pipe."""
    failure = Failure("Throttled", "AWS throttled", refused=False, retry_after=after)
    assert read(write_failure(failure), clock=0.0) == failure
    failure = failure._replace(refused=True, role_name="reader")
    assert read(write_failure(failure), clock=0.0) == failure


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"Traceback (most recent call last)",
        b"[]",
        b"{}",
        b'"credentials"',
        b'{"credentials": {}}',
        b'\xff{"credentials": {}}',
        grant({**CREDENTIALS, "Token": ""}),
        grant().replace(b"60.5", b'"s3cr3t"'),
        grant().replace(b"60.5", b"null"),
    ],
)
def test_anything_else_is_refused_without_quoting_it(text: bytes) -> None:
    """What came over the pipe may be a secret: the error repeats none of it."""
    with pytest.raises(ValueError, match=r"^not a report$") as caught:
        read(text, clock=0.0)
    assert caught.value.__cause__ is None
