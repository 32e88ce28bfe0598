"""The document between exchange and server."""

import json
from datetime import UTC, datetime

import pytest

from rolesanywhere.agent.report import Failure, Grant, read, write_failure, write_grant

CREDENTIALS = {
    "AccessKeyId": "ASIA1",
    "SecretAccessKey": "s3cr3t",
    "Token": "t0k3n",
    "Expiration": "2026-11-24T13:00:00Z",
}


def test_a_grant_arrives_ready_to_serve() -> None:
    """The body is what SDKs read, and nothing else."""
    said = read(write_grant(CREDENTIALS, "arn:role"))
    assert isinstance(said, Grant)
    assert json.loads(said.body) == CREDENTIALS
    assert said.expiration == datetime(2026, 11, 24, 13, tzinfo=UTC)


def test_a_grant_does_not_show_its_secrets() -> None:
    """Its repr may land in a log."""
    shown = repr(read(write_grant(CREDENTIALS, "arn:role")))
    assert shown == "Grant(arn:role, until 2026-11-24T13:00:00+00:00)"


@pytest.mark.parametrize("after", [None, 17.0])
def test_a_failure_arrives_whole(after: float | None) -> None:
    """Reason, words, kind and Retry-After survive the pipe."""
    failure = Failure("Throttled", "AWS throttled", refused=False, retry_after=after)
    assert read(write_failure(failure)) == failure


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
        write_grant({**CREDENTIALS, "Token": ""}, "arn"),
        write_grant({**CREDENTIALS, "Expiration": "2026-11-24T13:00:00"}, "arn"),
        write_grant({**CREDENTIALS, "Expiration": "s3cr3t"}, "arn"),
    ],
)
def test_anything_else_is_refused_without_quoting_it(text: bytes) -> None:
    """What came over the pipe may be a secret: the error repeats none of it."""
    with pytest.raises(ValueError, match=r"^not a report$") as caught:
        read(text)
    assert caught.value.__cause__ is None
