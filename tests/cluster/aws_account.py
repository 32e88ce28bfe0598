"""AWS as its owner sees it: boto3 straight to the emulator, past the controller and its gate."""

import json
import threading
from collections.abc import Mapping
from typing import Any, Final

import boto3

from rolesanywhere.api import names

Record = dict[str, Any]

_TRUSTED: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Others",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Action": "sts:AssumeRole",
        }
    ],
}
_CA: Final = {
    "CertificateAuthorityType": "ROOT",
    "UsageMode": "SHORT_LIVED_CERTIFICATE",
    "CertificateAuthorityConfiguration": {
        "KeyAlgorithm": "EC_prime256v1",
        "SigningAlgorithm": "SHA256WITHECDSA",
        "Subject": {"CommonName": "existing", "OrganizationalUnit": "tech"},
    },
}


class AwsAccount:
    """One account. Thread-safe; ``close`` it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """``environment`` is what the emulator printed."""
        self._endpoint = environment["AWS_ENDPOINT_URL"]
        self._session = boto3.Session(
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        )
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], Any] = {}

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            client.close()

    def client(self, service: str, region: str = "us-east-1") -> Any:  # noqa: ANN401 - boto3 ships no types
        """Give a client."""
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._session.client(
                    service, region_name=region, endpoint_url=self._endpoint
                )
            return self._clients[service, region]

    def trust_anchors(self, region: str) -> list[Record]:
        """List all trust anchors."""
        answer = self.client("rolesanywhere", region).list_trust_anchors()
        return list(answer["trustAnchors"])

    def profiles(self, region: str) -> list[Record]:
        """List all profiles."""
        return list(self.client("rolesanywhere", region).list_profiles()["profiles"])

    def authorities(self, region: str) -> list[Record]:
        """List all Private CAs, deleted ones too while they can be restored."""
        answer = self.client("acm-pca", region).list_certificate_authorities()
        return list(answer["CertificateAuthorities"])

    def role(self, name: str) -> Record | None:
        """Give a role with its tags and trust policy, or None."""
        iam = self.client("iam")
        try:
            return dict(iam.get_role(RoleName=name)["Role"])
        except iam.exceptions.NoSuchEntityException:
            return None

    def roles_of(self, manifest: Mapping[str, Any]) -> list[str]:
        """Give the names of the roles whose tags name an object as their owner."""
        iam, uid = self.client("iam"), manifest["metadata"]["uid"]
        found = []
        for page in iam.get_paginator("list_roles").paginate():
            for role in page["Roles"]:
                tags = iam.list_role_tags(RoleName=role["RoleName"])["Tags"]
                if {"Key": names.TAG_OWNER_UID, "Value": uid} in tags:
                    found.append(role["RoleName"])
        return found

    def make_role(self, name: str, *, longest_seconds: int = 3600) -> str:
        """Make a role that others may assume already; gives its ARN."""
        answer = self.client("iam").create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps(_TRUSTED),
            MaxSessionDuration=longest_seconds,
        )
        return str(answer["Role"]["Arn"])

    def statements(self, role: str) -> list[Record]:
        """Give the statements of a role's trust policy."""
        found = self.role(role)
        return list(found["AssumeRolePolicyDocument"]["Statement"]) if found else []

    def trust(self, role: str, statements: list[Record]) -> None:
        """Replace the statements of a role's trust policy."""
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.client("iam").update_assume_role_policy(RoleName=role, PolicyDocument=document)

    def make_authority(self, region: str) -> str:
        """Make a short-lived Private CA and activate it; gives its ARN."""
        pca = self.client("acm-pca", region)
        arn = str(pca.create_certificate_authority(**_CA)["CertificateAuthorityArn"])
        pca.get_waiter("certificate_authority_csr_created").wait(
            CertificateAuthorityArn=arn, WaiterConfig={"Delay": 0.05, "MaxAttempts": 50}
        )
        csr = pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"]
        issued = pca.issue_certificate(
            CertificateAuthorityArn=arn,
            Csr=csr.encode(),
            SigningAlgorithm="SHA256WITHECDSA",
            TemplateArn="arn:aws:acm-pca:::template/RootCACertificate/V1",
            Validity={"Type": "YEARS", "Value": 10},
        )["CertificateArn"]
        pca.get_waiter("certificate_issued").wait(
            CertificateAuthorityArn=arn,
            CertificateArn=issued,
            WaiterConfig={"Delay": 0.05, "MaxAttempts": 50},
        )
        answer = pca.get_certificate(CertificateAuthorityArn=arn, CertificateArn=issued)
        pca.import_certificate_authority_certificate(
            CertificateAuthorityArn=arn, Certificate=answer["Certificate"].encode()
        )
        return arn

    def issued(self, region: str, authority_arn: str) -> list[Record]:
        """Give the rows of a CA's audit report: all it ever issued. One in 30 minutes."""
        pca, s3 = self.client("acm-pca", region), self.client("s3")
        bucket = f"audit-{authority_arn.rpartition('/')[2]}"
        s3.create_bucket(Bucket=bucket)
        report = pca.create_certificate_authority_audit_report(
            CertificateAuthorityArn=authority_arn,
            S3BucketName=bucket,
            AuditReportResponseFormat="JSON",
        )
        rows: list[Record] = json.load(s3.get_object(Bucket=bucket, Key=report["S3Key"])["Body"])
        return rows
