"""AWS as its administrator sees it: plain boto3, and nothing of the operator's."""

import os
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Final

import boto3
import botocore.session
from botocore.config import Config
from hack.demo.errors import ExpectationError

from rolesanywhere.api import names

_CONFIG: Final = Config(
    connect_timeout=2,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 3},
    proxies={},  # it answers on this machine
)
Found = dict[str, Any]  # what AWS answers about one thing


class Account:
    """An AWS account. ``environment`` is what an SDK is told by environment variables."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        self.region = environment["AWS_REGION"]

    @cached_property
    def iam(self) -> Any:  # noqa: ANN401 - boto3 ships no types
        """Give a client of IAM."""
        return self._client("iam")

    @cached_property
    def private_ca(self) -> Any:  # noqa: ANN401 - boto3 ships no types
        """Give a client of AWS Private CA."""
        return self._client("acm-pca")

    @cached_property
    def roles_anywhere(self) -> Any:  # noqa: ANN401 - boto3 ships no types
        """Give a client of IAM Roles Anywhere."""
        return self._client("rolesanywhere")

    @cached_property
    def s3(self) -> Any:  # noqa: ANN401 - boto3 ships no types
        """Give a client of S3."""
        return self._client("s3")

    def authorities(self, owner: str | None = None) -> list[Found]:
        """List the operator's private CAs that are not deleted; ``owner`` is an object's uid."""
        pages = self.private_ca.get_paginator("list_certificate_authorities").paginate()
        found = (each for page in pages for each in page["CertificateAuthorities"])
        living = (each for each in found if each["Status"] != "DELETED")
        return _ours(((each, self._authority_tags(each["Arn"])) for each in living), owner)

    def anchors(self, owner: str | None = None) -> list[Found]:
        """List the operator's trust anchors."""
        pages = self.roles_anywhere.get_paginator("list_trust_anchors").paginate()
        found = [each for page in pages for each in page["trustAnchors"]]
        return _ours(((each, self._tags(each["trustAnchorArn"])) for each in found), owner)

    def profiles(self, owner: str | None = None) -> list[Found]:
        """List the operator's profiles."""
        pages = self.roles_anywhere.get_paginator("list_profiles").paginate()
        found = [each for page in pages for each in page["profiles"]]
        return _ours(((each, self._tags(each["profileArn"])) for each in found), owner)

    def roles(self, owner: str | None = None) -> list[Found]:
        """List the operator's roles."""
        pages = self.iam.get_paginator("list_roles").paginate()
        found = [each for page in pages for each in page["Roles"]]
        return _ours(((each, self._role_tags(each["RoleName"])) for each in found), owner)

    def trust_policy(self, role: str) -> Found:
        """Give a role's trust policy as it is now."""
        policy: Found = self.iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
        return policy

    def _tags(self, arn: str) -> dict[str, str]:
        tags = self.roles_anywhere.list_tags_for_resource(resourceArn=arn)["tags"]
        return {tag["key"]: tag["value"] for tag in tags}

    def _authority_tags(self, arn: str) -> dict[str, str]:
        return _capital(self.private_ca.list_tags(CertificateAuthorityArn=arn)["Tags"])

    def _role_tags(self, role: str) -> dict[str, str]:
        return _capital(self.iam.list_role_tags(RoleName=role)["Tags"])

    def _client(self, service: str) -> Any:  # noqa: ANN401 - boto3 ships no types
        return self._session.client(
            service, endpoint_url=self.environment["AWS_ENDPOINT_URL"], config=_CONFIG
        )

    @cached_property
    def _session(self) -> Any:  # noqa: ANN401 - boto3 ships no types
        core = botocore.session.Session()
        core.set_config_variable("profile", None)  # nothing of the person's own AWS is used
        core.set_config_variable("config_file", os.devnull)
        core.set_config_variable("credentials_file", os.devnull)
        return boto3.Session(
            botocore_session=core,
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            region_name=self.region,
        )


def only(found: list[Found], what: str) -> Found:
    """Give the one thing in a list. Raises ``ExpectationError`` when there are more or none."""
    if len(found) != 1:
        expected, instead = f"exactly one {what}", f"there are {len(found)}"
        raise ExpectationError(expected, instead)
    return found[0]


def _capital(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def _ours(tagged: Iterable[tuple[Found, Mapping[str, str]]], owner: str | None) -> list[Found]:
    return [
        found
        for found, tags in tagged
        if tags.get(names.TAG_MANAGED_BY) == names.MANAGER
        and owner in (None, tags.get(names.TAG_OWNER_UID))
    ]
