"""Drift: what somebody changes in AWS or in a Secret is seen, told, and put right."""

import base64
import copy
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

import pytest
from tests.cluster.api_server import Manifest, Ref
from tests.cluster.aws_account import Record
from tests.cluster.identity_files import IdentityFiles, public_bytes
from tests.cluster.long_ago import EDITED, REMOVED
from tests.cluster.stage import Stage, condition, is_ready
from tests.cluster.story import S3_READ_ONLY, Story
from tests.unit.pki.making import make

CN: Final = "aws:PrincipalTag/x509Subject/CN"
THEIRS: Final = {
    "Sid": "Theirs",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
    "Action": "sts:AssumeRole",
}
NAMES: Final = ("web", "named")  # a managed role, and an existing one
Edit = Callable[[list[Record]], list[Record]]


@pytest.fixture(scope="module")
def edited(stage: Stage) -> Story:
    """Give an old story to edit; every test leaves it as it was."""
    return ready(stage, EDITED)


@pytest.fixture(scope="module")
def removed(stage: Stage) -> Story:
    """Give an old story to remove parts of."""
    return ready(stage, REMOVED)


def ready(stage: Stage, name: str) -> Story:
    story = stage.long_ago[name]
    stage.until_ready(story.anchor, story.profile, story.identity(), story.identity("named"))
    return story


def for_another(statements: list[Record]) -> list[Record]:
    """Let another certificate in, in place of the identity's."""
    changed = copy.deepcopy(statements)
    changed[-1]["Condition"]["StringEquals"][CN] = "somebody-else"
    return changed


def for_others(statements: list[Record]) -> list[Record]:
    """Take the identity's statement out."""
    return [*statements[:-1], THEIRS]


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (for_another, 'the policy says "somebody-else", the request says "NAME.STORY"'),
        (for_others, "the request comes from rolesanywhere.amazonaws.com"),
    ],
)
def test_edited_trust_policy_is_told_then_repaired(
    stage: Stage, edited: Story, edit: Edit, why: str
) -> None:
    """First two Warnings say what was changed and that AWS refuses; the next look repairs it.

    So it is with managed roles and with existing ones.
    """
    identities = {name: stage.watched.latest(edited.identity(name)) for name in NAMES}
    known = {name: len(stage.watched.events_of(each)) for name, each in identities.items()}
    roles = {name: role_of(each) for name, each in identities.items()}
    good = {name: stage.account.statements(role) for name, role in roles.items()}
    with ExitStack() as stack:
        for name, role in roles.items():
            stack.enter_context(trusting(stage, role, edit(good[name])))
        for name, identity in identities.items():
            told = until_told(stage, identity, known[name], 5)
            said = why.replace("NAME", name).replace("STORY", edited.namespace)
            assert [(each["type"], each["reason"]) for each in told] == [
                ("Warning", "TrustPolicyChanged"),
                ("Warning", "SessionRefused"),
                ("Normal", "Ready"),
                ("Normal", "TrustPolicyRepaired"),
                ("Normal", "Ready"),
            ]
            assert said in told[0]["message"]
            assert said in told[1]["message"]
            assert told[0]["message"].endswith("; it is being repaired")
            stage.until_ready(edited.identity(name))
            assert stage.account.statements(roles[name])[-1] == good[name][-1]


def test_statements_of_others_are_left_alone(stage: Stage, edited: Story) -> None:
    """What others add to an existing role's trust policy stays, and is no news."""
    identity = stage.watched.latest(edited.identity("named"))
    role = role_of(identity)
    good, known = stage.account.statements(role), len(stage.watched.events_of(identity))
    with trusting(stage, role, [THEIRS, *good]):
        looked_at(stage, edited)
        assert stage.account.statements(role) == [THEIRS, *good]
        assert len(stage.watched.events_of(identity)) == known


def test_detached_policy_is_attached_again(stage: Stage, edited: Story) -> None:
    """A managed role has the policies the spec names, and no others."""
    arn = stage.watched.latest(edited.identity())["status"]["roleArn"]
    iam, role = stage.account.client("iam"), arn.rpartition("/")[2]
    since = {each: stage.gate.count(each) for each in ("DetachRolePolicy", "AttachRolePolicy")}
    iam.attach_role_policy(RoleName=role, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.detach_role_policy(RoleName=role, PolicyArn=S3_READ_ONLY)
    for operation, times in since.items():
        stage.gate.until_called(operation, since=times)
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert [each["PolicyArn"] for each in attached] == [S3_READ_ONLY]


def test_disabled_trust_anchor_is_enabled(stage: Stage, edited: Story) -> None:
    """A trust anchor someone disabled is enabled again."""
    remote = stage.account.client("rolesanywhere", edited.region)
    (anchor,) = stage.account.trust_anchors(edited.region)
    since = stage.gate.count("EnableTrustAnchor", edited.region)
    remote.disable_trust_anchor(trustAnchorId=anchor["trustAnchorId"])
    stage.gate.until_called("EnableTrustAnchor", edited.region, since=since)
    stage.until_ready(edited.anchor)
    assert enabled(stage.account.trust_anchors(edited.region)) == [True]


def test_profile_is_put_right(stage: Stage, edited: Story) -> None:
    """A profile someone disabled, whose roles they swapped, lists its own again, enabled."""
    remote = stage.account.client("rolesanywhere", edited.region)
    (profile,) = stage.account.profiles(edited.region)
    since = stage.gate.count("EnableProfile", edited.region)
    foreign = "arn:aws:iam::123456789012:role/foreign"
    stage.account.make_role("foreign")
    remote.update_profile(profileId=profile["profileId"], roleArns=[foreign])
    remote.disable_profile(profileId=profile["profileId"])
    stage.gate.until_called("EnableProfile", edited.region, since=since)
    (repaired,) = stage.account.profiles(edited.region)
    assert repaired["enabled"]
    assert sorted(repaired["roleArns"]) == sorted(profile["roleArns"])
    assert len(repaired["roleArns"]) == 2


def test_removed_objects_are_made_again(stage: Stage, removed: Story) -> None:
    """Without trust anchor and profile, new ones are made, and role and agent follow them."""
    remote = stage.account.client("rolesanywhere", removed.region)
    (anchor,) = stage.account.trust_anchors(removed.region)
    (profile,) = stage.account.profiles(removed.region)
    serial = IdentityFiles.of(stage.watched.latest(removed.secret())).serial
    remote.delete_profile(profileId=profile["profileId"])
    remote.delete_trust_anchor(trustAnchorId=anchor["trustAnchorId"])

    def is_anew(seen: Manifest) -> bool:
        return is_ready(seen) and seen["status"]["arn"] != anchor["trustAnchorArn"]

    def follows(seen: Manifest) -> bool:
        status = seen["status"]
        moved = status["trustAnchorArn"] != anchor["trustAnchorArn"]
        return is_ready(seen) and moved and status["profileArn"] != profile["profileArn"]

    stage.watched.until(removed.anchor, is_anew, "made anew")
    (anew,) = stage.account.trust_anchors(removed.region)
    for name in ("web", "named"):
        identity = stage.watched.until(removed.identity(name), follows, "on the new trust anchor")
        assert identity["status"]["trustAnchorArn"] == anew["trustAnchorArn"]
        role = identity["status"]["roleArn"].rpartition("/")[2]
        statement = stage.account.statements(role)[-1]
        assert statement["Condition"]["ArnEquals"]["aws:SourceArn"] == anew["trustAnchorArn"]
    files = IdentityFiles.of(stage.watched.latest(removed.secret()))
    assert files.agent["trustAnchorArn"] == anew["trustAnchorArn"]
    assert files.serial == serial, "the certificate was as good as before"


def no_key(stage: Stage, ref: Ref) -> None:
    change(stage, ref, {"tls.key": make("CN=other").key_pem})


def no_certificate(stage: Stage, ref: Ref) -> None:
    change(stage, ref, {"tls.crt": b"no certificate"})


def gone(stage: Stage, ref: Ref) -> None:
    stage.server.delete(ref)


@pytest.mark.parametrize("spoil", [no_key, no_certificate, gone])
def test_spoilt_secret_gets_a_new_certificate(
    stage: Stage, edited: Story, spoil: Callable[[Stage, Ref], None]
) -> None:
    """A Secret that is gone or does not fit together any more gets a new key and certificate."""
    before = IdentityFiles.of(stage.watched.latest(edited.secret()))
    spoil(stage, edited.secret())

    def is_new(identity: Manifest) -> bool:
        return is_ready(identity) and identity["status"]["certificate"]["serial"] != before.serial

    identity = stage.watched.until(edited.identity(), is_new, "with a new certificate")
    serial = identity["status"]["certificate"]["serial"]
    secret = stage.watched.until(edited.secret(), holds(serial), serial)
    files = IdentityFiles.of(secret)
    assert files.is_whole
    assert public_bytes(files.key.public_key()) != public_bytes(before.key.public_key())
    assert identity["status"]["session"]["certificateSerial"] == serial


def test_spoilt_agent_json_is_written_anew(stage: Stage, edited: Story) -> None:
    """``agent.json`` is put right, and the certificate beside it is left as it is."""
    good = stage.watched.latest(edited.secret())["data"]
    change(stage, edited.secret(), {"agent.json": b"{}"})
    stage.watched.until(edited.secret(), lambda seen: seen["data"] == good, "as before")


def test_lost_authority_is_not_made_anew(stage: Stage, edited: Story) -> None:
    """An own CA that is lost is asked for, since a new one would shut everybody out; then used."""
    secret = stage.watched.latest(edited.authority_secret)
    serial = IdentityFiles.of(stage.watched.latest(edited.secret())).serial
    stage.server.delete(edited.authority_secret)
    anchor = stage.watched.until(edited.anchor, fails("CAReady"), "without its CA")
    assert condition(anchor)["reason"] == "CANotFound"
    assert "restore it" in condition(anchor)["message"]
    metadata = {key: secret["metadata"][key] for key in ("name", "namespace", "labels")}
    stage.apply(secret | {"apiVersion": "v1", "metadata": metadata})
    stage.until_ready(edited.anchor, edited.identity())
    assert IdentityFiles.of(stage.watched.latest(edited.secret())).serial == serial


def role_of(identity: Manifest) -> str:
    return str(identity["status"]["roleArn"]).rpartition("/")[2]


def fails(type_: str) -> Callable[[Manifest], bool]:
    return lambda seen: condition(seen, type_).get("status") == "False"


def holds(serial: str) -> Callable[[Manifest], bool]:
    return lambda seen: IdentityFiles.of(seen).serial == serial


@contextmanager
def trusting(stage: Stage, role: str, statements: list[Record]) -> Iterator[None]:
    """Put other statements into a role's trust policy, and those before back afterwards."""
    before = stage.account.statements(role)
    stage.account.trust(role, statements)
    try:
        yield
    finally:
        stage.account.trust(role, before)


def change(stage: Stage, secret: Ref, files: dict[str, bytes]) -> None:
    data = {name: base64.b64encode(content).decode() for name, content in files.items()}
    stage.server.change(secret, {"data": data})


def looked_at(stage: Stage, story: Story) -> None:
    """Wait until the controller looked at the story's identities twice."""
    since = stage.gate.count("ListProfiles", story.region)
    stage.gate.until_called("ListProfiles", story.region, since=since, times=2)


def until_told(stage: Stage, manifest: Manifest, known: int, times: int) -> list[Manifest]:
    """Give the events about an object after the known ones, once there are so many."""
    stage.watched.until_so(lambda: len(stage.watched.events_of(manifest)) >= known + times)
    return stage.watched.events_of(manifest)[known:]


def enabled(records: list[Record]) -> list[bool]:
    return [each["enabled"] for each in records]
