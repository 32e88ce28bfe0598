"""The Private CA adapter over HTTP: the requests acm-pca sees and what is made of its answers."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from tests.flow.scripted_control_plane import Answer, ScriptedControlPlane
from tests.shared_session import session

from rolesanywhere.api.authority import CASubject, KeyAlgorithm, SigningAlgorithm, UsageMode
from rolesanywhere.api.conditions import Reason
from rolesanywhere.api.trust_anchor import CreatePrivateCA
from rolesanywhere.aws.clients import AwsGateway
from rolesanywhere.aws.private_ca import PrivateCAClient
from rolesanywhere.domain.observed import AuthorityRecord, IssuedCertificate
from rolesanywhere.domain.trouble import NotFound, Refusal, Trouble

ARN = "arn:aws-cn:acm-pca:cn-north-1:123456789012:certificate-authority/one"
LEAF = f"{ARN}/certificate/0a"
NOT_AFTER = datetime(2026, 12, 1, 12, 0, 0, 999_000, tzinfo=UTC)
NOT_READY = Answer.error(400, "RequestInProgressException")
GONE = Answer.error(400, "ResourceNotFoundException")


@pytest.fixture
def plane(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedControlPlane]:
    server = ScriptedControlPlane()
    monkeypatch.setenv("AWS_ENDPOINT_URL_ACM_PCA", server.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    yield server
    server.close()


def client() -> PrivateCAClient:
    return AwsGateway(now=lambda: NOT_AFTER, session=session).private_ca("cn-north-1")


def detail(state: str) -> dict[str, object]:
    return {
        "Arn": ARN,
        "Status": state,
        "UsageMode": "SHORT_LIVED_CERTIFICATE",
        "CertificateAuthorityConfiguration": {
            "KeyAlgorithm": "RSA_2048",
            "SigningAlgorithm": "SHA256WITHRSA",
            "Subject": {"CommonName": "sample"},
        },
    }


def described(state: str) -> Answer:
    return Answer(200, {"CertificateAuthority": detail(state)})


@pytest.mark.parametrize(
    ("wanted", "usage_mode", "signature", "subject"),
    [
        (
            CreatePrivateCA(subject=CASubject(common_name="sample", organizational_unit="tech")),
            "SHORT_LIVED_CERTIFICATE",
            "SHA256WITHRSA",
            {"CommonName": "sample", "OrganizationalUnit": "tech"},
        ),
        (
            CreatePrivateCA(
                subject=CASubject(common_name="x", organization="Shop", country="JP"),
                usage_mode=UsageMode.GENERAL_PURPOSE,
                key_algorithm=KeyAlgorithm.EC_SECP384R1,
            ),
            "GENERAL_PURPOSE",
            "SHA384WITHECDSA",
            {"CommonName": "x", "Organization": "Shop", "Country": "JP"},
        ),
        (
            CreatePrivateCA(
                subject=CASubject(common_name="x"),
                signing_algorithm=SigningAlgorithm.SHA512_WITH_RSA,
            ),
            "SHORT_LIVED_CERTIFICATE",
            "SHA512WITHRSA",
            {"CommonName": "x"},
        ),
    ],
)
def test_a_ca_is_asked_for(
    plane: ScriptedControlPlane,
    wanted: CreatePrivateCA,
    usage_mode: str,
    signature: str,
    subject: dict[str, str],
) -> None:
    """Mode, algorithms, subject, token and tags: as the spec says, in acm-pca's words."""
    plane.will("CreateCertificateAuthority", Answer(200, {"CertificateAuthorityArn": ARN}))
    assert client().create(wanted, token="t" * 32, tags={"a": "b"}) == ARN
    assert plane.asked[0].body == {
        "CertificateAuthorityType": "ROOT",
        "CertificateAuthorityConfiguration": {
            "KeyAlgorithm": wanted.key_algorithm.value,
            "SigningAlgorithm": signature,
            "Subject": subject,
        },
        "UsageMode": usage_mode,
        "IdempotencyToken": "t" * 32,
        "Tags": [{"Key": "a", "Value": "b"}],
    }


def test_a_certificate_is_asked_for(plane: ScriptedControlPlane) -> None:
    """Absolute validity in whole seconds; the template lives in the CA's partition."""
    plane.will("IssueCertificate", Answer(200, {"CertificateArn": LEAF}))
    arn = client().issue(
        ARN,
        csr=b"PEM",
        signing_algorithm="SHA256WITHRSA",
        template="EndEntityClientAuthCertificate/V1",
        not_after=NOT_AFTER,
        token="token",
    )
    assert arn == LEAF
    assert plane.asked[0].body == {
        "CertificateAuthorityArn": ARN,
        "Csr": base64.b64encode(b"PEM").decode(),
        "SigningAlgorithm": "SHA256WITHRSA",
        "TemplateArn": "arn:aws-cn:acm-pca:::template/EndEntityClientAuthCertificate/V1",
        "Validity": {"Type": "ABSOLUTE", "Value": 1796126400},
        "IdempotencyToken": "token",
    }


def test_an_issue_may_be_repeated(plane: ScriptedControlPlane) -> None:
    """Its token makes a second try give the same certificate."""
    plane.will("IssueCertificate", Answer(lost=True), Answer(200, {"CertificateArn": LEAF}))
    client().issue(
        ARN, csr=b"", signing_algorithm="x", template="y", not_after=NOT_AFTER, token="t"
    )
    assert [asked.body["IdempotencyToken"] for asked in plane.asked] == ["t", "t"]


def test_what_is_in_the_making_is_none(plane: ScriptedControlPlane) -> None:
    """Neither a CSR nor a certificate is there at once: that is no trouble."""
    plane.will("GetCertificateAuthorityCsr", NOT_READY, Answer(200, {"Csr": "CSR"}))
    plane.will(
        "GetCertificate",
        NOT_READY,
        Answer(200, {"Certificate": "LEAF", "CertificateChain": "ROOT"}),
    )
    adapter = client()
    assert [adapter.csr(ARN), adapter.csr(ARN)] == [None, "CSR"]
    assert adapter.certificate(ARN, LEAF) is None
    assert adapter.certificate(ARN, LEAF) == IssuedCertificate("LEAF", "ROOT")


def test_a_root_has_no_chain(plane: ScriptedControlPlane) -> None:
    """acm-pca leaves the field out."""
    plane.will("GetCertificateAuthorityCertificate", Answer(200, {"Certificate": "ROOT"}))
    assert client().authority_certificate(ARN) == IssuedCertificate("ROOT", "")


def test_deleted_authorities_are_not_listed(plane: ScriptedControlPlane) -> None:
    """A CA awaiting its end must not be taken for the one we own; all pages are read."""
    plane.will(
        "ListCertificateAuthorities",
        Answer(200, {"CertificateAuthorities": [detail("DELETED")], "NextToken": "more"}),
        Answer(200, {"CertificateAuthorities": [detail("PENDING_CERTIFICATE")]}),
    )
    assert client().authorities() == (
        AuthorityRecord(
            ARN, "PENDING_CERTIFICATE", "SHORT_LIVED_CERTIFICATE", "RSA_2048", "SHA256WITHRSA"
        ),
    )
    assert plane.asked[0].body == {"ResourceOwner": "SELF"}


def test_a_missing_ca_is_not_found(plane: ScriptedControlPlane) -> None:
    """The reason speaks of the CA, the message names it."""
    plane.will("DescribeCertificateAuthority", GONE)
    with pytest.raises(NotFound) as caught:
        client().describe(ARN)
    assert caught.value.reason is Reason.CA_NOT_FOUND
    assert ARN in caught.value.message


def test_all_tags_are_read(plane: ScriptedControlPlane) -> None:
    """Tags come in pages too."""
    plane.will(
        "ListTags",
        Answer(200, {"Tags": [{"Key": "a", "Value": "1"}], "NextToken": "more"}),
        Answer(200, {"Tags": [{"Key": "b"}]}),
    )
    assert client().tags(ARN) == {"a": "1", "b": ""}


def test_a_root_certificate_is_installed(plane: ScriptedControlPlane) -> None:
    """A root has no chain to be sent."""
    plane.will("ImportCertificateAuthorityCertificate", Answer(200, {}))
    client().install(ARN, "PEM")
    assert plane.asked[0].body == {
        "CertificateAuthorityArn": ARN,
        "Certificate": base64.b64encode(b"PEM").decode(),
    }


@pytest.mark.parametrize(
    ("state", "calls"),
    [
        (
            described("ACTIVE"),
            [
                "DescribeCertificateAuthority",
                "UpdateCertificateAuthority",
                "DeleteCertificateAuthority",
            ],
        ),
        (
            described("PENDING_CERTIFICATE"),
            ["DescribeCertificateAuthority", "DeleteCertificateAuthority"],
        ),
        (described("DELETED"), ["DescribeCertificateAuthority"]),
        (GONE, ["DescribeCertificateAuthority"]),
    ],
    ids=["active", "pending", "deleted", "gone"],
)
def test_a_ca_is_deleted(plane: ScriptedControlPlane, state: Answer, calls: list[str]) -> None:
    """An ACTIVE one is disabled first; one that is gone is no trouble."""
    plane.will("DescribeCertificateAuthority", state)
    plane.will("UpdateCertificateAuthority", Answer(200, {}))
    plane.will("DeleteCertificateAuthority", Answer(200, {}))
    client().delete(ARN, restorable_days=7)
    assert plane.operations() == calls
    if calls[-1] == "DeleteCertificateAuthority":
        assert plane.asked[-1].body["PermanentDeletionTimeInDays"] == 7


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        ("InvalidStateException", Trouble, Reason.CA_NOT_ACTIVE),
        ("MalformedCSRException", Refusal, Reason.AWS_REFUSED),
        ("LimitExceededException", Trouble, Reason.AWS_REFUSED),
    ],
)
def test_a_refused_issue_says_why(
    plane: ScriptedControlPlane, code: str, kind: type[Trouble], reason: Reason
) -> None:
    """acm-pca's codes reach the use case as ours."""
    plane.will("IssueCertificate", Answer.error(400, code))
    with pytest.raises(Trouble) as caught:
        client().issue(
            ARN, csr=b"", signing_algorithm="x", template="y", not_after=NOT_AFTER, token="t"
        )
    assert type(caught.value) is kind
    assert caught.value.reason is reason
