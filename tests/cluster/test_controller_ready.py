"""Four ways to a working identity, by the real controller: each with all that it leaves behind."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from hack.cluster.kubectl import Kubectl
from tests.cluster import story as stories
from tests.cluster.api_server import Manifest, Ref
from tests.cluster.aws_account import Record
from tests.cluster.identity_files import IdentityFiles
from tests.cluster.stage import Stage, lists
from tests.cluster.story import S3_READ_ONLY, Story, with_role, with_roles
from tests.unit.pki.making import make_ca

from rolesanywhere.api import names

WAYS: Final = ("private CA made", "private CA named", "own CA made", "own CA brought")
PRIVATE: Final = WAYS[:2]
MADE: Final = ("private CA made", "own CA made")
MANAGED: Final = ("private CA made", "own CA brought")
EXISTING: Final = ("private CA named", "own CA made")
LIFE: Final = timedelta(hours=168)
LOOKS: Final = ("ListTrustAnchors", "ListProfiles")  # of each, every pass begins with one
PASSES: Final = 2  # more looks at what is well, before nothing is said to have changed
ROOT_END: Final = datetime(2200, 3, 15, tzinfo=UTC)
TRUSTED: Final = {"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}


@dataclass(frozen=True)
class Told:
    """A story told to its end: what was applied, and what it became."""

    stage: Stage
    story: Story
    role: str  # an existing one's ARN; empty for a managed one
    anchor: Manifest
    profile: Manifest
    identity: Manifest

    @property
    def files(self) -> IdentityFiles:
        """Give the Secret's content."""
        return IdentityFiles.of(self.stage.watched.latest(self.story.secret()))

    @property
    def role_name(self) -> str:
        """Give the role's name, from the status."""
        return str(self.identity["status"]["roleArn"]).rpartition("/")[2]

    @property
    def aws_anchor(self) -> Record:
        """Give the one trust anchor of the story's region."""
        (anchor,) = self.stage.account.trust_anchors(self.story.region)
        return anchor


def begin(stage: Stage, way: str, story: Story) -> str:
    """Apply a story; gives its existing role's ARN, if it has one."""
    anchor = {
        "private CA made": lambda: story.private_ca("RSA_2048"),
        "private CA named": lambda: story.existing_ca(stage.account.make_authority(story.region)),
        "own CA made": story.own_ca,
        "own CA brought": story.brought_ca,
    }[way]()
    if way == "own CA brought":
        stage.apply(brought(story))
    role = stage.account.make_role(story.name) if way in EXISTING else ""
    profile = story.profile_of(with_roles(role) if role else None)
    certificate = {"commonName": "sample", "privateKey": {"algorithm": "RSA"}}
    change = with_role(role) if role else {"certificate": certificate}
    stage.apply(anchor, profile, story.identity_of(changes=change))
    return role


def brought(story: Story) -> Manifest:
    now = datetime.now(UTC)
    made = make_ca(
        "CN=sample,OU=tech", not_before=now - timedelta(days=1), not_after=now + timedelta(days=99)
    )
    return stories.tls_secret(story.authority_secret, made.key_pem.decode(), made.pem.decode())


@pytest.fixture(scope="module")
def told(stage: Stage) -> Iterator[dict[str, Told]]:
    """Tell all stories at once, each in its own region."""
    begun = {way: stage.story() for way in WAYS}
    roles = {way: begin(stage, way, story) for way, story in begun.items()}
    yield {
        way: Told(
            stage,
            story,
            roles[way],
            *stage.until_ready(story.anchor, story.profile, story.identity()),
        )
        for way, story in begun.items()
    }
    for story in begun.values():
        stage.end(story)


@pytest.fixture(scope="module")
def looked_at_again(told: dict[str, Told]) -> dict[Ref, str]:
    """Give every object's version from before the controller looked at all of them again."""
    watched, gate = next(iter(told.values())).stage.watched, next(iter(told.values())).stage.gate
    for case in told.values():
        watched.until(case.story.profile, lists(1))
    before = {
        ref: version(watched.latest(ref)) for case in told.values() for ref in refs(case.story)
    }
    looks = list(itertools.product(LOOKS, (case.story.region for case in told.values())))
    since = {look: gate.count(*look) for look in looks}
    for look in looks:
        gate.until_called(*look, since=since[look], times=PASSES)
    return before


@pytest.mark.parametrize("way", WAYS)
def test_trust_anchor_is_made_in_aws(told: dict[str, Told], way: str) -> None:
    """AWS holds one enabled trust anchor of the CA, without notices that would always be due."""
    case, status = told[way], told[way].anchor["status"]
    anchor = case.aws_anchor
    assert anchor["name"] == case.story.name
    assert anchor["enabled"]
    assert anchor["trustAnchorArn"] == status["arn"]
    assert anchor["trustAnchorId"] == status["anchorId"]
    data, authority = anchor["source"]["sourceData"], status["certificateAuthority"]
    if way in PRIVATE:
        assert data["acmPcaArn"] == authority["arn"]
    else:
        assert data["x509CertificateData"].split() == authority["certificate"].split()
        assert authority["secretName"] == case.story.authority_secret.name
    notices = {each["event"]: each["enabled"] for each in anchor["notificationSettings"]}
    assert notices == {"CA_CERTIFICATE_EXPIRY": True, "END_ENTITY_CERTIFICATE_EXPIRY": False}


@pytest.mark.parametrize("way", WAYS)
def test_authority_is_shown(told: dict[str, Told], way: str) -> None:
    """The status says of the CA what its certificate says."""
    status = told[way].anchor["status"]["certificateAuthority"]
    root = x509.load_pem_x509_certificate(status["certificate"].encode())
    assert root == told[way].files.root
    assert status["state"] == "ACTIVE"
    assert status["subject"] == root.subject.rfc4514_string()
    assert int(status["serial"], 16) == root.serial_number
    assert status["notBefore"] == shown(root.not_valid_before_utc)
    assert status["notAfter"] == shown(root.not_valid_after_utc)


@pytest.mark.parametrize("way", MADE)
def test_root_ends_as_asked(told: dict[str, Told], way: str) -> None:
    """A CA that is made ends in 2200, to the second, and is named as asked."""
    root = told[way].files.root
    assert root.not_valid_after_utc == ROOT_END
    assert root.subject == root.issuer
    attributes = [str(each.value) for each in root.subject]
    assert sorted(attributes) == ["sample", "tech"]


def test_private_ca_is_short_lived(told: dict[str, Told]) -> None:
    """The Private CA that is made is active, short-lived, and tagged as this object's."""
    case = told["private CA made"]
    (authority,) = case.stage.account.authorities(case.story.region)
    assert authority["Status"] == "ACTIVE"
    assert authority["UsageMode"] == "SHORT_LIVED_CERTIFICATE"
    assert authority["CertificateAuthorityConfiguration"]["KeyAlgorithm"] == "RSA_2048"
    pca = case.stage.account.client("acm-pca", case.story.region)
    tags = pca.list_tags(CertificateAuthorityArn=authority["Arn"])["Tags"]
    owner = {"Key": names.TAG_OWNER_UID, "Value": case.anchor["metadata"]["uid"]}
    assert owner in tags


@pytest.mark.parametrize("way", WAYS)
def test_profile_lists_the_role(told: dict[str, Told], way: str) -> None:
    """AWS holds one enabled profile with the session's length and the one role."""
    case = told[way]
    (profile,) = case.stage.account.profiles(case.story.region)
    assert profile["name"] == case.story.name
    assert profile["enabled"]
    assert profile["durationSeconds"] == 3600
    assert profile["roleArns"] == [case.identity["status"]["roleArn"]]
    latest = case.stage.watched.until(case.story.profile, lists(1))
    assert latest["status"]["profiles"] == [{"arn": profile["profileArn"], "roles": 1}]


@pytest.mark.parametrize("way", WAYS)
def test_role_admits_this_certificate_only(told: dict[str, Told], way: str) -> None:
    """The trust policy names issuer, subject, URI and trust anchor, and nothing by exclusion."""
    case = told[way]
    statement = case.stage.account.statements(case.role_name)[-1]
    issuer = {each.rfc4514_attribute_name: each.value for each in case.files.root.subject}
    assert statement["Effect"] == "Allow"
    assert statement["Principal"] == {"Service": "rolesanywhere.amazonaws.com"}
    assert set(statement["Action"]) == TRUSTED
    assert statement["Condition"] == {
        "StringEquals": {
            "aws:PrincipalTag/x509Issuer/CN": issuer["CN"],
            "aws:PrincipalTag/x509Issuer/OU": "tech",
            "aws:PrincipalTag/x509Subject/CN": case.files.common_name,
            "aws:PrincipalTag/x509Subject/OU": "tech",
            "aws:PrincipalTag/x509SAN/URI": uri(case.story),
        },
        "ArnEquals": {"aws:SourceArn": case.anchor["status"]["arn"]},
    }


@pytest.mark.parametrize("way", MANAGED)
def test_managed_role_is_made(told: dict[str, Told], way: str) -> None:
    """A managed role lies at the Profile's path, is tagged, and has the policy asked for."""
    case, iam = told[way], told[way].stage.account.client("iam")
    role = case.stage.account.role(case.role_name)
    assert role is not None
    assert role["Path"] == "/rolesanywhere/"
    tags = {each["Key"]: each["Value"] for each in role["Tags"]}
    assert tags[names.TAG_OWNER_UID] == case.identity["metadata"]["uid"]
    assert tags[names.TAG_OWNER] == f"WorkloadIdentity/{case.story.namespace}/web"
    attached = iam.list_attached_role_policies(RoleName=case.role_name)["AttachedPolicies"]
    assert [each["PolicyArn"] for each in attached] == [S3_READ_ONLY]
    assert len(role["AssumeRolePolicyDocument"]["Statement"]) == 1


@pytest.mark.parametrize("way", EXISTING)
def test_existing_role_keeps_its_own_statements(told: dict[str, Told], way: str) -> None:
    """An existing role gets one statement more, and keeps what others put there."""
    case = told[way]
    assert case.identity["status"]["roleArn"] == case.role
    others, ours = case.stage.account.statements(case.role_name)
    assert others["Sid"] == "Others"
    assert ours["Sid"].startswith("RolesAnywhere")


@pytest.mark.parametrize("way", WAYS)
def test_secret_holds_what_a_workload_needs(told: dict[str, Told], way: str) -> None:
    """Key and certificate match, the chain leads to the root, and the URI is its only SAN."""
    case = told[way]
    files = case.files
    assert files.is_whole
    assert files.common_name == ("sample" if way in MANAGED else f"web.{case.story.namespace}")
    assert files.organizational_unit == "tech"
    assert files.uris == [uri(case.story)]
    assert isinstance(
        files.key, rsa.RSAPrivateKey if way in MANAGED else ec.EllipticCurvePrivateKey
    )
    purposes = files.leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.CLIENT_AUTH]


@pytest.mark.parametrize("way", WAYS)
def test_secret_belongs_to_its_identity(told: dict[str, Told], way: str) -> None:
    """The Secret is of type tls, labelled, and owned, so that it goes with the identity."""
    case = told[way]
    secret = case.stage.watched.latest(case.story.secret())
    assert secret["type"] == "kubernetes.io/tls"
    uid = case.identity["metadata"]["uid"]
    assert secret["metadata"]["labels"] == {
        names.MANAGED_BY_LABEL: names.MANAGER,
        names.OWNER_UID_LABEL: uid,
        names.ROLE_IN_SECRET_LABEL: names.SECRET_OF_IDENTITY,
    }
    (owner,) = secret["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["uid"], owner["controller"]) == ("WorkloadIdentity", uid, True)


@pytest.mark.parametrize("way", WAYS)
def test_agent_is_told_what_to_ask(told: dict[str, Told], way: str) -> None:
    """``agent.json`` names region, ARNs, length of a session, and where CreateSession is."""
    case = told[way]
    (profile,) = case.profile["status"]["profiles"]
    assert case.files.agent == {
        "name": "web",
        "namespace": case.story.namespace,
        "region": case.story.region,
        "trustAnchorArn": case.anchor["status"]["arn"],
        "profileArn": profile["arn"],
        "roleArn": case.identity["status"]["roleArn"],
        "sessionDurationSeconds": 3600,
        "roleSessionName": None,
        "endpoint": case.stage.gate.url,
    }


@pytest.mark.parametrize("way", WAYS)
def test_certificate_is_shown(told: dict[str, Told], way: str) -> None:
    """The status says of the certificate what the certificate says, and when it is renewed."""
    case, status = told[way], told[way].identity["status"]["certificate"]
    leaf = case.files.leaf
    assert status["serial"] == case.files.serial
    assert status["subject"] == leaf.subject.rfc4514_string()
    assert status["issuer"] == leaf.issuer.rfc4514_string()
    assert status["notBefore"] == shown(leaf.not_valid_before_utc)
    assert status["notAfter"] == shown(leaf.not_valid_after_utc)
    issued, renewed = (datetime.fromisoformat(status[each]) for each in ("issuedAt", "renewAt"))
    assert leaf.not_valid_after_utc - issued == LIFE
    assert LIFE * 0.6 < renewed - issued <= LIFE * 0.67
    assert status.get("arn", "").startswith("arn:aws:acm-pca:") is (way in PRIVATE)
    assert "issuance" not in case.identity["status"]


@pytest.mark.parametrize("way", PRIVATE)
def test_private_ca_issues_once(told: dict[str, Told], way: str) -> None:
    """The CA's own audit report lists its root and one certificate: the one in the Secret."""
    case = told[way]
    arn = case.anchor["status"]["certificateAuthority"]["arn"]
    root, leaf = case.stage.account.issued(case.story.region, arn)
    assert root["templateArn"].endswith("RootCACertificate/V1")
    assert leaf["templateArn"].endswith("EndEntityClientAuthCertificate/V1")
    assert int(leaf["serial"].replace(":", ""), 16) == case.files.leaf.serial_number
    assert leaf["certificateArn"] == case.identity["status"]["certificate"]["arn"]


@pytest.mark.parametrize("way", WAYS)
def test_session_is_proven(told: dict[str, Told], way: str) -> None:
    """The operator had a session as the workload: AWS names it by the certificate's serial."""
    case = told[way]
    session = case.identity["status"]["session"]
    role = case.role_name
    assert session["assumedRoleArn"].endswith(f":assumed-role/{role}/{case.files.serial}")
    assert session["certificateSerial"] == case.files.serial
    assert session["roleArn"] == case.identity["status"]["roleArn"]
    assert session["expiration"] > session["checkedAt"]


@pytest.mark.parametrize("way", WAYS)
def test_columns_show_what_users_look_for(
    told: dict[str, Told], kubectl: Kubectl, way: str
) -> None:
    """``kubectl get`` shows Ready and the ARN, role or Secret, and when it expires."""
    case = told[way]
    status = case.anchor["status"]
    expires = status["certificateAuthority"]["notAfter"]
    assert row(kubectl, case.story.anchor) == [case.story.name, "True", status["arn"], expires]
    arn = case.profile["status"]["profiles"][0]["arn"]
    assert row(kubectl, case.story.profile) == [case.story.name, "True", case.story.name, arn]
    status = case.identity["status"]
    expires = status["certificate"]["notAfter"]
    assert row(kubectl, case.story.identity()) == [
        "web",
        "True",
        status["roleArn"],
        "web-aws-identity",
        expires,
    ]


@pytest.mark.parametrize(
    ("kind", "conditions"),
    [
        (names.TRUST_ANCHOR, ["Ready", "CAReady", "Synced"]),
        (names.PROFILE, ["Ready", "Synced"]),
        (
            names.WORKLOAD_IDENTITY,
            ["Ready", "Admitted", "RoleReady", "CertificateReady", "SessionVerified"],
        ),
    ],
)
@pytest.mark.parametrize("way", WAYS)
def test_events_tell_transitions_and_no_more(
    told: dict[str, Told],
    looked_at_again: dict[Ref, str],
    way: str,
    kind: str,
    conditions: list[str],
) -> None:
    """One event when all came true, however often the object was looked at since."""
    case = told[way]
    object_ = {each["kind"]: each for each in (case.anchor, case.profile, case.identity)}[kind]
    events = case.stage.watched.events_of(object_)
    assert [(each["type"], each["reason"]) for each in events] == [("Normal", "Ready")]
    assert {each["message"].partition(":")[0] for each in events} == {"Ready"}
    assert {each["source"]["component"] for each in events} == {names.MANAGER}
    shown = {each["type"]: each["status"] for each in object_["status"]["conditions"]}
    assert shown == dict.fromkeys(conditions, "True")


@pytest.mark.parametrize("way", WAYS)
def test_what_is_well_is_left_alone(
    told: dict[str, Told], looked_at_again: dict[Ref, str], way: str
) -> None:
    """Further looks write nothing: no object and no Secret gets a new version."""
    now = {ref: version(told[way].stage.watched.latest(ref)) for ref in refs(told[way].story)}
    assert now == {ref: looked_at_again[ref] for ref in now}


@pytest.mark.parametrize("kind", [names.TRUST_ANCHOR, names.PROFILE, names.WORKLOAD_IDENTITY])
def test_objects_carry_a_finalizer_and_no_more(told: dict[str, Told], kind: str) -> None:
    """The finalizer is named for this operator, and nothing else is written into metadata."""
    case = told["own CA made"]
    object_ = {each["kind"]: each for each in (case.anchor, case.profile, case.identity)}[kind]
    assert object_["metadata"]["finalizers"] == [names.FINALIZER]
    assert "annotations" not in object_["metadata"]
    assert "labels" not in object_["metadata"]


def uri(story: Story) -> str:
    return f"spiffe://cluster.local/ns/{story.namespace}/sa/web"


def shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def version(manifest: Manifest) -> str:
    return str(manifest["metadata"]["resourceVersion"])


def refs(story: Story) -> list[Ref]:
    return [story.anchor, story.profile, story.identity(), story.secret()]


def row(kubectl: Kubectl, ref: Ref) -> list[str]:
    """Give the cells of ``kubectl get``, without the age."""
    place = [f"--namespace={ref.namespace}"] if ref.namespace else []
    kind = f"{ref.kind.lower()}.{names.GROUP}"
    line = kubectl("get", kind, ref.name, "--no-headers", *place).stdout
    return line.split()[:-1]
