"""STS's AssumeRole: who may, for how long, narrowed by what, and known as whom."""

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.flow.emulated_aws import client, lent
from tests.flow.emulated_session import World

from rolesanywhere.emulator.running import Emulator

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/target"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
EVERYONE = {"AWS": ACCOUNT}
ALL = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
TEAM = [{"Key": "team", "Value": "a"}]
Credentials = dict[str, str]


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, on: str = "*", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - elements
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}


def make_role(
    emulator: Emulator,
    principal: dict[str, str],
    *rights: dict[str, Any],
    actions: list[str] | None = None,
    condition: dict[str, Any] | None = None,
) -> None:
    """Make the role that is assumed; trust in ``principal`` for all three actions."""
    trust = {"Effect": "Allow", "Principal": principal, "Action": actions or ALL}
    if condition is not None:
        trust["Condition"] = condition
    iam = client(emulator, "iam")
    iam.create_role(RoleName="target", Path="/team/", AssumeRolePolicyDocument=document(trust))
    if rights:
        iam.put_role_policy(
            RoleName="target", PolicyName="rights", PolicyDocument=document(*rights)
        )


def make_user(emulator: Emulator, *rights: dict[str, Any]) -> Credentials:
    iam = client(emulator, "iam")
    iam.create_user(UserName="me")
    if rights:
        iam.put_user_policy(UserName="me", PolicyName="own", PolicyDocument=document(*rights))
    key = iam.create_access_key(UserName="me")["AccessKey"]
    return {
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
    }


def assume(emulator: Emulator, by: Credentials | None = None, **more: Any) -> Credentials:  # noqa: ANN401 - of AssumeRole
    given = {"RoleArn": ROLE, "RoleSessionName": "session", **more}
    answer = client(emulator, "sts", by).assume_role(**given)["Credentials"]
    return {
        "aws_access_key_id": answer["AccessKeyId"],
        "aws_secret_access_key": answer["SecretAccessKey"],
        "aws_session_token": answer["SessionToken"],
    }


def refusal(call: Any, *arguments: Any, **more: Any) -> str:  # noqa: ANN401 - any call
    with pytest.raises(ClientError) as raised:
        call(*arguments, **more)
    return str(raised.value.response["Error"]["Code"])


def test_the_session_is_the_role_s(emulator: Emulator) -> None:
    """Its name, rights and end are the role's."""
    make_role(emulator, EVERYONE, allow("s3:ListAllMyBuckets"))
    have = lent(emulator, assume(emulator))
    identity = have["sts"].get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/target/session"
    have["s3"].list_buckets()
    assert refusal(have["s3"].create_bucket, Bucket="mine") == "AccessDenied"
    emulator.clock.advance(timedelta(seconds=3601))
    assert refusal(have["s3"].list_buckets) == "ExpiredToken"


@pytest.mark.parametrize(
    ("rights", "principal", "allowed"),
    [
        ([allow("sts:AssumeRole", on=ROLE)], EVERYONE, True),
        ([], EVERYONE, False),
        ([], {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, False),
        ([], {"AWS": f"arn:aws:iam::{ACCOUNT}:user/me"}, True),
        ([allow("sts:AssumeRole")], {"AWS": f"arn:aws:iam::{ACCOUNT}:user/you"}, False),
        ([allow("sts:AssumeRole")], {"Service": "ec2.amazonaws.com"}, False),
        ([{**allow("sts:*"), "Effect": "Deny"}], {"AWS": f"arn:aws:iam::{ACCOUNT}:user/me"}, False),
    ],
    ids=[
        "both agree",
        "an account delegates only",
        "so does its root",
        "a user named in person",
        "another user",
        "a service",
        "a Deny of the user's own",
    ],
)
def test_who_may(
    emulator: Emulator, rights: list[dict[str, Any]], principal: dict[str, str], *, allowed: bool
) -> None:
    """The caller's policies and the role's trust decide together, as within one account."""
    me = make_user(emulator, *rights)
    make_role(emulator, principal)
    if allowed:
        assume(emulator, me)
    else:
        assert refusal(assume, emulator, me) == "AccessDenied"


def test_conditions_on_an_external_id(emulator: Emulator) -> None:
    """The role may ask for a shared secret."""
    make_role(emulator, EVERYONE, condition={"StringEquals": {"sts:ExternalId": "shared"}})
    assert refusal(assume, emulator) == "AccessDenied"
    assert refusal(assume, emulator, ExternalId="guessed") == "AccessDenied"
    assume(emulator, ExternalId="shared")


@pytest.mark.parametrize(
    "narrowing",
    [
        {"Policy": document(allow("s3:ListAllMyBuckets"))},
        {"PolicyArns": [{"arn": READ_ONLY}]},
    ],
    ids=["by document", "by ARN"],
)
def test_session_policies_narrow(emulator: Emulator, narrowing: dict[str, Any]) -> None:
    """What the role may and the session's policies do not allow, the session may not."""
    make_role(emulator, EVERYONE, allow("*"))
    have = lent(emulator, assume(emulator, **narrowing))
    have["s3"].list_buckets()
    assert refusal(have["s3"].create_bucket, Bucket="mine") == "AccessDenied"


def test_tags_need_a_right_and_are_seen(emulator: Emulator) -> None:
    """TagSession is asked of both sides; the tags are the principal's then."""
    tagged = {"StringEquals": {"aws:PrincipalTag/team": "a"}}
    make_role(emulator, EVERYONE, allow("s3:ListAllMyBuckets", Condition=tagged))
    assert refusal(lent(emulator, assume(emulator))["s3"].list_buckets) == "AccessDenied"
    lent(emulator, assume(emulator, Tags=TEAM))["s3"].list_buckets()
    me = make_user(emulator, allow("sts:AssumeRole"))
    assert refusal(assume, emulator, me, Tags=TEAM) == "AccessDenied"


def test_a_role_that_takes_no_tags(emulator: Emulator) -> None:
    """A trust policy without TagSession refuses tagged sessions only."""
    make_role(emulator, EVERYONE, actions=["sts:AssumeRole"])
    assume(emulator)
    assert refusal(assume, emulator, Tags=TEAM) == "AccessDenied"
    assert refusal(assume, emulator, SourceIdentity="me") == "AccessDenied"


def test_a_source_identity_stays_through_a_chain(emulator: Emulator) -> None:
    """Whom Roles Anywhere named, nobody renames."""
    world = World(emulator)
    world.iam.put_role_policy(
        RoleName="reader", PolicyName="chain", PolicyDocument=document(allow("sts:*"))
    )
    named = {"StringEquals": {"aws:SourceIdentity": "CN=web"}}
    make_role(emulator, EVERYONE, allow("s3:ListAllMyBuckets", Condition=named))
    session = world.attempt().send().credentials
    lent(emulator, assume(emulator, session))["s3"].list_buckets()
    assert refusal(assume, emulator, session, SourceIdentity="CN=db") == "ValidationError"
    assert refusal(assume, emulator, session, DurationSeconds=3601) == "ValidationError"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"DurationSeconds": 3601}, "ValidationError"),
        ({"RoleSessionName": "a b"}, "ValidationError"),
        ({"Policy": "[]"}, "MalformedPolicyDocument"),
        ({"PolicyArns": [{"arn": "arn:aws:iam::aws:policy/Nothing"}]}, "MalformedPolicyDocument"),
        ({"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/nobody"}, "AccessDenied"),
    ],
)
def test_what_is_wrong_is_said(emulator: Emulator, given: dict[str, Any], code: str) -> None:
    """Each mistake has STS's own code."""
    make_role(emulator, EVERYONE)
    assert refusal(assume, emulator, **given) == code


@pytest.mark.parametrize(
    ("operation", "given"), [("get_session_token", {}), ("get_federation_token", {"Name": "me"})]
)
def test_no_credentials_that_nobody_knows(
    emulator: Emulator, operation: str, given: dict[str, Any]
) -> None:
    """Operations whose credentials would not work are refused rather than answered."""
    assert refusal(getattr(client(emulator, "sts"), operation), **given) == "NotImplemented"


def test_a_bucket_policy_for_the_account_grants_nothing_alone(emulator: Emulator) -> None:
    """It lets the account's own policies decide; a user named in person needs no more."""
    s3 = client(emulator, "s3")
    s3.create_bucket(Bucket="shared")
    mine = client(emulator, "s3", make_user(emulator))

    def share(with_: str) -> None:
        statement = {
            **allow("s3:ListBucket", on="arn:aws:s3:::shared"),
            "Principal": {"AWS": with_},
        }
        s3.put_bucket_policy(Bucket="shared", Policy=document(statement))

    share(f"arn:aws:iam::{ACCOUNT}:root")
    assert refusal(mine.list_objects_v2, Bucket="shared") == "AccessDenied"
    share(f"arn:aws:iam::{ACCOUNT}:user/me")
    mine.list_objects_v2(Bucket="shared")
