"""kill -9 at every step of the way: what the next controller finds, it takes up, once."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import pytest
from hack.stack.programs import REGION
from tests.cluster.api_server import Manifest, Ref
from tests.cluster.aws_account import Record
from tests.cluster.identity_files import IdentityFiles
from tests.cluster.stage import Stage, lists
from tests.cluster.story import Story

from rolesanywhere.api import names


class Point(NamedTuple):
    """Where the controller is killed: ``before`` AWS is asked, or when its answer is lost."""

    operation: str
    before: bool = False


# In the order in which a story comes to them: every call that makes something.
OF_THE_ANCHOR: Final = (
    Point("CreateCertificateAuthority"),
    Point("IssueCertificate"),  # of the root
    Point("ImportCertificateAuthorityCertificate"),
    Point("CreateTrustAnchor"),
    Point("CreateProfile"),
)
OF_THE_IDENTITY: Final = (
    Point("CreateRole"),
    Point("UpdateProfile"),
    Point("IssueCertificate", before=True),  # of the leaf; its request is written down by now
    Point("IssueCertificate"),
    Point("GetCertificate"),
    Point("CreateSession"),  # the Secret is there, and no status tells of it
)
LOOKS: Final = ("ListTrustAnchors", "ListProfiles")


@pytest.fixture(scope="module")
def survived(stage: Stage) -> Iterator[Story]:
    """Tell a story whose controller is killed at each point, and then left alone."""
    with stage.telling() as story:
        stage.rest()
        stage.apply(story.private_ca(), story.profile_of())
        for point in OF_THE_ANCHOR:
            kill_at(stage, story, point)
        stage.run()
        stage.until_ready(story.anchor, story.profile)
        stage.rest()
        stage.apply(story.identity_of())
        for point in OF_THE_IDENTITY:
            kill_at(stage, story, point)
        stage.run()
        stage.until_ready(story.identity())
        stage.watched.until(story.profile, lists(1), "listing the role")
        yield story


@pytest.fixture(scope="module")
def report(stage: Stage, survived: Story) -> list[Record]:
    """Give the CA's audit report: all it ever issued."""
    arn = stage.watched.latest(survived.anchor)["status"]["certificateAuthority"]["arn"]
    return stage.account.issued(survived.region, arn)


def test_one_of_each_is_made(stage: Stage, survived: Story) -> None:
    """In AWS there are one CA, one trust anchor, one profile and one role: those of the status."""
    anchor, profile, identity = (
        stage.watched.latest(each)
        for each in (survived.anchor, survived.profile, survived.identity())
    )
    (authority,) = stage.account.authorities(survived.region)
    assert authority["Arn"] == anchor["status"]["certificateAuthority"]["arn"]
    (trust_anchor,) = stage.account.trust_anchors(survived.region)
    assert trust_anchor["trustAnchorArn"] == anchor["status"]["arn"]
    (remote,) = stage.account.profiles(survived.region)
    assert remote["profileArn"] == profile["status"]["profiles"][0]["arn"]
    (role,) = stage.account.roles_of(identity)
    assert identity["status"]["roleArn"].endswith(f"/{role}")


def test_certificates_are_issued_once(report: list[Record]) -> None:
    """The CA issued its root and one certificate, however often it was asked."""
    templates = [each["templateArn"].rpartition("template/")[2] for each in report]
    assert templates == ["RootCACertificate/V1", "EndEntityClientAuthCertificate/V1"]


def test_secret_is_good(stage: Stage, survived: Story, report: list[Record]) -> None:
    """The Secret holds that one certificate with its key, and the status tells of it."""
    files = IdentityFiles.of(stage.watched.latest(survived.secret()))
    assert files.is_whole
    assert int(report[-1]["serial"].replace(":", ""), 16) == files.leaf.serial_number
    status = stage.watched.latest(survived.identity())["status"]
    assert status["certificate"]["serial"] == files.serial
    assert status["session"]["certificateSerial"] == files.serial


def test_no_request_is_left(stage: Stage, survived: Story) -> None:
    """The key of the request is in one place only by now: the identity's Secret."""
    identity = stage.watched.latest(survived.identity())
    assert "issuance" not in identity["status"]
    left = [
        each["metadata"]["name"]
        for each in stage.watched.all("Secret")
        if each["metadata"].get("labels", {}).get(names.OWNER_UID_LABEL)
        == identity["metadata"]["uid"]
    ]
    assert left == [survived.secret().name]


@pytest.mark.parametrize("end", ["rest", "crash"])
def test_restart_changes_nothing(stage: Stage, survived: Story, end: str) -> None:
    """A new controller looks at what is well and leaves it: no version, certificate or event."""
    before, issued = state(stage, survived), stage.gate.count("IssueCertificate")
    since = {look: stage.gate.count(look, survived.region) for look in LOOKS}
    {"rest": stage.rest, "crash": stage.crash}[end]()
    stage.run()
    for look in LOOKS:
        stage.gate.until_called(look, survived.region, since=since[look], times=2)
    assert state(stage, survived) == before
    assert stage.gate.count("IssueCertificate") == issued


def kill_at(stage: Stage, story: Story, point: Point) -> None:
    region = REGION if point.operation == "CreateRole" else story.region  # IAM has one for all
    held = stage.gate.hold(point.operation, region, before=point.before)
    stage.run()
    held.wait()
    stage.crash()


def state(stage: Stage, story: Story) -> dict[Ref, tuple[str, int]]:
    """Give version and number of events of each object and of the Secret."""
    refs = (story.anchor, story.profile, story.identity(), story.secret())
    latest: dict[Ref, Manifest] = {ref: stage.watched.latest(ref) for ref in refs}
    return {
        ref: (seen["metadata"]["resourceVersion"], len(stage.watched.events_of(seen)))
        for ref, seen in latest.items()
    }
