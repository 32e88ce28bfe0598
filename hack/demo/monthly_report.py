"""Reads the month's report. Plain boto3: it knows no Kubernetes."""

import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError


def who_am_i() -> str:
    """Ask AWS whom it takes us for."""
    return str(boto3.client("sts").get_caller_identity()["Arn"])


def read_report() -> str:
    """Read an object: the role may."""
    s3 = boto3.client("s3")
    answer = s3.get_object(Bucket="reports", Key="november.csv")
    return str(answer["Body"].read().decode())


def list_machines() -> str:
    """List virtual machines: the role may not."""
    return str(boto3.client("ec2").describe_instances()["Reservations"])


for call in (who_am_i, read_report, list_machines):
    try:
        print(f"{call.__name__}: {call()}")
    except ClientError as refusal:  # AWS says no
        print(f"{call.__name__}: {refusal}")
    except BotoCoreError as trouble:  # there is nothing to ask AWS with
        sys.exit(f"{call.__name__}: {trouble}")
