"""Trust anchors on Private CAs: the two services of the emulator together."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from tests.flow.emulated_aws import client, leaf, lent, trust_policy
from tests.flow.emulated_session import World
from tests.unit.pki.making import Made

from rolesanywhere.api.agent_configuration import AgentConfiguration
from rolesanywhere.aws.create_session import create_session
from rolesanywhere.emulator.running import Emulator

Client = Any
AT_ONCE = {"Delay": 0, "MaxAttempts": 3}


def anchor_on(anywhere: Client, arn: str) -> dict[str, Any]:
    source = {"sourceType": "AWS_ACM_PCA", "sourceData": {"acmPcaArn": arn}}
    made: dict[str, Any] = anywhere.create_trust_anchor(name="pca", source=source, enabled=True)[
        "trustAnchor"
    ]
    return made


def test_a_private_ca_is_believed_as_it_was_at_the_last_update(emulator: Emulator) -> None:
    """A renewed CA certificate counts once the anchor is updated, a CA not ACTIVE not at all."""
    world = World(emulator)
    pca = client(emulator, "acm-pca")
    arn = _new_private_ca(pca)
    with pytest.raises(ClientError, match="Given AWS PCA did not allow get request"):
        anchor_on(world.anywhere, arn)
    _activate(pca, arn, days=10)
    world.anchor = anchor_on(world.anywhere, arn)
    attempt = world.retrust(trust_policy())
    assert attempt.send().message == "Untrusted signing certificate"
    emulator.clock.advance(timedelta(days=9))
    _activate(pca, arn, days=100)
    emulator.clock.advance(timedelta(days=2))
    made = _issue(pca, arn, days=5)
    assert attempt.but(made=made).send().message == "Untrusted signing certificate"
    world.anywhere.update_trust_anchor(trustAnchorId=world.anchor["trustAnchorId"])
    assert attempt.but(made=made).send().status == 201


def test_the_walkthrough(emulator: Emulator) -> None:
    """A Private CA's certificate becomes credentials that read S3 and nothing else.

    Once the role trusts another unit of the issuer, there are none.
    """
    world, pca = World(emulator), client(emulator, "acm-pca")
    arn = _new_private_ca(pca, usage="SHORT_LIVED_CERTIFICATE")
    _activate(pca, arn, days=3650)
    world.anchor = anchor_on(world.anywhere, arn)
    world.iam.attach_role_policy(
        RoleName="reader", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    )
    made = _issue(pca, arn, days=7)
    attempt = world.retrust(world.trust(**{"aws:PrincipalTag/x509Issuer/CN": "sample"}))
    session = create_session(
        AgentConfiguration(
            name="report",
            namespace="shop",
            region="us-east-1",
            trust_anchor_arn=attempt.arns["trustAnchorArn"],
            profile_arn=attempt.arns["profileArn"],
            role_arn=attempt.arns["roleArn"],
            session_duration_seconds=3600,
            endpoint=emulator.url,
        ),
        private_key=made.key_pem,
        certificates=made.pem,
        now=partial(datetime.now, UTC),
    )
    have = lent(
        emulator,
        {
            "aws_access_key_id": session.access_key_id,
            "aws_secret_access_key": session.secret_access_key,
            "aws_session_token": session.session_token,
        },
    )
    have["s3"].list_buckets()
    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        have["ec2"].describe_instances()
    other = world.trust(**{"aws:PrincipalTag/x509Issuer/OU": "other"})
    assert world.retrust(other).but(made=made).send().message.startswith("Unable to assume role")


def _new_private_ca(pca: Client, usage: str = "GENERAL_PURPOSE") -> str:
    arn: str = pca.create_certificate_authority(
        CertificateAuthorityConfiguration={
            "KeyAlgorithm": "EC_prime256v1",
            "SigningAlgorithm": "SHA256WITHECDSA",
            "Subject": {"CommonName": "sample", "OrganizationalUnit": "tech"},
        },
        CertificateAuthorityType="ROOT",
        UsageMode=usage,
    )["CertificateAuthorityArn"]
    return arn


def _issue_for(pca: Client, arn: str, csr: bytes, template: str, days: int) -> dict[str, str]:
    issued = pca.issue_certificate(
        CertificateAuthorityArn=arn,
        Csr=csr,
        SigningAlgorithm="SHA256WITHECDSA",
        TemplateArn=f"arn:aws:acm-pca:::template/{template}",
        Validity={"Type": "DAYS", "Value": days},
    )
    named = {"CertificateAuthorityArn": arn, "CertificateArn": issued["CertificateArn"]}
    pca.get_waiter("certificate_issued").wait(**named, WaiterConfig=AT_ONCE)
    found: dict[str, str] = pca.get_certificate(**named)
    return found


def _activate(pca: Client, arn: str, days: int) -> None:
    """Give a CA its first certificate, or a new one."""
    waiter = pca.get_waiter("certificate_authority_csr_created")
    waiter.wait(CertificateAuthorityArn=arn, WaiterConfig=AT_ONCE)
    csr = pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"].encode()
    root = _issue_for(pca, arn, csr, "RootCACertificate/V1", days)["Certificate"]
    pca.import_certificate_authority_certificate(
        CertificateAuthorityArn=arn, Certificate=root.encode()
    )


def _issue(pca: Client, arn: str, days: int) -> Made:
    own = leaf()
    csr = x509.CertificateSigningRequestBuilder().subject_name(own.certificate.subject)
    pem = csr.sign(own.key, SHA256()).public_bytes(Encoding.PEM)
    issued = _issue_for(pca, arn, pem, "EndEntityClientAuthCertificate/V1", days)
    return Made(own.key, x509.load_pem_x509_certificate(issued["Certificate"].encode()))
