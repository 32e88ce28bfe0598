"""The CreateSession client against a real HTTP server: what it sends, what it makes of answers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest
from tests.flow.agent_process import agent_json, key_and_certificate
from tests.flow.scripted_aws import (
    ROLE_ARN,
    Behaviour,
    ScriptedAws,
    granted_when_fresh,
    hang,
    raw,
    refused,
    reset,
)

from rolesanywhere.api.agent_configuration import AgentConfiguration
from rolesanywhere.api.conditions import Reason
from rolesanywhere.aws.create_session import create_session
from rolesanywhere.aws.session_answer import Session
from rolesanywhere.aws.sessions import SessionsClient
from rolesanywhere.domain.session import SessionRequest
from rolesanywhere.domain.trouble import Refusal, Trouble

KEY, CERTIFICATE = key_and_certificate()
NOW = partial(datetime.now, UTC)


@pytest.fixture
def aws() -> Iterator[ScriptedAws]:
    server = ScriptedAws()
    yield server
    server.close()


def configuration(endpoint: str | None) -> AgentConfiguration:
    known = msgspec.json.decode(agent_json("unused"), type=AgentConfiguration)
    return msgspec.structs.replace(known, endpoint=endpoint)


def ask(
    endpoint: str | None, environment: dict[str, str] | None = None, *, timeout: float = 5
) -> Session:
    return create_session(
        configuration(endpoint),
        private_key=KEY,
        certificates=CERTIFICATE,
        now=NOW,
        timeout_seconds=timeout,
        environment=environment or {},
    )


def test_a_signed_request_is_granted_a_session(aws: ScriptedAws) -> None:
    """ARNs travel in the query, the duration in the body, and the signature verifies."""
    session = ask(aws.url)
    assert aws.problems == []
    (request,) = aws.requests
    assert request.path == "/sessions"
    assert dict(parse_qsl(request.query))["roleArn"] == ROLE_ARN
    assert "report%2Breader" in request.query
    assert request.body == b'{"durationSeconds":3600}'
    assert session.access_key_id == "ASIAFIRST"
    assert session.packed_policy_size == 10
    assert session.subject_arn == "arn:subject"
    assert timedelta(minutes=59) < session.expiration - NOW() < timedelta(minutes=61)


def test_a_session_does_not_show_its_secrets(aws: ScriptedAws) -> None:
    """Its repr may land in a log or a traceback."""
    shown = repr(ask(aws.url))
    assert "assumed-role/report+reader" in shown
    assert "of-ASIAFIRST" not in shown


def test_a_base_path_is_kept_and_signed(aws: ScriptedAws) -> None:
    """A gateway in front may serve Roles Anywhere below a path."""
    ask(f"{aws.url}/gateway/")
    assert aws.problems == []
    assert aws.requests[0].path == "/gateway/sessions"


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL_ROLESANYWHERE", "AWS_ENDPOINT_URL"])
def test_the_sdks_variables_name_the_endpoint(aws: ScriptedAws, name: str) -> None:
    """Where the identity names none, the environment may; the service's own variable wins."""
    elsewhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    assert ask(None, {**elsewhere, name: aws.url}).access_key_id == "ASIAFIRST"


@pytest.mark.parametrize("minutes", [-10, 10, 24 * 60])
def test_a_wrong_clock_is_corrected(aws: ScriptedAws, minutes: int) -> None:
    """A request refused for its date is signed again with AWS's time, once."""
    aws.ahead = timedelta(minutes=minutes)
    aws.then(granted_when_fresh)
    session = ask(aws.url)
    assert len(aws.requests) == 2
    assert len(aws.problems) == 1
    assert session.skew_seconds == pytest.approx(minutes * 60, abs=3)


def test_a_right_clock_corrects_nothing(aws: ScriptedAws) -> None:
    """A refusal is a refusal when both clocks agree."""
    aws.then(refused(403, "RequestTimeTooSkewed", "no"))
    with pytest.raises(Trouble, match=r"RequestTimeTooSkewed: no$"):
        ask(aws.url)
    assert len(aws.requests) == 1


def test_a_refusal_names_a_wrong_clock(aws: ScriptedAws) -> None:
    """What may be the cause is said, whatever code AWS gives it."""
    aws.ahead = timedelta(minutes=10)
    aws.then(refused(403, "AccessDeniedException", "no"))
    with pytest.raises(Trouble, match=r"no; the clock here is \d+ seconds behind AWS's: set it$"):
        ask(aws.url)
    assert len(aws.requests) == 2


def test_a_session_may_have_a_name(aws: ScriptedAws) -> None:
    """It travels in the body, beside the duration."""
    named = msgspec.structs.replace(configuration(aws.url), role_session_name="orders-1")
    create_session(named, private_key=KEY, certificates=CERTIFICATE, now=NOW, environment={})
    assert msgspec.json.decode(aws.requests[0].body) == {
        "durationSeconds": 3600,
        "roleSessionName": "orders-1",
    }


@pytest.mark.parametrize(
    ("behaviour", "reason", "message", "retry_after"),
    [
        (
            refused(403, "AccessDeniedException", "Untrusted signing certificate"),
            Reason.SESSION_REFUSED,
            (
                f"AWS refused CreateSession for {ROLE_ARN}: AccessDeniedException: "
                "Untrusted signing certificate"
            ),
            None,
        ),
        (
            refused(400, "ValidationException", "bad"),
            Reason.SESSION_REFUSED,
            f"AWS refused CreateSession for {ROLE_ARN}: ValidationException: bad",
            None,
        ),
        (
            refused(404, "ResourceNotFoundException", "gone"),
            Reason.SESSION_REFUSED,
            f"AWS refused CreateSession for {ROLE_ARN}: ResourceNotFoundException: gone",
            None,
        ),
        (
            raw(403, b'{"__type": "com.amazon#AccessDeniedException", "Message": "no"}'),
            Reason.SESSION_REFUSED,
            f"AWS refused CreateSession for {ROLE_ARN}: AccessDeniedException: no",
            None,
        ),
        (
            refused(403, "RequestTimeTooSkewed", "clock"),
            Reason.AWS_REFUSED,
            f"AWS refused CreateSession for {ROLE_ARN}: RequestTimeTooSkewed: clock",
            None,
        ),
        (
            raw(407, b"<html>Proxy</html>"),
            Reason.AWS_REFUSED,
            f"AWS refused CreateSession for {ROLE_ARN}: HTTP 407",
            None,
        ),
        (
            refused(429, "TooMany", "slow", {"Retry-After": "17"}),
            Reason.THROTTLED,
            f"AWS throttled CreateSession for {ROLE_ARN}: TooMany: slow",
            17.0,
        ),
        (
            refused(400, "ThrottlingException", "Rate exceeded"),
            Reason.THROTTLED,
            f"AWS throttled CreateSession for {ROLE_ARN}: ThrottlingException: Rate exceeded",
            None,
        ),
        (
            raw(500, b""),
            Reason.AWS_UNAVAILABLE,
            f"AWS could not answer CreateSession for {ROLE_ARN}: HTTP 500",
            None,
        ),
        (
            refused(503, "ServiceUnavailableException", "later", {"Retry-After": "3"}),
            Reason.AWS_UNAVAILABLE,
            (
                f"AWS could not answer CreateSession for {ROLE_ARN}: "
                "ServiceUnavailableException: later"
            ),
            3.0,
        ),
        (hang, Reason.AWS_UNAVAILABLE, "no answer from http://127.0.0.1:", None),
        (reset, Reason.AWS_UNAVAILABLE, "no answer from http://127.0.0.1:", None),
        (
            raw(201, b'{"credentialSet": []}'),
            Reason.AWS_UNAVAILABLE,
            (
                f"CreateSession for {ROLE_ARN} was granted, but its answer is of no use: "
                "its credentialSet is empty"
            ),
            None,
        ),
        (
            raw(201, b"\xff garbage"),
            Reason.AWS_UNAVAILABLE,
            f"CreateSession for {ROLE_ARN} was granted, but its answer is of no use: ",
            None,
        ),
        (
            raw(201, b'{"credentialSet": [{"assumedRoleUser": {"arn": "a"}}]}'),
            Reason.AWS_UNAVAILABLE,
            (
                f"CreateSession for {ROLE_ARN} was granted, but its answer is of no use: "
                "Object missing required field `credentials`"
            ),
            None,
        ),
        (
            raw(201, b'{"other": ' + b"[" * 100_000),
            Reason.AWS_UNAVAILABLE,
            f"CreateSession for {ROLE_ARN} was granted, but its answer is of no use: ",
            None,
        ),
        (
            raw(403, b'{"other": ' + b"[" * 100_000),
            Reason.AWS_REFUSED,
            f"AWS refused CreateSession for {ROLE_ARN}: HTTP 403",
            None,
        ),
    ],
)
def test_an_answer_becomes_the_trouble_it_stands_for(
    aws: ScriptedAws,
    behaviour: Behaviour,
    reason: Reason,
    message: str,
    retry_after: float | None,
) -> None:
    """Each fault of AWS or of the way to it has its reason and words."""
    aws.then(behaviour)
    with pytest.raises(Trouble) as caught:
        ask(aws.url, timeout=0.3)
    assert caught.value.reason == reason
    assert caught.value.message.startswith(message)
    assert caught.value.retry_after == retry_after


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"accessKeyId": ""}, "a part of the credentials is empty"),
        ({"expiration": "2026-11-24T13:00:00"}, "expiration: "),
        ({"expiration": "soon"}, "expiration: "),
    ],
)
def test_half_a_grant_is_no_grant(aws: ScriptedAws, changes: dict[str, str], words: str) -> None:
    """Credentials an SDK could not use are an error, which does not repeat them."""
    good = {"accessKeyId": "ASIA", "secretAccessKey": "s3cr3t", "sessionToken": "t0k3n"}
    credentials = {**good, "expiration": "2026-11-24T13:00:00Z", **changes}
    entry = {"assumedRoleUser": {"arn": "a"}, "credentials": credentials}
    aws.then(raw(201, msgspec.json.encode({"credentialSet": [entry]})))
    with pytest.raises(Trouble, match=words) as caught:
        ask(aws.url)
    assert "s3cr3t" not in caught.value.message


@pytest.mark.parametrize(("length", "is_read"), [(1 << 20, True), ((1 << 20) + 1, False)])
def test_a_long_answer_is_cut(aws: ScriptedAws, length: int, *, is_read: bool) -> None:
    """After a mebibyte, whatever it would have been: nobody fills the memory."""
    credentials = {"accessKeyId": "ASIA", "secretAccessKey": "s", "sessionToken": "t"}
    entry = {"credentials": {**credentials, "expiration": "2026-11-24T13:00:00Z"}}
    aws.then(raw(201, msgspec.json.encode({"credentialSet": [entry]}).rjust(length)))
    if is_read:
        assert ask(aws.url).access_key_id == "ASIA"
        return
    with pytest.raises(Trouble, match="its answer is of no use: Input data was truncated"):
        ask(aws.url)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"assumedRoleUser": None},
        {"assumedRoleUser": {}},
        {"assumedRoleUser": {"arn": None}},
        {"assumedRoleUser": {"arn": "a"}, "packedPolicySize": None},
    ],
)
def test_credentials_are_all_that_a_grant_needs(aws: ScriptedAws, more: dict[str, Any]) -> None:
    """Whatever else AWS leaves out, or sends as null."""
    credentials = {"accessKeyId": "ASIA", "secretAccessKey": "s", "sessionToken": "t"}
    entry = {"credentials": {**credentials, "expiration": "2026-11-24T13:00:00Z"}, **more}
    aws.then(raw(201, msgspec.json.encode({"credentialSet": [entry], "subjectArn": None})))
    session = ask(aws.url)
    assert (session.access_key_id, session.subject_arn) == ("ASIA", "")
    assert session.assumed_role_arn in (ROLE_ARN, "a")


@pytest.mark.parametrize(
    "code",
    [
        *("RequestThrottledException", "ProvisionedThroughputExceededException", "SlowDown"),
        *("LimitExceededException", "BandwidthLimitExceeded", "PriorRequestNotComplete"),
        *("EC2ThrottledException", "TransactionInProgressException"),
    ],
)
def test_the_sdks_words_for_throttling(aws: ScriptedAws, code: str) -> None:
    """None of them is a refusal: asking later helps."""
    aws.then(refused(400, code, "slow down"))
    with pytest.raises(Trouble) as caught:
        ask(aws.url)
    assert caught.value.reason == Reason.THROTTLED


def test_nobody_listens(aws: ScriptedAws) -> None:
    """A refused connection names the endpoint."""
    aws.close()
    with pytest.raises(Trouble, match=rf"no answer from {aws.url}: .*refused"):
        ask(aws.url)


@pytest.mark.parametrize(
    "endpoint",
    [
        "ftp://x",
        "https://",
        "x:8080",
        "http://h:port",
        "http://user@h",
        "http://h/?a=b",
        "http://[",
    ],
)
def test_what_is_no_endpoint_is_refused(endpoint: str) -> None:
    """Only an http or https URL of a host will do."""
    with pytest.raises(Refusal, match=r"is not a URL such as https://"):
        ask(endpoint)


def test_https_goes_through_the_proxy(aws: ScriptedAws) -> None:
    """HTTPS_PROXY is asked for a tunnel; a proxy that makes none is named as no answer."""
    proxy = {"HTTPS_PROXY": aws.url.replace("//", "//us\udce9r:p@")}  # whatever the environment has
    way = rf"https://rolesanywhere\.example through the proxy {aws.url[7:]}"
    words = f"no answer from {way}: it refused a tunnel: 501"
    with pytest.raises(Trouble, match=words):
        ask("https://rolesanywhere.example", proxy)


def test_a_dead_proxy_is_named(aws: ScriptedAws) -> None:
    """Else people look for what is wrong between them and AWS. Its own port is HTTP's."""
    aws.close()
    with pytest.raises(Trouble, match=rf"through the proxy {aws.url[7:]}: .*refused"):
        ask("https://rolesanywhere.example", {"HTTPS_PROXY": aws.url})
    with pytest.raises(Trouble, match=r"through the proxy proxy\.invalid:80: "):
        ask("https://rolesanywhere.example", {"HTTPS_PROXY": "proxy.invalid"})


@pytest.mark.parametrize(
    ("host", "exempt", "is_direct"),
    [
        ("example.invalid", "*", True),
        ("example.invalid", "example.invalid", True),
        ("example.invalid", ".invalid", True),
        ("example.invalid", ".example.invalid", False),
        ("example.invalid", "*.example.invalid", False),
        ("a.example.invalid", ".example.invalid", True),
        ("a.example.invalid", "*.example.invalid", True),
        ("a.example.invalid", "example.invalid", True),
        ("example.invalid", "x, Example.Invalid", True),
        ("example.invalid", "example.invalid:443", True),
        ("example.invalid", "example.invalid:8443", False),
        ("example.invalid", "ample.invalid", False),
        ("example.invalid", "", False),
        ("example.invalid", "*.invalid", True),
        ("example.invalid", "*.invalid:443", True),
        ("example.invalid", "*ample.invalid", False),
        ("0.0.0.2", "0.0.0.0/8", True),
        ("0.0.0.2", "0.0.0.2", True),
        ("0.0.0.2", "0.0.0.0/8:443", True),
        ("0.0.0.2", "10.0.0.0/8, 0.0.0.3", False),
        ("127.0.0.2", "", True),
        ("[::1]", "", True),
        ("localhost", "", True),
        ("[::2]", "[::2]", True),
        ("[::2]", "::/64", True),
        ("[::2]", "[::2]:443", True),
        ("[::2]", "[::2]:80", False),
    ],
)
def test_no_proxy_names_are_reached_directly(
    aws: ScriptedAws, host: str, exempt: str, *, is_direct: bool
) -> None:
    """A name covers itself and its subdomains, behind a dot these alone; networks count too."""
    environment = {"HTTPS_PROXY": aws.url, "NO_PROXY": exempt}
    with pytest.raises(Trouble) as caught:
        ask(f"https://{host}", environment, timeout=0.3)
    assert ("a tunnel" not in caught.value.message) is is_direct


def test_an_untrusted_certificate_authority_is_no_answer(aws: ScriptedAws) -> None:
    """TLS is never skipped: plain HTTP behind an https URL is refused."""
    with pytest.raises(Trouble, match=r"no answer from https://127\.0\.0\.1"):
        ask(aws.url.replace("http:", "https:"))


def test_the_sessions_client_gives_a_record_without_credentials(aws: ScriptedAws) -> None:
    """What the operator keeps of a session is proof, not credentials."""
    client = SessionsClient(now=NOW, clock=lambda: 0.0)
    record = client.create_session(SessionRequest(configuration(aws.url), KEY, CERTIFICATE))
    assert record.assumed_role_arn.endswith("assumed-role/report+reader/1f")
    assert "secret" not in repr(record)


def test_the_sessions_client_leaves_half_of_the_quota() -> None:
    """Five turns at once, then one every fifth of a second: the rest is the agents'."""
    seconds = 0.0
    client = SessionsClient(now=NOW, clock=lambda: seconds)
    assert [client.reserve() for _ in range(5)] == [0.0] * 5
    assert client.reserve() == pytest.approx(0.2)
    seconds = 0.2
    assert client.reserve() == pytest.approx(0.2)
