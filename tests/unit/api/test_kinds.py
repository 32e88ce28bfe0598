"""What users write becomes frozen types, and what the operator knows becomes words again."""

from typing import Any

import msgspec
import pytest
import yaml

from rolesanywhere.api.agent_configuration import AgentConfiguration
from rolesanywhere.api.authority import (
    CASubject,
    CAValidity,
    KeyAlgorithm,
    SigningAlgorithm,
    UsageMode,
)
from rolesanywhere.api.conditions import Condition, ConditionStatus, ConditionType, Reason
from rolesanywhere.api.profile import (
    AllowedNamespaces,
    CertificateSubject,
    ExistingRole,
    LabelSelector,
    ManagedRoles,
    ProfileEntry,
    ProfileSpec,
    ProfileStatus,
    Reference,
    RoleRules,
    SelectorRequirement,
)
from rolesanywhere.api.trust_anchor import (
    AwsPrivateCA,
    CertificateAuthorityStatus,
    CreateOwnCA,
    CreatePrivateCA,
    DeletionPolicy,
    OwnCA,
    Source,
    TrustAnchorSpec,
    TrustAnchorStatus,
)
from rolesanywhere.api.workload_identity import (
    CertificateRequest,
    CertificateStatus,
    IssuanceStatus,
    KeyFamily,
    ManagedRole,
    PrivateKey,
    RoleChoice,
    SessionStatus,
    WorkloadIdentitySpec,
    WorkloadIdentityStatus,
)

PRIVATE_CA = """
region: ap-northeast-1
source:
  awsPrivateCA:
    create:
      usageMode: GeneralPurpose
      keyAlgorithm: EC_secp384r1
      signingAlgorithm: SHA384WITHECDSA
      subject: {commonName: sample, organizationalUnit: tech, organization: Example, country: JP}
      validity: {notAfter: "2200-03-15T00:00:00Z"}
deletionPolicy: Delete
"""
OWN_CA = """
region: eu-west-1
source: {ownCA: {secretName: onprem-ca, create: {subject: {commonName: sample}}}}
"""
PROFILE = """
trustAnchorRef: {name: onprem}
sessionDuration: 30m
sessionPolicy: '{"Statement": []}'
allowedNamespaces:
  names: [shop]
  selector:
    matchLabels: {team: shop}
    matchExpressions: [{key: tier, operator: In, values: [web]}]
subject: {organizationalUnit: tech, organization: Example}
roles:
  existing: [{arn: "arn:aws:iam::123456789012:role/reports*", manageTrustPolicy: false}]
  managed:
    path: /ra/
    permissionsBoundaryArn: arn:aws:iam::123456789012:policy/boundary
    allowedPolicyArns: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]
    allowInlinePolicies: true
    maxSessionDuration: 2h
deletionPolicy: Retain
"""
IDENTITY = """
profileRef: {name: default}
serviceAccountName: report
role:
  managed:
    name: reports
    policyArns: [arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess]
    inlinePolicies: {read: "{}"}
    trustConditions:
      StringEquals: {"aws:PrincipalTag/x509Issuer/OU": tech}
      IpAddress: {"aws:SourceIp": [203.0.113.0/24, 2001:db8::/32]}
certificate:
  commonName: sample
  duration: 24h
  renewAt: 50%
  privateKey: {algorithm: RSA, size: 4096}
  secretName: report-certificate
deletionPolicy: Retain
"""
SPECS: list[tuple[str, msgspec.Struct]] = [
    (
        PRIVATE_CA,
        TrustAnchorSpec(
            region="ap-northeast-1",
            source=Source(
                aws_private_ca=AwsPrivateCA(
                    create=CreatePrivateCA(
                        usage_mode=UsageMode.GENERAL_PURPOSE,
                        key_algorithm=KeyAlgorithm.EC_SECP384R1,
                        signing_algorithm=SigningAlgorithm.SHA384_WITH_ECDSA,
                        subject=CASubject(
                            common_name="sample",
                            organizational_unit="tech",
                            organization="Example",
                            country="JP",
                        ),
                        validity=CAValidity(not_after="2200-03-15T00:00:00Z"),
                    )
                )
            ),
            deletion_policy=DeletionPolicy.DELETE,
        ),
    ),
    (
        "{region: eu-west-1, source: {awsPrivateCA: {arn: 'arn:aws:acm-pca:a'}}}",
        TrustAnchorSpec(
            region="eu-west-1",
            source=Source(aws_private_ca=AwsPrivateCA(arn="arn:aws:acm-pca:a")),
            deletion_policy=DeletionPolicy.RETAIN,  # a CA is not lost by an accident
        ),
    ),
    (
        OWN_CA,
        TrustAnchorSpec(
            region="eu-west-1",
            source=Source(
                own_ca=OwnCA(
                    secret_name="onprem-ca",
                    create=CreateOwnCA(
                        subject=CASubject(common_name="sample"),
                        key_algorithm=KeyAlgorithm.EC_PRIME256V1,
                        validity=CAValidity(years=10),
                    ),
                )
            ),
        ),
    ),
    (
        PROFILE,
        ProfileSpec(
            trust_anchor_ref=Reference(name="onprem"),
            session_duration="30m",
            session_policy='{"Statement": []}',
            allowed_namespaces=AllowedNamespaces(
                names=("shop",),
                selector=LabelSelector(
                    match_labels={"team": "shop"},
                    match_expressions=(
                        SelectorRequirement(key="tier", operator="In", values=("web",)),
                    ),
                ),
            ),
            subject=CertificateSubject(organizational_unit="tech", organization="Example"),
            roles=RoleRules(
                existing=(
                    ExistingRole(
                        arn="arn:aws:iam::123456789012:role/reports*", manage_trust_policy=False
                    ),
                ),
                managed=ManagedRoles(
                    path="/ra/",
                    permissions_boundary_arn="arn:aws:iam::123456789012:policy/boundary",
                    allowed_policy_arns=("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",),
                    allow_inline_policies=True,
                    max_session_duration="2h",
                ),
            ),
            deletion_policy=DeletionPolicy.RETAIN,
        ),
    ),
    (
        "{trustAnchorRef: {name: onprem}, roles: {existing: [{arn: a}], managed: {}}}",
        ProfileSpec(  # nobody is admitted, nothing is allowed that was not written
            trust_anchor_ref=Reference(name="onprem"),
            session_duration="1h",
            session_policy=None,
            allowed_namespaces=AllowedNamespaces(names=(), selector=None),
            roles=RoleRules(
                existing=(ExistingRole(arn="a", manage_trust_policy=True),),
                managed=ManagedRoles(
                    path="/rolesanywhere/",
                    permissions_boundary_arn=None,
                    allowed_policy_arns=(),
                    allow_inline_policies=False,
                    max_session_duration="1h",
                ),
            ),
            deletion_policy=DeletionPolicy.DELETE,
        ),
    ),
    (
        IDENTITY,
        WorkloadIdentitySpec(
            profile_ref=Reference(name="default"),
            service_account_name="report",
            role=RoleChoice(
                managed=ManagedRole(
                    name="reports",
                    policy_arns=("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",),
                    inline_policies={"read": "{}"},
                    trust_conditions={
                        "StringEquals": {"aws:PrincipalTag/x509Issuer/OU": "tech"},
                        "IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]},
                    },
                )
            ),
            certificate=CertificateRequest(
                common_name="sample",
                duration="24h",
                renew_at="50%",
                private_key=PrivateKey(algorithm=KeyFamily.RSA, size=4096),
                secret_name="report-certificate",
            ),
            deletion_policy=DeletionPolicy.RETAIN,
        ),
    ),
    (
        "{profileRef: {name: default}, serviceAccountName: report, role: {arn: r}}",
        WorkloadIdentitySpec(
            profile_ref=Reference(name="default"),
            service_account_name="report",
            role=RoleChoice(arn="r", managed=None),
            certificate=CertificateRequest(
                common_name=None,
                duration="168h",
                renew_at="67%",
                private_key=PrivateKey(algorithm=KeyFamily.ECDSA, size=None),
                secret_name=None,
            ),
            deletion_policy=DeletionPolicy.DELETE,
        ),
    ),
]


@pytest.mark.parametrize(("text", "spec"), SPECS)
def test_a_spec_is_read(text: str, spec: msgspec.Struct) -> None:
    """What is written is understood, what is left out is the documented default."""
    assert msgspec.convert(yaml.safe_load(text), type(spec)) == spec


@pytest.mark.parametrize(("text", "spec"), SPECS)
def test_a_spec_is_written_as_it_is_read(text: str, spec: msgspec.Struct) -> None:
    """A type becomes the very words users write, and is read back from them."""
    written = msgspec.json.decode(msgspec.json.encode(spec))
    assert keys(yaml.safe_load(text)) <= keys(written)
    assert msgspec.convert(written, type(spec)) == spec


def keys(value: Any) -> set[str]:  # noqa: ANN401 - a manifest of any shape
    """Give every key of a manifest, at any depth."""
    if isinstance(value, dict):
        return value.keys() | {key for held in value.values() for key in keys(held)}
    if isinstance(value, list):
        return {key for held in value for key in keys(held)}
    return set()


@pytest.mark.parametrize(
    ("text", "type_", "told"),
    [
        ("{source: {}}", TrustAnchorSpec, r"missing required field `region`"),
        ("{serviceAccountName: a, role: {}}", WorkloadIdentitySpec, r"field `profileRef`"),
        ("{algorithm: DSA}", PrivateKey, r"'DSA' - at `\$.algorithm`"),
        ("{algorithm: RSA, size: big}", PrivateKey, r"`int \| null`, got `str` - at `\$.size`"),
        ("{subject: {commonName: a}, usageMode: Long}", CreatePrivateCA, r"at `\$.usageMode`"),
        ("{subject: {}}", CreateOwnCA, r"`commonName` - at `\$.subject`"),
        ("{trustConditions: {Bool: {a: true}}}", ManagedRole, r"got `bool` - at"),
    ],
)
def test_what_cannot_be_understood_is_named(
    text: str, type_: type[msgspec.Struct], told: str
) -> None:
    """An object the schema let through, of another version perhaps, says where it is wrong."""
    with pytest.raises(msgspec.ValidationError, match=told):
        msgspec.convert(yaml.safe_load(text), type_)


CONDITION = Condition(
    type=ConditionType.READY,
    status=ConditionStatus.TRUE,
    reason=Reason.READY,
    message="ready",
    last_transition_time="2026-11-24T12:00:00Z",
    observed_generation=2,
)
STATUSES: list[tuple[msgspec.Struct, dict[str, Any]]] = [
    (TrustAnchorStatus(), {}),
    (ProfileStatus(), {}),
    (WorkloadIdentityStatus(), {}),
    (
        TrustAnchorStatus(
            observed_generation=2,
            anchor_id="6a1b",
            certificate_authority=CertificateAuthorityStatus(
                secret_name="onprem-ca", usage_mode=UsageMode.SHORT_LIVED, not_after="t"
            ),
            conditions=(CONDITION,),
        ),
        {
            "observedGeneration": 2,
            "anchorId": "6a1b",
            "certificateAuthority": {
                "secretName": "onprem-ca",
                "usageMode": "ShortLived",
                "notAfter": "t",
            },
            "conditions": [
                {
                    "type": "Ready",
                    "status": "True",
                    "reason": "Ready",
                    "message": "ready",
                    "lastTransitionTime": "2026-11-24T12:00:00Z",
                    "observedGeneration": 2,
                }
            ],
        },
    ),
    (
        ProfileStatus(profiles=(ProfileEntry(arn="p", roles=250),)),
        {"profiles": [{"arn": "p", "roles": 250}]},
    ),
    (
        WorkloadIdentityStatus(
            role_arn="r",
            certificate=CertificateStatus(
                serial="2a",
                subject="CN=a",
                issuer="CN=b",
                not_before="t1",
                not_after="t2",
                issued_at="t3",
                renew_at="t4",
            ),
            issuance=IssuanceStatus(token="t", started_at="t5", not_after="t6"),
            session=SessionStatus(
                assumed_role_arn="s",
                expiration="t7",
                checked_at="t8",
                certificate_serial="2a",
                role_arn="r",
                packed_policy_size=3,
            ),
        ),
        {
            "roleArn": "r",
            "certificate": {
                "serial": "2a",
                "subject": "CN=a",
                "issuer": "CN=b",
                "notBefore": "t1",
                "notAfter": "t2",
                "issuedAt": "t3",
                "renewAt": "t4",
            },
            "issuance": {"token": "t", "startedAt": "t5", "notAfter": "t6"},
            "session": {
                "assumedRoleArn": "s",
                "expiration": "t7",
                "checkedAt": "t8",
                "certificateSerial": "2a",
                "roleArn": "r",
                "packedPolicySize": 3,
            },
        },
    ),
]


@pytest.mark.parametrize(("status", "words"), STATUSES)
def test_a_status_shows_what_is_known(status: msgspec.Struct, words: dict[str, Any]) -> None:
    """What is not known is left out, and a status is read back as it was written."""
    assert msgspec.json.decode(msgspec.json.encode(status)) == words
    assert msgspec.convert(words, type(status)) == status


CONFIGURATION = AgentConfiguration(
    name="report",
    namespace="shop",
    region="eu-west-1",
    trust_anchor_arn="a",
    profile_arn="p",
    role_arn="r",
    session_duration_seconds=3600,
)


def test_the_agents_configuration_is_json() -> None:
    """Agents read what operators of another version wrote: keys stay, new ones are skipped."""
    written = msgspec.json.decode(msgspec.json.encode(CONFIGURATION))
    assert written == {
        "name": "report",
        "namespace": "shop",
        "region": "eu-west-1",
        "trustAnchorArn": "a",
        "profileArn": "p",
        "roleArn": "r",
        "sessionDurationSeconds": 3600,
        "endpoint": None,
        "roleSessionName": None,
    }
    newer = msgspec.json.encode({**written, "newInTheNextVersion": 1})
    assert msgspec.json.decode(newer, type=AgentConfiguration) == CONFIGURATION


@pytest.mark.parametrize("thing", [CONFIGURATION, CONDITION, *(spec for _, spec in SPECS)])
def test_nothing_changes_what_was_read(thing: msgspec.Struct) -> None:
    """Types are frozen: what a pass decides upon cannot change under its hands."""
    with pytest.raises(AttributeError, match="immutable type"):
        setattr(thing, thing.__struct_fields__[0], "changed")
