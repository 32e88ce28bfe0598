"""The emulator's port: which service answers, who is let in, how the others are refused."""

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.iam.models import iam_backends
from tests.flow.emulated_aws import client, trust_policy

from rolesanywhere.emulator import running
from rolesanywhere.emulator.running import Emulator, Settings

READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


def refusal(call: Any, **arguments: Any) -> tuple[int, str]:  # noqa: ANN401 - a method of boto3
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    answer = raised.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


def test_the_administrator_is_known(emulator: Emulator) -> None:
    """The printed credentials are a user's of the account."""
    identity = client(emulator, "sts").get_caller_identity()
    assert identity["Arn"] == "arn:aws:iam::123456789012:user/administrator"


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("rolesanywhere", "list_trust_anchors"),
        ("acm-pca", "list_certificate_authorities"),
        ("iam", "list_roles"),
        ("sts", "get_caller_identity"),
        ("s3", "list_buckets"),
        ("ec2", "describe_instances"),
    ],
)
def test_every_service_answers_on_the_one_port(
    emulator: Emulator, service: str, operation: str
) -> None:
    """Roles Anywhere, Private CA and moto's services share the port."""
    answer = getattr(client(emulator, service), operation)()
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize(
    ("service", "operation", "unknown", "wrong"),
    [
        (
            "rolesanywhere",
            "list_profiles",
            (403, "UnrecognizedClientException"),
            (403, "InvalidSignatureException"),
        ),
        (
            "acm-pca",
            "list_certificate_authorities",
            (400, "UnrecognizedClientException"),
            (400, "InvalidSignatureException"),
        ),
        ("iam", "list_roles", (403, "InvalidClientTokenId"), (403, "SignatureDoesNotMatch")),
        (
            "sts",
            "get_caller_identity",
            (403, "InvalidClientTokenId"),
            (403, "SignatureDoesNotMatch"),
        ),
        ("s3", "list_buckets", (403, "InvalidAccessKeyId"), (403, "SignatureDoesNotMatch")),
        ("ec2", "describe_instances", (401, "AuthFailure"), (401, "AuthFailure")),
    ],
)
def test_strangers_and_wrong_secrets_are_refused_in_the_service_s_words(
    emulator: Emulator,
    service: str,
    operation: str,
    unknown: tuple[int, str],
    wrong: tuple[int, str],
) -> None:
    """A key nobody made, and a known key with another secret, get each protocol's own codes."""
    stranger = {"aws_access_key_id": "AKIAUNKNOWN", "aws_secret_access_key": "none"}
    forger = {
        "aws_access_key_id": emulator.administrator.access_key_id,
        "aws_secret_access_key": "guessed",
    }
    assert refusal(getattr(client(emulator, service, stranger), operation)) == unknown
    assert refusal(getattr(client(emulator, service, forger), operation)) == wrong


def user(emulator: Emulator, *statements: dict[str, Any]) -> dict[str, str]:
    """Make a user who may do just this."""
    iam = client(emulator, "iam")
    iam.create_user(UserName="worker")
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    iam.put_user_policy(UserName="worker", PolicyName="rights", PolicyDocument=document)
    key = iam.create_access_key(UserName="worker")["AccessKey"]
    return {
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
    }


def allow(*actions: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - a statement's elements
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}


def test_rights_hold_for_roles_anywhere_and_private_ca_too(emulator: Emulator) -> None:
    """What a user's policies allow is answered, everything else refused, a Deny wins."""
    rights = user(
        emulator,
        allow("rolesanywhere:List*", "acm-pca:List*"),
        {"Effect": "Deny", "Action": "rolesanywhere:ListSubjects", "Resource": "*"},
    )
    anywhere = client(emulator, "rolesanywhere", rights)
    anywhere.list_profiles()
    client(emulator, "acm-pca", rights).list_certificate_authorities()
    assert refusal(anywhere.list_subjects) == (403, "AccessDeniedException")
    assert refusal(anywhere.create_profile, name="p", roleArns=[]) == (
        403,
        "AccessDeniedException",
    )


def test_creating_with_tags_and_roles_needs_those_rights(emulator: Emulator) -> None:
    """CreateProfile asks for TagResource and for PassRole to the service, as AWS does."""
    passing = {"StringEquals": {"iam:PassedToService": "rolesanywhere.amazonaws.com"}}
    rights = user(
        emulator,
        allow("rolesanywhere:CreateProfile", "rolesanywhere:TagResource"),
        allow("iam:PassRole", Resource="arn:aws:iam::*:role/app/*", Condition=passing),
    )
    anywhere = client(emulator, "rolesanywhere", rights)
    ours, other = "arn:aws:iam::123456789012:role/app/web", "arn:aws:iam::123456789012:role/root"
    anywhere.create_profile(name="p", roleArns=[ours], tags=[{"key": "a", "value": "b"}])
    assert refusal(anywhere.create_profile, name="p", roleArns=[other]) == (
        403,
        "AccessDeniedException",
    )


def test_assumed_roles_expire_by_the_emulator_s_clock(emulator: Emulator) -> None:
    """STS's AssumeRole asks the role's trust policy, and its sessions end in time."""
    iam = client(emulator, "iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "123456789012"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    iam.create_role(RoleName="open", AssumeRolePolicyDocument=json.dumps(trust))
    iam.attach_role_policy(RoleName="open", PolicyArn=READ_ONLY)
    iam.create_role(RoleName="closed", AssumeRolePolicyDocument=trust_policy())
    assume = client(emulator, "sts").assume_role
    prefix = "arn:aws:iam::123456789012:role"
    given = assume(RoleArn=f"{prefix}/open", RoleSessionName="me")["Credentials"]
    session = {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }
    s3 = client(emulator, "s3", session)
    s3.list_buckets()
    assert refusal(s3.create_bucket, Bucket="mine") == (403, "AccessDenied")
    assert refusal(assume, RoleArn=f"{prefix}/closed", RoleSessionName="me") == (
        403,
        "AccessDenied",
    )
    emulator.clock.advance(timedelta(hours=1, seconds=1))
    assert refusal(s3.list_buckets) == (400, "ExpiredToken")


@pytest.mark.parametrize(
    ("region", "host", "partition"),
    [("cn-north-1", "127.0.0.1", "aws-cn"), ("us-gov-west-1", "::1", "aws-us-gov")],
)
def test_other_partitions_and_addresses(region: str, host: str, partition: str) -> None:
    """ARNs are of the region's partition; IPv6's loopback will do as well."""
    settings = Settings(region=region, host=host, account="777788889999")
    with running.start(settings) as emulator:
        made = client(emulator, "iam", region=region).create_role(
            RoleName="web", AssumeRolePolicyDocument=trust_policy()
        )
        arn = made["Role"]["Arn"]
        anywhere = client(emulator, "rolesanywhere", region=region)
        profile = anywhere.create_profile(name="p", roleArns=[arn])["profile"]
        client(emulator, "s3", region=region).list_buckets()
    assert arn == f"arn:{partition}:iam::777788889999:role/web"
    assert profile["profileArn"].startswith(f"arn:{partition}:rolesanywhere:{region}:")


def test_an_account_is_emulated_once(emulator: Emulator) -> None:
    """Moto remembers per process: two emulators of one account would be one."""
    with pytest.raises(RuntimeError, match="give this one another account"):
        running.start()


def test_what_used_moto_before_is_forgotten() -> None:
    """An account is new, with AWS's own policies, whatever moto was asked of it in this process."""
    account = "555566667777"
    iam_backends[account]["aws"].create_user("us-east-1", "earlier", tags=[])
    with running.start(Settings(account=account)) as emulator:
        iam = client(emulator, "iam")
        assert iam.get_policy(PolicyArn=READ_ONLY)
        assert [user["UserName"] for user in iam.list_users()["Users"]] == ["administrator"]
