"""What the exchange says: a report for the server, and nothing on standard error."""

from base64 import encodebytes
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from tests.flow.agent_fixtures import Start, has_credentials
from tests.flow.agent_process import MountedSecret
from tests.flow.relays import TODAY
from tests.flow.scripted_aws import Behaviour, ScriptedAws, refused
from tests.unit.pki.making import make

from rolesanywhere.agent.exchange import exchange
from rolesanywhere.agent.launch import write_task
from rolesanywhere.agent.report import Failure, read
from rolesanywhere.api.agent_configuration import AgentConfiguration
from rolesanywhere.api.conditions import Reason
from rolesanywhere.aws.session_answer import Session
from rolesanywhere.domain.trouble import Trouble

SERIAL = bytes.fromhex("a003020102 0201")  # version 3, and an integer of one byte: the serial


def failure_of(secret: MountedSecret) -> Failure:
    """Run one exchange here; gives what its report says."""
    task = write_task({"folder": str(secret.root)}, {})
    said = read(exchange(task, now=partial(datetime.now, UTC)), clock=0.0)
    assert isinstance(said, Failure)
    return said


@pytest.mark.parametrize(
    ("behaviour", "reason", "is_refused", "retry_after"),
    [
        (refused(403, "AccessDeniedException", "no"), "SessionRefused", True, None),
        (refused(400, "UnheardOfException", "no"), "AWSRefused", True, None),
        (refused(429, "TooMany", "slow", {"Retry-After": "17"}), "Throttled", False, 17.0),
        (refused(503, "Unavailable", "later", {"Retry-After": "3"}), "AWSUnavailable", False, 3.0),
        (refused(503, "Unavailable", "later"), "AWSUnavailable", False, None),
        (refused(400, "RequestTimeout", "late"), "AWSUnavailable", False, None),
        (refused(408, "RequestTimeoutException", "late"), "AWSUnavailable", False, None),
    ],
)
def test_what_aws_said_reaches_the_report(
    aws: ScriptedAws,
    secret: MountedSecret,
    behaviour: Behaviour,
    reason: str,
    *,
    is_refused: bool,
    retry_after: float | None,
) -> None:
    """The server decides by it when to ask again."""
    aws.then(behaviour)
    said = failure_of(secret)
    assert (said.reason, said.refused, said.retry_after) == (reason, is_refused, retry_after)


@pytest.mark.parametrize(
    ("files", "reason", "is_refused"),
    [
        ({"agent_json": b"{}"}, "InvalidSpec", True),
        ({"tls_key": b""}, "Pending", False),
    ],
)
def test_what_cannot_be_asked_reaches_the_report(
    aws: ScriptedAws,
    secret: MountedSecret,
    files: dict[str, bytes],
    reason: str,
    *,
    is_refused: bool,
) -> None:
    """A pair that does not fit may be about to; a configuration is as somebody wrote it."""
    secret.rotate(**files)
    said = failure_of(secret)
    assert (said.reason, said.refused, aws.requests) == (reason, is_refused, [])


@pytest.mark.parametrize(
    ("seconds", "times"), [(0, 1), (235, 1), (-235, 1), (245, 2), (-245, 2), (-600, 2)]
)
def test_a_refusal_is_doubted_when_the_clock_is_minutes_off(
    aws: ScriptedAws, secret: MountedSecret, seconds: int, times: int
) -> None:
    """AWS allows five, here it is four; with fewer, AWS's time would make no difference."""
    aws.ahead = timedelta(seconds=seconds)
    aws.then(refused(403, "AccessDeniedException", "no"))
    assert failure_of(secret).reason == "SessionRefused"
    assert len(aws.requests) == times


def test_each_wait_for_aws_has_its_end(
    secret: MountedSecret, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After eight seconds: three of them fit into the 25 that the server gives an exchange."""
    waits: list[float] = []

    def ask(_: AgentConfiguration, *, timeout_seconds: float, **_others: object) -> Session:
        waits.append(timeout_seconds)
        raise Trouble(Reason.AWS_UNAVAILABLE, "no answer")

    monkeypatch.setattr("rolesanywhere.agent.exchange.create_session", ask)
    assert failure_of(secret).message == "no answer"
    assert waits == [8.0]


@pytest.mark.parametrize("serial", [b"\x00", b"\xff"], ids=["zero", "minus one"])
def test_what_a_library_warns_of_is_no_line_of_the_log(
    start: Start, secret: MountedSecret, serial: bytes
) -> None:
    """Such serials are not allowed, and are met: each exchange would say so in a few lines."""
    made = make("CN=orders", serial=7, **TODAY)
    der = made.der.replace(SERIAL + b"\x07", SERIAL + serial)
    pem = b"-----BEGIN CERTIFICATE-----\n%b-----END CERTIFICATE-----\n" % encodebytes(der)
    secret.rotate(tls_key=made.key_pem, tls_crt=pem)
    agent = start()
    agent.until(has_credentials)
    assert [line["event"] for line in agent.log] == ["credentials-refreshed"]


def test_what_nobody_expected_is_one_line_of_the_log(start: Start, secret: MountedSecret) -> None:
    """As of a file that goes deeper than its reader: where it happened, and no traceback."""
    secret.rotate(agent_json=b'{"x":' + b"[" * 100_000)
    agent = start()
    reply = agent.ask()
    assert reply.json["Code"] == "InternalError"
    (line,) = agent.log
    assert (line["event"], line["reason"]) == ("refresh-failed", "InternalError")
    assert line["message"].startswith("unexpected RecursionError: in agent/exchange.py, line ")
