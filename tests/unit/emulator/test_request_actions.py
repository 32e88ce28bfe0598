"""Requests as actions on resources: S3 by method and path, Query by its Action."""

from collections.abc import Mapping

import pytest

from rolesanywhere.emulator.authorization.query_actions import (
    Place,
    query_accesses,
    query_parameters,
)
from rolesanywhere.emulator.authorization.s3_actions import s3_accesses
from rolesanywhere.emulator.http.message import Request

PLACE = Place("aws", "123456789012", "us-east-1")
ROLE = "arn:aws:iam::123456789012:role/app/web"
INSTANCE = "arn:aws:ec2:us-east-1:123456789012:instance"


class FewNames:
    """IAM with one role."""

    def iam_arn(self, kind: str, name: str) -> str | None:
        """Know the role ``web`` only."""
        return ROLE if (kind, name) == ("role", "web") else None

    def iam_tags(self, arn: str) -> Mapping[str, str]:
        """Know its tag."""
        return {"team": "a"} if arn == ROLE else {}

    def iam_boundary(self, arn: str) -> str | None:
        """Know its boundary."""
        return "arn:aws:iam::aws:policy/Old" if arn == ROLE else None


@pytest.mark.parametrize(
    ("line", "action", "resource"),
    [
        ("GET /", "ListAllMyBuckets", "*"),
        ("GET /b", "ListBucket", "arn:aws:s3:::b"),
        ("HEAD /b", "ListBucket", "arn:aws:s3:::b"),
        ("PUT /b", "CreateBucket", "arn:aws:s3:::b"),
        ("DELETE /b/", "DeleteBucket", "arn:aws:s3:::b"),
        ("POST /b?delete", "DeleteObject", "arn:aws:s3:::b"),
        ("GET /b?versions", "ListBucketVersions", "arn:aws:s3:::b"),
        ("GET /b?uploads", "ListBucketMultipartUploads", "arn:aws:s3:::b"),
        ("GET /b?location", "GetBucketLocation", "arn:aws:s3:::b"),
        ("PUT /b?policy", "PutBucketPolicy", "arn:aws:s3:::b"),
        ("DELETE /b?policy", "DeleteBucketPolicy", "arn:aws:s3:::b"),
        ("DELETE /b?cors", "PutBucketCORS", "arn:aws:s3:::b"),
        ("DELETE /b?tagging", "PutBucketTagging", "arn:aws:s3:::b"),
        ("GET /b/a/b%20c", "GetObject", "arn:aws:s3:::b/a/b c"),
        ("HEAD /b/k", "GetObject", "arn:aws:s3:::b/k"),
        ("GET /b/k?versionId=1", "GetObjectVersion", "arn:aws:s3:::b/k"),
        ("PUT /b/k", "PutObject", "arn:aws:s3:::b/k"),
        ("POST /b/k?uploads", "PutObject", "arn:aws:s3:::b/k"),
        ("DELETE /b/k", "DeleteObject", "arn:aws:s3:::b/k"),
        ("DELETE /b/k?versionId=1", "DeleteObjectVersion", "arn:aws:s3:::b/k"),
        ("DELETE /b/k?uploadId=1", "AbortMultipartUpload", "arn:aws:s3:::b/k"),
        ("GET /b/k?uploadId=1", "ListMultipartUploadParts", "arn:aws:s3:::b/k"),
        ("GET /b/k?acl", "GetObjectAcl", "arn:aws:s3:::b/k"),
        ("PUT /b/k?acl&versionId=1", "PutObjectVersionAcl", "arn:aws:s3:::b/k"),
        ("PUT /b/k?tagging", "PutObjectTagging", "arn:aws:s3:::b/k"),
        ("DELETE /b/k?tagging", "DeleteObjectTagging", "arn:aws:s3:::b/k"),
    ],
)
def test_s3(line: str, action: str, resource: str) -> None:
    """Method, path and sub-resource make the action."""
    method, _, target = line.partition(" ")
    path, _, query = target.partition("?")
    (access,) = s3_accesses(Request(method, path, query, (("Host", "127.0.0.1:1"),), b""), "aws")
    assert (access.action, access.resource) == (f"s3:{action}", resource)


def test_s3_by_host() -> None:
    """A bucket may be in the host's name."""
    (access,) = s3_accesses(Request("GET", "/k", "", (("Host", "b.localhost:1"),), b""), "aws")
    assert access.resource == "arn:aws:s3:::b/k"


QUERIES = {
    "a role by name, with its path": (
        "iam",
        {"Action": "GetRole", "RoleName": "web"},
        [("iam:GetRole", ROLE)],
    ),
    "a new role": (
        "iam",
        {"Action": "CreateRole", "RoleName": "new", "Path": "/p/"},
        [("iam:CreateRole", "arn:aws:iam::123456789012:role/p/new")],
    ),
    "a new role with tags": (
        "iam",
        {"Action": "CreateRole", "RoleName": "new", "Tags.member.1.Key": "a"},
        [
            ("iam:CreateRole", "arn:aws:iam::123456789012:role/new"),
            ("iam:TagRole", "arn:aws:iam::123456789012:role/new"),
        ],
    ),
    "a policy": (
        "iam",
        {"Action": "GetPolicy", "PolicyArn": "arn:aws:iam::aws:policy/A"},
        [("iam:GetPolicy", "arn:aws:iam::aws:policy/A")],
    ),
    "a role passed to EC2": (
        "iam",
        {"Action": "AddRoleToInstanceProfile", "InstanceProfileName": "p", "RoleName": "web"},
        [
            ("iam:AddRoleToInstanceProfile", "arn:aws:iam::123456789012:instance-profile/p"),
            ("iam:PassRole", ROLE),
        ],
    ),
    "a role to assume": (
        "sts",
        {"Action": "AssumeRole", "RoleArn": ROLE},
        [("sts:AssumeRole", ROLE)],
    ),
    "describing": (
        "ec2",
        {"Action": "DescribeInstances", "InstanceId.1": "i-1"},
        [("ec2:DescribeInstances", "*")],
    ),
    "two instances": (
        "ec2",
        {"Action": "StopInstances", "InstanceId.1": "i-1", "InstanceId.2": "i-2"},
        [("ec2:StopInstances", f"{INSTANCE}/i-1"), ("ec2:StopInstances", f"{INSTANCE}/i-2")],
    ),
    "a new instance": (
        "ec2",
        {"Action": "RunInstances"},
        [("ec2:RunInstances", f"{INSTANCE}/*")],
    ),
    "another service": ("sns", {"Action": "ListTopics"}, [("sns:ListTopics", "*")]),
    "nothing": ("iam", {}, [("iam:Unknown", "*")]),
}


@pytest.mark.parametrize(
    ("service", "parameters", "expected"), QUERIES.values(), ids=QUERIES.keys()
)
def test_query(service: str, parameters: dict[str, str], expected: list[tuple[str, str]]) -> None:
    """The Action, on the resource its parameters name."""
    found = query_accesses(service, parameters, PLACE, FewNames())
    assert [(access.action, access.resource) for access in found] == expected


def test_conditions_of_iam() -> None:
    """Policies can ask for tags, boundaries and attached policies."""
    parameters = {
        "Action": "CreateRole",
        "RoleName": "web",
        "PermissionsBoundary": "arn:aws:iam::aws:policy/B",
        "Tags.member.1.Key": "env",
        "Tags.member.1.Value": "test",
    }
    access = next(query_accesses("iam", parameters, PLACE, FewNames()))
    assert access.context == {
        "aws:RequestTag/env": ("test",),
        "aws:TagKeys": ("env",),
        "aws:ResourceTag/team": ("a",),
        "iam:PermissionsBoundary": ("arn:aws:iam::aws:policy/B",),
    }


def test_the_boundary_asked_about_is_the_changed_role_s() -> None:
    """Who may attach policies to bounded roles only is asked about the role's own boundary."""
    parameters = {"Action": "AttachRolePolicy", "RoleName": "web", "PolicyArn": "arn:p"}
    access = next(query_accesses("iam", parameters, PLACE, FewNames()))
    assert access.context["iam:PermissionsBoundary"] == ("arn:aws:iam::aws:policy/Old",)


def test_what_is_permitted_is_what_is_done() -> None:
    """Of a parameter sent twice the first counts, the form's before the URL's."""
    request = Request(
        "POST",
        "/",
        "Action=GetUser&Version=2",
        (("Content-Type", "application/x-www-form-urlencoded"),),
        b"Action=DeleteRole&Action=GetRole",
    )
    assert query_parameters(request) == {"Action": "DeleteRole", "Version": "2"}
