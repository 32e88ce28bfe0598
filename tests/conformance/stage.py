"""Everything an SDK needs to read one object from S3: AWS, an identity, the agent."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import boto3
from hack.stack.programs import EmulatorProcess
from tests.conformance.short_sessions import ShortSessions
from tests.flow.agent_process import Agent, MountedSecret
from tests.flow.emulated_aws import authority, leaf, trust_policy

REGION: Final = "eu-west-1"
BUCKET: Final = "reports"
OBJECT: Final = "2026/november.txt"
TEXT: Final = "forty-two"
_POLICY: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}
    ],
}


class Stage:
    """A running emulator with an object in it, and an agent that delivers in every way."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._emulator = EmulatorProcess(folder, region=REGION)
        self.front = ShortSessions(self._emulator.url)
        self._arns = self._furnish()
        self.serial = 0
        self.secret = MountedSecret(folder / "orders", self.front.url)
        self.rotate()
        self.agent = Agent(
            folder,
            *("--identity-dir", str(self.secret.root), "--imds-listen", "127.0.0.1:0"),
            *("--process-dir", str(folder / "process")),
            *("--credentials-file", str(folder / "credentials")),
        )

    def close(self) -> None:
        """End everything."""
        self.agent.close()
        self.front.close()
        self._emulator.stop()

    def rotate(self) -> None:
        """Put a new certificate in place; ``serial`` is its."""
        made = leaf("CN=orders,OU=shop")
        self.serial = made.certificate.serial_number
        self.secret.rotate(
            tls_key=made.key_pem, tls_crt=made.pem, agent_json=json.dumps(self._arns).encode()
        )

    def current_serial(self) -> int:
        """Give the certificate of the session that the agent serves at this moment."""
        return self.front.serials[self.agent.ask().json["AccessKeyId"]]

    def serial_of(self, answer: Mapping[str, str]) -> int:
        """Give the certificate that the session of a reader's answer was granted to."""
        if "session" in answer:
            return int(answer["session"], 16)  # AWS names a session by its certificate's serial
        return self.front.serials[answer["key"]]

    def environment(self, delivery: str) -> dict[str, str]:
        """Give what an SDK's process is started with, for one way of delivery."""
        given = self.agent.environment
        ways: dict[str, dict[str, str]] = {
            "endpoint": {
                name: given[name]
                for name in (
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                )
            },
            "imds": {name: given[name] for name in ("AWS_EC2_METADATA_SERVICE_ENDPOINT",)},
            "cat": {"AWS_CONFIG_FILE": given["AWS_CONFIG_FILE"]},
            "command": {"AWS_CONFIG_FILE": str(self._command_config())},
            "file": {"AWS_SHARED_CREDENTIALS_FILE": given["AWS_SHARED_CREDENTIALS_FILE"]},
        }
        return {
            "AWS_ENDPOINT_URL": self._emulator.url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "BUCKET": BUCKET,
            "OBJECT": OBJECT,
            "HOME": str(self._folder),
            **ways[delivery],
        }

    def _command_config(self) -> Path:
        """Write an AWS config that runs ``credential-process``, as it would be for the helper."""
        command = [
            str(Path(sys.executable).with_name("rolesanywhere")),
            *("credential-process", "--endpoint", self.front.url),
            *("--certificate", str(self.secret.root / "tls.crt")),
            *("--private-key", str(self.secret.root / "tls.key")),
            *("--trust-anchor-arn", self._arns["trustAnchorArn"]),
            *("--profile-arn", self._arns["profileArn"], "--role-arn", self._arns["roleArn"]),
        ]
        path = self._folder / "command-config"
        path.write_text(f"[default]\ncredential_process = {' '.join(command)}\n")
        return path

    def _furnish(self) -> dict[str, Any]:
        """Make bucket, object, role, trust anchor and profile, as the administrator."""
        environment = self._emulator.environment
        session = boto3.Session(
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        )

        def client(service: str) -> Any:  # noqa: ANN401 - boto3 ships no types
            return session.client(service, endpoint_url=self._emulator.url)

        place = {"LocationConstraint": REGION}
        client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
        client("s3").put_object(Bucket=BUCKET, Key=OBJECT, Body=TEXT.encode())
        iam, anywhere = client("iam"), client("rolesanywhere")
        role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust_policy())["Role"]
        iam.put_role_policy(
            RoleName="reader", PolicyName="read", PolicyDocument=json.dumps(_POLICY)
        )
        source = {
            "sourceType": "CERTIFICATE_BUNDLE",
            "sourceData": {"x509CertificateData": authority().pem.decode()},
        }
        anchor = anywhere.create_trust_anchor(name="stage", source=source, enabled=True)
        profile = anywhere.create_profile(name="stage", roleArns=[role["Arn"]], enabled=True)
        return {
            "name": "orders",
            "namespace": "shop",
            "region": REGION,
            "trustAnchorArn": anchor["trustAnchor"]["trustAnchorArn"],
            "profileArn": profile["profile"]["profileArn"],
            "roleArn": role["Arn"],
            "sessionDurationSeconds": 3600,
            "endpoint": self.front.url,
        }
