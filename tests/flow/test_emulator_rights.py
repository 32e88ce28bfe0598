"""What a session of Roles Anywhere may do with S3, EC2 and STS, and for how long."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.flow.emulated_aws import client, lent
from tests.flow.emulated_session import World

from rolesanywhere.emulator.running import Emulator

READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
Client = Any


@pytest.fixture
def world(emulator: Emulator) -> World:
    """Make a world with a bucket of two objects."""
    made = World(emulator)
    s3 = client(emulator, "s3")
    s3.create_bucket(Bucket="reports")
    s3.put_object(Bucket="reports", Key="web/may", Body=b"sold")
    s3.put_object(Bucket="reports", Key="db/may", Body=b"kept")
    return made


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(*actions: str, on: str = "*", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - elements
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}


def deny(*actions: str) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": list(actions), "Resource": "*"}


def grant(world: World, *statements: dict[str, Any]) -> None:
    """Give the role a policy."""
    document = policy(*statements)
    world.iam.put_role_policy(RoleName="reader", PolicyName="rights", PolicyDocument=document)


def clients(world: World) -> dict[str, Client]:
    """Take a session, and give clients that use it."""
    return lent(world.emulator, world.attempt().send().credentials)


Use = Callable[[dict[str, Client]], Any]
USES: dict[str, Use] = {
    "list": lambda have: have["s3"].list_objects_v2(Bucket="reports"),
    "list web/": lambda have: have["s3"].list_objects_v2(Bucket="reports", Prefix="web/"),
    "get web": lambda have: have["s3"].get_object(Bucket="reports", Key="web/may"),
    "get db": lambda have: have["s3"].get_object(Bucket="reports", Key="db/may"),
    "put": lambda have: have["s3"].put_object(Bucket="reports", Key="web/june", Body=b""),
    "delete": lambda have: have["s3"].delete_object(Bucket="reports", Key="web/may"),
    "describe": lambda have: have["ec2"].describe_instances(),
}


def allowed(have: dict[str, Client]) -> set[str]:
    """Try everything, and give what was let through."""
    through = set()
    for name, use in USES.items():
        try:
            use(have)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            assert code in {"AccessDenied", "UnauthorizedOperation"}
        else:
            through.add(name)
    return through


READING = {"list", "list web/", "get web", "get db"}
EVERYTHING = set(USES)
TAGGED = "arn:aws:s3:::reports/${aws:PrincipalTag/x509Subject/CN}/*"
BY_PREFIX: dict[str, Any] = {"Condition": {"StringLike": {"s3:prefix": "web/*"}}}
BY_IDENTITY: dict[str, Any] = {"Condition": {"StringEquals": {"sts:SourceIdentity": "CN=web"}}}
BY_OTHER_IDENTITY: dict[str, Any] = {"Condition": {"StringEquals": {"aws:SourceIdentity": "CN=db"}}}
BY_TAG: dict[str, Any] = {
    "Condition": {"StringEquals": {"aws:PrincipalTag/x509Issuer/CN": "test ca"}}
}
BY_ROLE: dict[str, Any] = {
    "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/reader"}}
}
ROLE_POLICIES = {
    "nothing": ([], set()),
    "all of S3": ([allow("s3:*")], EVERYTHING - {"describe"}),
    "all but a Deny": ([allow("*"), deny("ec2:*", "s3:Delete*")], READING | {"put"}),
    "one object": ([allow("s3:GetObject", on="arn:aws:s3:::reports/web/may")], {"get web"}),
    "a folder by the certificate's name": ([allow("s3:GetObject", on=TAGGED)], {"get web"}),
    "a prefix": ([allow("s3:ListBucket", **BY_PREFIX)], {"list web/"}),
    "by source identity": ([allow("ec2:Describe*", **BY_IDENTITY)], {"describe"}),
    "by another's source identity": ([allow("*", **BY_OTHER_IDENTITY)], set()),
    "by a tag of the issuer": ([allow("s3:List*", **BY_TAG)], {"list", "list web/"}),
    "by the role's ARN": ([allow("ec2:*", **BY_ROLE)], {"describe"}),
}


@pytest.mark.parametrize(("given", "through"), ROLE_POLICIES.values(), ids=ROLE_POLICIES.keys())
def test_a_session_has_its_role_s_rights(
    world: World, given: list[dict[str, Any]], through: set[str]
) -> None:
    """The role's policies decide, conditions on tags and source identity included."""
    if given:
        grant(world, *given)
    assert allowed(clients(world)) == through


NARROWING: dict[str, tuple[dict[str, Any], set[str]]] = {
    "a session policy": (
        {"sessionPolicy": policy(allow("s3:Get*", "ec2:*"))},
        {"get web", "get db", "describe"},
    ),
    "a managed policy": ({"managedPolicyArns": [READ_ONLY]}, READING),
    "both, united": (
        {"managedPolicyArns": [READ_ONLY], "sessionPolicy": policy(allow("ec2:*"))},
        READING | {"describe"},
    ),
    "a Deny in one of them": (
        {"managedPolicyArns": [READ_ONLY], "sessionPolicy": policy(deny("s3:List*"))},
        {"get web", "get db"},
    ),
    "a policy that allows nothing": ({"sessionPolicy": policy()}, set()),
}


@pytest.mark.parametrize(("settings", "through"), NARROWING.values(), ids=NARROWING.keys())
def test_the_profile_narrows_the_role(
    world: World, settings: dict[str, Any], through: set[str]
) -> None:
    """A session may do what the role and one of the profile's policies allow, no more."""
    grant(world, allow("*"))
    world.reprofile(**settings)
    assert allowed(clients(world)) == through


def test_the_profile_gives_nothing_the_role_has_not(world: World) -> None:
    """A session policy is no grant."""
    grant(world, allow("s3:GetObject"))
    world.reprofile(sessionPolicy=policy(allow("*")))
    assert allowed(clients(world)) == {"get web", "get db"}


def test_a_permissions_boundary_bounds_sessions_too(world: World) -> None:
    """What the boundary of the role does not allow, its sessions may not."""
    grant(world, allow("*"))
    world.iam.put_role_permissions_boundary(RoleName="reader", PermissionsBoundary=READ_ONLY)
    assert allowed(clients(world)) == READING


def test_a_bucket_s_policy_can_deny_and_allow(world: World) -> None:
    """The resource's own policy counts as AWS counts it within an account."""
    grant(world, allow("s3:GetObject"))
    statements = (
        {**deny("s3:GetObject"), "Resource": "arn:aws:s3:::reports/db/*", "Principal": "*"},
        {**allow("s3:ListBucket", on="arn:aws:s3:::reports"), "Principal": {"AWS": world.role_arn}},
    )
    client(world.emulator, "s3").put_bucket_policy(Bucket="reports", Policy=policy(*statements))
    assert allowed(clients(world)) == {"list", "list web/", "get web"}


def test_copying_needs_the_right_to_read_the_source(world: World) -> None:
    """CopyObject is a PutObject and a GetObject."""
    grant(world, allow("s3:PutObject", "s3:PutObjectTagging"))
    copy = clients(world)["s3"].copy_object
    with pytest.raises(ClientError, match=r"s3:GetObject on resource: arn:aws:s3:::reports/db/may"):
        copy(Bucket="reports", Key="stolen", CopySource="reports/db/may")


EXPIRED = {"s3": "ExpiredToken", "sts": "ExpiredToken", "ec2": "RequestExpired"}


@pytest.mark.parametrize(("service", "code"), EXPIRED.items())
def test_an_expired_session_is_told_so(world: World, service: str, code: str) -> None:
    """It works until its end and is expired afterwards, not unknown."""
    grant(world, allow("*"))
    calls = {"s3": "list_buckets", "sts": "get_caller_identity", "ec2": "describe_instances"}
    use = getattr(clients(world)[service], calls[service])
    use()
    world.emulator.clock.advance(timedelta(seconds=3590))
    use()
    world.emulator.clock.advance(timedelta(seconds=11))
    with pytest.raises(ClientError) as raised:
        use()
    assert raised.value.response["Error"]["Code"] == code


def test_a_session_knows_who_it_is(world: World) -> None:
    """GetCallerIdentity gives the assumed role, even where everything is denied."""
    attempt = world.attempt()
    answer = attempt.send()
    grant(world, deny("*"))
    identity = client(world.emulator, "sts", answer.credentials).get_caller_identity()
    user = answer.body["credentialSet"][0]["assumedRoleUser"]
    assert (identity["Arn"], identity["UserId"]) == (user["arn"], user["assumedRoleId"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"aws_session_token": "forged"}, "InvalidToken"),
        ({"aws_secret_access_key": "forged"}, "SignatureDoesNotMatch"),
        ({"aws_access_key_id": "ASIAFORGED7FORGED7AA"}, "InvalidToken"),
    ],
)
def test_forged_credentials(world: World, change: dict[str, str], code: str) -> None:
    """Key, secret and token of a session belong together."""
    credentials = {**world.attempt().send().credentials, **change}
    with pytest.raises(ClientError) as raised:
        client(world.emulator, "s3", credentials).list_buckets()
    assert raised.value.response["Error"]["Code"] == code


def test_sessions_do_not_survive_their_role(world: World) -> None:
    """A role made anew under the same name gives old sessions nothing."""
    have = clients(world)
    world.iam.delete_role(RoleName="reader")
    world.iam.create_role(RoleName="reader", AssumeRolePolicyDocument=world.trust())
    grant(world, allow("*"))
    assert allowed(have) == set()


def fetch(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own server
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_who_is_anonymous_is_forbidden(world: World) -> None:
    """No signature is 403 in S3's words, unless the bucket is public."""
    url = f"{world.emulator.url}/reports/web/may"
    status, body = fetch(url)
    assert (status, b"<Code>AccessDenied</Code>" in body) == (403, True)
    public = {**allow("s3:GetObject", on="arn:aws:s3:::reports/web/*"), "Principal": "*"}
    client(world.emulator, "s3").put_bucket_policy(Bucket="reports", Policy=policy(public))
    assert fetch(url) == (200, b"sold")
    assert fetch(f"{world.emulator.url}/reports/db/may")[0] == 403


def test_presigned_urls(world: World) -> None:
    """A URL signed by a session works for who holds it, as long as the session may."""
    grant(world, allow("s3:GetObject", on="arn:aws:s3:::reports/web/*"))
    sign = clients(world)["s3"].generate_presigned_url
    good = sign("get_object", Params={"Bucket": "reports", "Key": "web/may"})
    assert fetch(good) == (200, b"sold")
    assert fetch(sign("get_object", Params={"Bucket": "reports", "Key": "db/may"}))[0] == 403
    assert fetch(good.replace("web/may", "web/june"))[0] == 403
