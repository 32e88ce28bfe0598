"""What a test can do to the emulator: faults, journal, clock, quotas, reset, state."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ReadTimeoutError,
)
from tests.flow.emulated_aws import NO_RETRIES, client
from tests.flow.emulated_session import World
from tests.shared_session import session

from rolesanywhere.emulator import running
from rolesanywhere.emulator.control.faults import Fault, FaultRule, Faults
from rolesanywhere.emulator.http.message import NoAnswer
from rolesanywhere.emulator.running import Emulator, Settings

OTHER_ACCOUNT = "111122223333"  # so that it can run beside the session's emulator


@pytest.fixture(scope="module")
def controlled_server() -> Iterator[Emulator]:
    with running.start(Settings(account=OTHER_ACCOUNT, control=True)) as emulator:
        yield emulator


@pytest.fixture
def controlled(controlled_server: Emulator) -> Emulator:
    controlled_server.reset()
    return controlled_server


def ask(
    emulator: Emulator,
    method: str,
    name: str,
    body: object = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any]:
    """Ask the control surface."""
    address = urlsplit(emulator.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=5)
    try:
        text = b"" if body is None else json.dumps(body).encode()
        connection.request(method, f"/_emulator/{name}", text, headers or {})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def code_of(call: Any, **arguments: Any) -> tuple[int, str]:  # noqa: ANN401 - a method of boto3
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    answer = raised.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


@pytest.mark.parametrize(
    ("service", "operation", "throttled", "failed"),
    [
        ("rolesanywhere", "list_profiles", (429, "ThrottlingException"), "InternalServerException"),
        (
            "acm-pca",
            "list_certificate_authorities",
            (400, "ThrottlingException"),
            "InternalFailure",
        ),
        ("iam", "list_roles", (400, "Throttling"), "InternalFailure"),
        ("s3", "list_buckets", (503, "SlowDown"), "InternalError"),
        ("ec2", "describe_vpcs", (503, "RequestLimitExceeded"), "InternalError"),
    ],
)
def test_throttling_and_server_errors_in_the_service_s_words(
    emulator: Emulator, service: str, operation: str, throttled: tuple[int, str], failed: str
) -> None:
    """A rule makes the next calls of a service fail the way that service fails."""
    call = getattr(client(emulator, service), operation)
    emulator.faults.add(FaultRule(fault=Fault.THROTTLE, service=service, times=1))
    emulator.faults.add(FaultRule(fault=Fault.SERVER_ERROR, service=service, times=1))
    emulator.faults.add(FaultRule(fault=Fault.UNAVAILABLE, service=service, times=1))
    assert code_of(call) == throttled
    assert code_of(call) == (500, failed)
    status, code = code_of(call)
    assert (status, "Unavailable" in code) == (503, True)
    call()


def test_a_rule_strikes_its_operation_only(emulator: Emulator) -> None:
    """Operations are named as AWS names them, with wildcards."""
    anywhere = client(emulator, "rolesanywhere")
    emulator.faults.add(FaultRule(fault=Fault.THROTTLE, operation="Create*"))
    anywhere.list_profiles()
    assert code_of(anywhere.create_profile, name="a", roleArns=[])[1] == "ThrottlingException"
    emulator.faults.reset()
    anywhere.create_profile(name="a", roleArns=[])


def test_sessions_can_be_struck_too(emulator: Emulator) -> None:
    """CreateSession is an operation of Roles Anywhere like any other."""
    attempt = World(emulator).attempt()
    emulator.faults.add(FaultRule(fault=Fault.THROTTLE, operation="CreateSession", times=1))
    assert attempt.send().code == "ThrottlingException"
    assert attempt.send().status == 201


def test_a_cut_connection_executes_nothing_and_a_lost_answer_does(emulator: Emulator) -> None:
    """The caller sees the same; only the world knows the difference."""
    anywhere = client(emulator, "rolesanywhere")
    for fault, made in ((Fault.RESET, 0), (Fault.LOSE_RESPONSE, 1)):
        emulator.faults.add(FaultRule(fault=fault, operation="CreateProfile", times=1))
        with pytest.raises(ConnectionClosedError):
            anywhere.create_profile(name="a", roleArns=[])
        assert len(anywhere.list_profiles()["profiles"]) == made
        entry = next(each for each in emulator.journal.entries if each.fault == fault)
        assert entry.status == 0


def test_a_slow_answer(emulator: Emulator) -> None:
    """The call is answered, later."""
    emulator.faults.add(FaultRule(fault=Fault.SLOW, seconds=0.1, times=1))
    start = time.monotonic()
    client(emulator, "rolesanywhere").list_profiles()
    assert time.monotonic() - start >= 0.1


def test_a_hanging_call_ends_with_the_caller_s_patience(controlled: Emulator) -> None:
    """There is no answer, and closing does not wait for it."""
    impatient = session().client(
        "rolesanywhere",
        endpoint_url=controlled.url,
        region_name="us-east-1",
        aws_access_key_id=controlled.administrator.access_key_id,
        aws_secret_access_key=controlled.administrator.secret_access_key,
        config=NO_RETRIES.merge(Config(read_timeout=0.1)),
    )
    controlled.faults.add(FaultRule(fault=Fault.HANG, times=1))
    with pytest.raises(ReadTimeoutError):
        impatient.list_profiles()


def test_who_hangs_is_let_go_at_the_end() -> None:
    """Closing ends a hang without an answer."""
    faults = Faults()
    rule = FaultRule(fault=Fault.HANG)
    ended = threading.Event()

    def hang() -> None:
        with pytest.raises(NoAnswer):
            faults.before(rule, "iam")
        ended.set()

    threading.Thread(target=hang).start()
    assert not ended.wait(0.02)
    faults.close()
    assert ended.wait(1)


def test_probabilities() -> None:
    """A rule strikes about as often as it says, and the same way for the same seed."""
    rule = FaultRule(fault=Fault.RESET, probability=0.25)

    def strikes() -> list[bool]:
        faults = Faults(seed=1)
        faults.add(rule)
        return [faults.strike("iam", "GetRole") is not None for _ in range(400)]

    assert strikes() == strikes()
    assert 70 < sum(strikes()) < 130


def test_the_journal_counts_operations_and_keeps_reasons(controlled: Emulator) -> None:
    """Calls are counted by service and operation, and refusals say why."""
    anywhere = client(controlled, "rolesanywhere")
    anywhere.list_profiles()
    anywhere.list_profiles()
    attempt = World(controlled).attempt()
    attempt.asking(roleSessionName="me").send()
    _, journal = ask(controlled, "GET", "journal")
    assert journal["counts"]["rolesanywhere:ListProfiles"] == 2
    refused = journal["entries"][-1]
    assert (refused["operation"], refused["code"]) == ("CreateSession", "AccessDeniedException")
    assert "does not accept a role session name" in refused["because"]
    assert refused["resource"].endswith(":role/reader")
    by_resource = journal["countsByResource"]["rolesanywhere:CreateSession"]
    assert by_resource == {refused["resource"]: 1}
    ask(controlled, "DELETE", "journal")
    empty: dict[str, Any] = {"counts": {}, "countsByResource": {}, "entries": []}
    assert ask(controlled, "GET", "journal")[1] == empty


def test_faults_over_http(controlled: Emulator) -> None:
    """Rules are added, listed and taken away from another process."""
    anywhere = client(controlled, "rolesanywhere")
    rule = {"fault": "throttle", "service": "rolesanywhere", "operation": "List*", "times": 1}
    _, made = ask(controlled, "POST", "faults", rule)
    _, listed = ask(controlled, "GET", "faults")
    assert listed["rules"][str(made["id"])]["operation"] == "List*"
    assert code_of(anywhere.list_profiles)[1] == "ThrottlingException"
    ask(controlled, "DELETE", "faults", {"id": made["id"]})
    assert ask(controlled, "GET", "faults")[1] == {"rules": {}}


def test_the_clock_over_http(controlled: Emulator) -> None:
    """Time is moved and put back."""
    _, moved = ask(controlled, "POST", "clock", {"advanceSeconds": 3600})
    assert moved["offsetSeconds"] == 3600
    assert controlled.clock.offset == timedelta(hours=1)
    assert ask(controlled, "DELETE", "clock")[1]["offsetSeconds"] == 0


def test_quotas_over_http(controlled: Emulator) -> None:
    """Each quota is switched by its name."""
    switch = {"enforce": ["session-rate"], "relax": ["crls-per-anchor"]}
    _, held = ask(controlled, "POST", "quotas", switch)
    assert held == {"enforced": ["certificates-per-anchor", "session-rate"]}


def test_reset_over_http(controlled: Emulator) -> None:
    """Everything is gone but the administrator's key."""
    anywhere = client(controlled, "rolesanywhere")
    anywhere.create_profile(name="a", roleArns=[])
    ask(controlled, "POST", "reset")
    assert anywhere.list_profiles()["profiles"] == []


def test_state_goes_out_and_comes_back(controlled: Emulator) -> None:
    """What was made, and sessions handed out, survive a snapshot, a reset and a load."""
    world = World(controlled)
    iam, s3 = world.iam, client(controlled, "s3")
    iam.create_policy(PolicyName="read", PolicyDocument=_policy("s3:Get*"))
    iam.create_policy_version(
        PolicyArn=f"arn:aws:iam::{OTHER_ACCOUNT}:policy/read",
        PolicyDocument=_policy("s3:Get*", "s3:List*"),
        SetAsDefault=True,
    )
    iam.attach_role_policy(RoleName="reader", PolicyArn=f"arn:aws:iam::{OTHER_ACCOUNT}:policy/read")
    iam.create_group(GroupName="people")
    iam.put_group_policy(GroupName="people", PolicyName="own", PolicyDocument=_policy("sts:*"))
    iam.create_user(UserName="me", Tags=[{"Key": "team", "Value": "a"}])
    iam.add_user_to_group(GroupName="people", UserName="me")
    s3.create_bucket(Bucket="kept")
    s3.put_object(Bucket="kept", Key="a/b", Body=b"body", Metadata={"colour": "red"})
    session = world.attempt().send().credentials
    before = _everything(controlled)
    controlled.clock.advance(timedelta(minutes=5))
    _, state = ask(controlled, "GET", "state")
    ask(controlled, "POST", "reset")
    assert _everything(controlled) != before
    assert ask(controlled, "PUT", "state", state) == (200, {})
    assert _everything(controlled) == before
    assert controlled.clock.offset == timedelta(minutes=5)
    assert client(controlled, "s3", session).get_object(Bucket="kept", Key="a/b")["Metadata"] == {
        "colour": "red"
    }
    assert world.attempt().send().status == 201


def _policy(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _everything(emulator: Emulator) -> list[Any]:
    """Ask for all there is, the way a client sees it."""
    iam, anywhere = client(emulator, "iam"), client(emulator, "rolesanywhere")
    details = iam.get_account_authorization_details(
        Filter=["User", "Role", "Group", "LocalManagedPolicy"]
    )
    details.pop("ResponseMetadata")
    return [
        details,
        anywhere.list_trust_anchors()["trustAnchors"],
        anywhere.list_profiles()["profiles"],
        [bucket["Name"] for bucket in client(emulator, "s3").list_buckets()["Buckets"]],
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"account": "999999999999"},
        {"format": 0},
        {"iam": None},
        {"private_ca": 1},
        {"roles_anywhere": []},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_state_that_cannot_be_read_changes_nothing(
    controlled: Emulator, change: dict[str, Any]
) -> None:
    """A state of another account, or a damaged one, is refused and all is as before."""
    World(controlled)
    before = _everything(controlled)
    _, state = ask(controlled, "GET", "state")
    status, answer = ask(controlled, "PUT", "state", {**state, **change})
    assert (status, "state" in answer["message"]) == (400, True)
    assert _everything(controlled) == before


@pytest.mark.parametrize(
    ("method", "name", "body", "words"),
    [
        ("POST", "clock", {"advanceSeconds": "1"}, "advanceSeconds"),
        ("POST", "clock", [], "object"),
        ("POST", "faults", {"fault": "boredom"}, "boredom"),
        ("POST", "quotas", {"enforce": ["patience"]}, "patience"),
        ("PUT", "state", {}, "state"),
    ],
)
def test_mistakes_are_told(
    controlled: Emulator, method: str, name: str, body: object, words: str
) -> None:
    """A wrong request is 400 and says what is wrong."""
    status, answer = ask(controlled, method, name, body)
    assert (status, words in answer["message"]) == (400, True)


def test_the_index_lists_everything(controlled: Emulator) -> None:
    """Who asks for nothing learns what there is; who asks for anything else is sent there."""
    status, index = ask(controlled, "GET", "")
    assert (status, len(index)) == (200, 13)
    assert ask(controlled, "GET", "secrets")[0] == 404


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example:4599"}]
)
def test_web_pages_are_not_let_in(controlled: Emulator, headers: dict[str, str]) -> None:
    """A page in a browser of this machine, or a name that points here, controls nothing."""
    assert ask(controlled, "POST", "reset", headers=headers)[0] == 403


def test_without_being_asked_for_there_is_no_control_surface(emulator: Emulator) -> None:
    """Over HTTP it is off: the path is S3's, as any other."""
    address = urlsplit(emulator.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=5)
    connection.request("GET", "/_emulator/state")
    answer = connection.getresponse()
    assert (answer.status, b"AccessDenied" in answer.read()) == (403, True)
    connection.close()
