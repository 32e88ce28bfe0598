"""Clients for the emulator of the tests, and what stands in AWS for them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import Credentials
from tests.shared_session import session
from tests.unit.pki.making import Made, make, make_ca

from rolesanywhere.emulator.running import Emulator

NO_RETRIES = Config(
    retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=2, read_timeout=10
)
TRUSTED_ACTIONS = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]


def client(
    emulator: Emulator,
    service: str,
    credentials: Mapping[str, str] | None = None,
    region: str = "us-east-1",
    *,
    validated: bool = True,
) -> Any:  # noqa: ANN401 - boto3 ships no types
    """Make a client; without ``credentials`` (boto3's argument names) the administrator's.

    Not ``validated`` it sends what AWS's model forbids.
    """
    administrator = {
        "aws_access_key_id": emulator.administrator.access_key_id,
        "aws_secret_access_key": emulator.administrator.secret_access_key,
    }
    keys = administrator if credentials is None else credentials
    return _client(emulator.url, service, region, tuple(sorted(keys.items())), validated=validated)


def lent(emulator: Emulator, credentials: Mapping[str, str]) -> dict[str, Any]:
    """Give clients of S3, EC2 and STS that use these credentials until the next call.

    Making clients takes long: there is one set of them, and the credentials change hands.
    """
    clients, held = _lent(emulator.url)
    held.access_key = credentials["aws_access_key_id"]
    held.secret_key = credentials["aws_secret_access_key"]
    held.token = credentials["aws_session_token"]
    return clients


@cache
def _lent(url: str) -> tuple[dict[str, Any], Credentials]:
    lender = botocore.session.Session()
    lender.set_credentials("", "")
    services = ("s3", "ec2", "sts")
    own = boto3.Session(botocore_session=lender, region_name="us-east-1")
    clients = {each: own.client(each, endpoint_url=url, config=_config(each)) for each in services}
    return clients, lender.get_credentials()


@cache
def _client(
    url: str, service: str, region: str, keys: tuple[tuple[str, str], ...], *, validated: bool
) -> Any:  # noqa: ANN401 - boto3 ships no types
    config = _config(service).merge(Config(parameter_validation=validated))
    return session().client(
        service, endpoint_url=url, region_name=region, config=config, **dict(keys)
    )


def _config(service: str) -> Config:
    """Give a client's configuration; S3's presigned URLs would be of Signature Version 2."""
    return NO_RETRIES.merge(Config(signature_version="s3v4")) if service == "s3" else NO_RETRIES


@cache
def _validity() -> dict[str, Any]:
    now = datetime.now(UTC).replace(microsecond=0)
    return {"not_before": now - timedelta(days=1), "not_after": now + timedelta(days=6)}


@cache
def authority(subject: str = "CN=test ca,OU=tech") -> Made:
    """Make a CA valid today, once for each subject."""
    return make_ca(subject, **_validity())


def leaf(subject: str = "CN=web,OU=tech", issuer: Made | None = None, **options: Any) -> Made:  # noqa: ANN401 - as make
    """Make a workload's certificate, valid today."""
    return make(subject, issuer or authority(), **{**_validity(), **options})


def trust_policy(
    conditions: Mapping[str, Mapping[str, str | list[str]]] | None = None,
    actions: list[str] | None = None,
) -> str:
    """Write a role's trust in Roles Anywhere."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": "rolesanywhere.amazonaws.com"},
        "Action": TRUSTED_ACTIONS if actions is None else actions,
    }
    if conditions is not None:
        statement["Condition"] = conditions
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
