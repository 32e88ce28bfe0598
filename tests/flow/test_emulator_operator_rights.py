"""The operator's published IAM policy, held against an AWS that enforces it."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.flow.emulated_aws import authority, client, trust_policy

from rolesanywhere.emulator.running import Emulator

POLICY = Path(__file__).parents[2] / "docs/reference/iam-policy.json"
OWN = {"rolesanywhere.dev/managed-by": "rolesanywhere-operator"}
TAGS = [{"key": key, "value": value} for key, value in OWN.items()]
IAM_TAGS = [{"Key": key, "Value": value} for key, value in OWN.items()]
BOUNDARY = "arn:aws:iam::123456789012:policy/rolesanywhere/boundary"
ROLE = "arn:aws:iam::123456789012:role/rolesanywhere/web"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
READING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}],
    }
)
SOURCE = {
    "sourceType": "CERTIFICATE_BUNDLE",
    "sourceData": {"x509CertificateData": authority().pem.decode()},
}
Clients = dict[str, Any]


@pytest.fixture
def administrator(emulator: Emulator) -> Clients:
    return {name: client(emulator, name) for name in ("iam", "rolesanywhere", "acm-pca")}


@pytest.fixture
def operator(emulator: Emulator, administrator: Clients) -> Clients:
    """Make the operator's user, with the published policy and nothing else."""
    iam = administrator["iam"]
    iam.create_policy(PolicyName="boundary", Path="/rolesanywhere/", PolicyDocument=READING)
    iam.create_user(UserName="operator")
    iam.put_user_policy(
        UserName="operator", PolicyName="published", PolicyDocument=POLICY.read_text()
    )
    key = iam.create_access_key(UserName="operator")["AccessKey"]
    credentials = {
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
    }
    services = ("iam", "rolesanywhere", "acm-pca", "s3", "sts")
    return {name: client(emulator, name, credentials) for name in services}


def make_role(iam: Any, **more: Any) -> None:  # noqa: ANN401 - of CreateRole
    given = {
        "RoleName": "web",
        "Path": "/rolesanywhere/",
        "AssumeRolePolicyDocument": trust_policy(),
        "PermissionsBoundary": BOUNDARY,
        "Tags": IAM_TAGS,
        **more,
    }
    iam.create_role(**given)


def test_it_is_enough_for_anchors_and_profiles(operator: Clients) -> None:
    """The operator makes, changes and deletes its own, the first anchor of an account included."""
    anywhere = operator["rolesanywhere"]
    anchor = anywhere.create_trust_anchor(name="a", source=SOURCE, tags=TAGS, enabled=False)
    identifier = anchor["trustAnchor"]["trustAnchorId"]
    anywhere.update_trust_anchor(trustAnchorId=identifier, name="b")
    anywhere.enable_trust_anchor(trustAnchorId=identifier)
    profile = anywhere.create_profile(name="p", roleArns=[ROLE], tags=TAGS)["profile"]
    anywhere.update_profile(profileId=profile["profileId"], roleArns=[])
    anywhere.enable_profile(profileId=profile["profileId"])
    anywhere.list_tags_for_resource(resourceArn=profile["profileArn"])
    assert len(anywhere.list_profiles()["profiles"]) == 1
    assert len(anywhere.list_trust_anchors()["trustAnchors"]) == 1
    anywhere.delete_profile(profileId=profile["profileId"])
    anywhere.delete_trust_anchor(trustAnchorId=identifier)


def test_it_is_enough_for_bounded_roles(operator: Clients) -> None:
    """The operator makes a role under its path and within a boundary, fills and empties it."""
    iam = operator["iam"]
    make_role(iam)
    iam.attach_role_policy(RoleName="web", PolicyArn=READ_ONLY)
    iam.put_role_policy(RoleName="web", PolicyName="inline", PolicyDocument=READING)
    iam.update_assume_role_policy(RoleName="web", PolicyDocument=trust_policy())
    iam.update_role(RoleName="web", MaxSessionDuration=7200)
    iam.list_attached_role_policies(RoleName="web")
    iam.detach_role_policy(RoleName="web", PolicyArn=READ_ONLY)
    iam.delete_role_policy(RoleName="web", PolicyName="inline")
    iam.delete_role(RoleName="web")


REFUSED = {
    "an anchor without the operator's tag": lambda have: have["rolesanywhere"].create_trust_anchor(
        name="a", source=SOURCE
    ),
    "somebody else's profile": lambda have: have["rolesanywhere"].delete_profile(
        profileId=have["foreign profile"]
    ),
    "a role without a boundary": lambda have: make_role(have["iam"], PermissionsBoundary=READ_ONLY),
    "a role outside its path": lambda have: make_role(have["iam"], Path="/"),
    "a role without its tag": lambda have: make_role(have["iam"], Tags=[]),
    "rights of somebody else's role": lambda have: have["iam"].attach_role_policy(
        RoleName="foreign", PolicyArn=READ_ONLY
    ),
    "trust in somebody else's role": lambda have: have["iam"].update_assume_role_policy(
        RoleName="foreign", PolicyDocument=trust_policy()
    ),
    "taking a boundary away": lambda have: have["iam"].delete_role_permissions_boundary(
        RoleName="foreign"
    ),
    "a user of its own": lambda have: have["iam"].create_user(UserName="back-door"),
    "a bucket": lambda have: have["s3"].list_buckets(),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED.keys())
def test_it_allows_no_more(operator: Clients, administrator: Clients, call: Any) -> None:  # noqa: ANN401 - a lambda
    """Whoever gets hold of the operator's credentials cannot touch what is not the operator's."""
    foreign = administrator["rolesanywhere"].create_profile(name="theirs", roleArns=[])["profile"]
    make_role(administrator["iam"], RoleName="foreign", Path="/", Tags=[])
    with pytest.raises(ClientError) as raised:
        call({**operator, "foreign profile": foreign["profileId"]})
    assert raised.value.response["Error"]["Code"] in {"AccessDenied", "AccessDeniedException"}
