"""The IAM adapter over HTTP against moto's IAM."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from moto.core.request import Request as MotoRequest
from moto.iam.responses import IamResponse
from moto.sts.responses import TokenResponse
from tests.shared_session import session
from werkzeug import Request, Response
from werkzeug.serving import WSGIRequestHandler, make_server

from rolesanywhere.api.conditions import Reason
from rolesanywhere.aws.clients import AwsGateway, GatewaySettings
from rolesanywhere.aws.iam import IamClient
from rolesanywhere.aws.throttle import Family, Rate, Throttle
from rolesanywhere.domain.observed import RoleRecord, RoleSettings
from rolesanywhere.domain.trouble import AlreadyExists, NotFound, Refusal, Trouble

TRUST: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "rolesanywhere.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
            "Condition": {"StringEquals": {"aws:PrincipalTag/x509Subject/CN": "ü & %"}},
        }
    ],
}
OTHER_TRUST = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Sid": "Other"}]}
READ_S3 = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}
MANAGED = "arn:aws:iam::123456789012:policy/read-s3"
NAME = "shop-report-0a1b2c3d"


class Time:
    """A clock for shared answers that only the test moves."""

    now = 0.0

    def clock(self) -> float:
        """Tell the time."""
        return self.now


class Silent(WSGIRequestHandler):
    """Serves without a line per request."""

    def log(self, *_: object) -> None:
        """Keep the test's output clean."""


class ServerRequest(MotoRequest):
    """A request that did come through a server, in moto's terms."""

    from_wsgi_server = True


@ServerRequest.application
def application(request: Request) -> Response:
    """Hand a request to moto's IAM or STS, by the service in its signature."""
    service = IamResponse if "/iam/" in request.headers["Authorization"] else TokenResponse
    status, headers, body = service.dispatch(request)
    return Response(body, status, headers)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    wsgi = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=wsgi.serve_forever, args=(0.005,))
    thread.start()
    yield f"http://127.0.0.1:{wsgi.server_port}"
    wsgi.shutdown()
    thread.join()
    wsgi.server_close()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def aws(server: str, monkeypatch: pytest.MonkeyPatch, time: Time) -> AwsGateway:
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "123456789012")  # else moto makes all to look for the key
    settings = GatewaySettings(home_region="us-east-1", role_seconds=5)
    throttle = Throttle({Family.IAM: Rate(1000, 1000)})
    return AwsGateway(
        now=partial(datetime.now, UTC),
        settings=settings,
        throttle=throttle,
        clock=time.clock,
        session=session,
    )


@pytest.fixture
def direct(aws: AwsGateway) -> Any:  # noqa: ANN401 - boto3 ships no types
    """Give IAM as somebody else uses it, with one customer managed policy in it."""
    client = session().client("iam", region_name="us-east-1")
    with suppress(client.exceptions.EntityAlreadyExistsException):
        client.create_policy(PolicyName="read-s3", PolicyDocument=json.dumps(READ_S3))
    return client


@pytest.fixture
def iam(aws: AwsGateway, direct: Any) -> Iterator[IamClient]:  # noqa: ANN401 - boto3 ships no types
    client = aws.iam()
    yield client
    client.delete_role(NAME)


def settings(**changes: Any) -> RoleSettings:  # noqa: ANN401 - any field
    fields: dict[str, Any] = {
        "name": NAME,
        "path": "/rolesanywhere/",
        "trust_policy": TRUST,
        "max_session_duration_seconds": 7200,
        "permissions_boundary_arn": None,
        "tags": {"rolesanywhere.dev/owner": "WorkloadIdentity/shop/report"},
        "policy_arns": frozenset({MANAGED}),
        "inline_policies": {"read": READ_S3},
    }
    return RoleSettings(**fields | changes)


def read(iam: IamClient) -> RoleRecord:
    record = iam.role(NAME)
    assert record is not None
    return record


def test_a_created_role_reads_back_as_it_was_asked_for(iam: IamClient) -> None:
    """What creation answers and what IAM holds are the same, and it has no rights yet."""
    created = iam.create_role(settings())
    assert read(iam) == created
    assert created.trust_policy == TRUST
    assert created.max_session_duration_seconds == 7200
    assert created.path == "/rolesanywhere/"
    assert created.tags == {"rolesanywhere.dev/owner": "WorkloadIdentity/shop/report"}
    assert created.policy_arns == frozenset()
    assert created.inline_policies == {}


def test_a_role_is_created_within_its_boundary(iam: IamClient) -> None:
    """There is no moment in which it is unbounded."""
    created = iam.create_role(settings(permissions_boundary_arn=MANAGED))
    assert created.permissions_boundary_arn == MANAGED
    assert read(iam).permissions_boundary_arn == MANAGED


def test_every_piece_can_be_changed(iam: IamClient) -> None:
    """Trust policy, longest session, boundary, attached and inline policies."""
    iam.create_role(settings())
    iam.set_trust_policy(NAME, OTHER_TRUST, replacing=TRUST)
    iam.update_role(NAME, max_session_duration_seconds=3600)
    iam.set_boundary(NAME, MANAGED)
    iam.attach_policy(NAME, MANAGED)
    iam.put_inline_policy(NAME, "read", READ_S3)
    role = read(iam)
    assert role.trust_policy == OTHER_TRUST
    assert role.max_session_duration_seconds == 3600
    assert role.permissions_boundary_arn == MANAGED
    assert role.policy_arns == {MANAGED}
    assert role.inline_policies == {"read": READ_S3}


def test_every_piece_can_be_taken_away_twice(iam: IamClient) -> None:
    """What is gone already is gone: a crash in between costs nothing."""
    iam.create_role(settings(permissions_boundary_arn=MANAGED))
    iam.attach_policy(NAME, MANAGED)
    iam.put_inline_policy(NAME, "read", READ_S3)
    for _ in range(2):
        iam.detach_policy(NAME, MANAGED)
        iam.delete_inline_policy(NAME, "read")
        iam.set_boundary(NAME, None)
    role = read(iam)
    assert (role.policy_arns, role.inline_policies) == (frozenset(), {})
    assert role.permissions_boundary_arn is None


def test_a_taken_name_is_said_so(iam: IamClient) -> None:
    """The use case then looks whose role it is."""
    iam.create_role(settings())
    with pytest.raises(AlreadyExists):
        iam.create_role(settings())


def test_a_role_that_is_not_there_is_none(iam: IamClient) -> None:
    """Missing is an answer, not a trouble."""
    assert iam.role("nobody") is None
    assert iam.role_trust("nobody") is None


def test_a_change_of_what_is_not_there_is_trouble(iam: IamClient) -> None:
    """The reason speaks of the role."""
    with pytest.raises(NotFound) as caught:
        iam.set_trust_policy("nobody", TRUST, replacing=TRUST)
    assert caught.value.reason is Reason.ROLE_NOT_FOUND
    assert "UpdateAssumeRolePolicy nobody" in caught.value.message


def test_a_policy_that_does_not_exist_is_named(iam: IamClient) -> None:
    """Not the role is missing, and the reason must not say so."""
    iam.create_role(settings())
    with pytest.raises(NotFound) as caught:
        iam.attach_policy(NAME, "arn:aws:iam::aws:policy/NoSuchPolicy")
    assert caught.value.reason is Reason.AWS_REFUSED
    assert "NoSuchPolicy" in caught.value.message


def test_a_malformed_policy_is_a_refusal(iam: IamClient) -> None:
    """Only a change of the spec helps."""
    iam.create_role(settings())
    with pytest.raises(Refusal):
        iam.put_inline_policy(NAME, "bad", {"Version": "1999", "Statement": []})


def test_a_trust_policy_is_shared_for_a_while(iam: IamClient, direct: Any, time: Time) -> None:  # noqa: ANN401 - boto3 ships no types
    """Many identities on one role cost one GetRole; somebody else's change shows soon."""
    iam.create_role(settings())
    before = iam.role_trust(NAME)
    direct.update_assume_role_policy(RoleName=NAME, PolicyDocument=json.dumps(OTHER_TRUST))
    assert iam.role_trust(NAME) is before
    time.now += 5
    after = iam.role_trust(NAME)
    assert after is not None
    assert after.trust_policy == OTHER_TRUST


def test_an_own_change_shows_at_once(iam: IamClient) -> None:
    """The next identity must add its statement to the policy as it is now."""
    iam.create_role(settings())
    iam.role_trust(NAME)
    iam.set_trust_policy(NAME, OTHER_TRUST, replacing=TRUST)
    role = iam.role_trust(NAME)
    assert role is not None
    assert role.trust_policy == OTHER_TRUST


def test_a_role_is_deleted_with_all_that_hangs_on_it(iam: IamClient, direct: Any) -> None:  # noqa: ANN401 - boto3 ships no types
    """Policies and instance profiles do not keep a role alive; twice is no trouble."""
    iam.create_role(settings(permissions_boundary_arn=MANAGED))
    iam.attach_policy(NAME, MANAGED)
    iam.put_inline_policy(NAME, "read", READ_S3)
    direct.create_instance_profile(InstanceProfileName="somebody")
    direct.add_role_to_instance_profile(InstanceProfileName="somebody", RoleName=NAME)
    iam.delete_role(NAME)
    assert iam.role(NAME) is None
    iam.delete_role(NAME)


def test_the_account_is_asked_once(aws: AwsGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not change while a process lives."""
    assert aws.account() == "123456789012"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert aws.account() == "123456789012"


def test_no_answer_is_trouble(aws: AwsGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint nobody listens at is AWS being unavailable, and it is named."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(Trouble) as caught:
        aws.account()
    assert caught.value.reason is Reason.AWS_UNAVAILABLE
    assert "127.0.0.1:1" in caught.value.message
