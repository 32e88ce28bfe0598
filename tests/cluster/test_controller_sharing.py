"""What several identities share, and what a namespace that is not allowed gets: nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest
from tests.cluster import story as stories
from tests.cluster.api_server import Manifest, Ref
from tests.cluster.identity_files import IdentityFiles, public_bytes
from tests.cluster.stage import Stage, is_ready, lists, reason_of
from tests.cluster.story import Story, with_role, with_roles

from rolesanywhere.api.conditions import Reason

MANAGED: Final = ("web", "api")
ON_ONE_ROLE: Final = ("red", "blue")
EVERYBODY: Final = (*MANAGED, *ON_ONE_ROLE)


@dataclass(frozen=True)
class Shared:
    """Four identities in one namespace, two of them on one role; and two in others."""

    stage: Stage
    story: Story
    role: str  # its name
    outside: Story  # the same Profile, another namespace, never allowed
    leaving: Story  # likewise, allowed at first

    def identity(self, name: str) -> Manifest:
        """Give an identity as last seen."""
        return self.stage.watched.latest(self.story.identity(name))

    def files(self, name: str) -> IdentityFiles:
        """Give an identity's Secret."""
        return IdentityFiles.of(self.stage.watched.latest(self.story.secret(name)))

    @property
    def role_arns(self) -> list[str]:
        """Give the roles the profile lists in AWS."""
        (profile,) = self.stage.account.profiles(self.story.region)
        return sorted(profile["roleArns"])

    @property
    def uris(self) -> list[str]:
        """Give the URIs that the role's statements ask for, those of others left out."""
        _, *ours = self.stage.account.statements(self.role)
        return sorted(
            each["Condition"]["StringEquals"]["aws:PrincipalTag/x509SAN/URI"] for each in ours
        )


@pytest.fixture(scope="module")
def shared(stage: Stage, story: Story) -> Iterator[Shared]:
    """Apply everything at once and wait until it is as far as it gets."""
    arn = stage.account.make_role(story.name)
    places = [f"{story.name}-{end}" for end in ("outside", "leaving")]
    outside, leaving = (Story(story.name, story.region, place) for place in places)
    for place in places:
        stage.apply(stories.namespace(place))
    allowed = {"allowedNamespaces": {"names": [story.namespace, leaving.namespace]}}
    stage.apply(story.own_ca(), story.profile_of(with_roles(arn) | allowed))
    stage.apply(*(story.identity_of(name) for name in MANAGED))
    stage.apply(*(story.identity_of(name, with_role(arn)) for name in ON_ONE_ROLE))
    stage.apply(outside.identity_of(), outside.identity_of("red", with_role(arn)))
    stage.apply(leaving.identity_of("red", with_role(arn)), leaving.identity_of())
    stage.until_ready(story.anchor, story.profile, *map(story.identity, EVERYBODY))
    stage.until_ready(leaving.identity(), leaving.identity("red"))
    for name in ("web", "red"):
        stage.watched.until(outside.identity(name), is_outside, "refused")
    stage.watched.until(story.profile, lists(4), "listing four roles")
    yield Shared(stage, story, story.name, outside, leaving)
    for place in places:
        stage.delete(Ref("Namespace", place))


def is_outside(seen: Manifest) -> bool:
    return reason_of(seen, "Admitted") == Reason.NAMESPACE_NOT_ALLOWED


def test_identities_of_one_namespace_share_nothing(shared: Shared) -> None:
    """Each has a Secret, a key, a certificate and a name of its own."""
    files = [shared.files(name) for name in EVERYBODY]
    assert len({public_bytes(each.key.public_key()) for each in files}) == len(EVERYBODY)
    assert len({each.serial for each in files}) == len(EVERYBODY)
    assert [each.common_name for each in files] == [
        f"{name}.{shared.story.namespace}" for name in EVERYBODY
    ]
    roles = {shared.identity(name)["status"]["roleArn"] for name in MANAGED}
    assert len(roles) == len(MANAGED)


def test_one_role_serves_two_identities(shared: Shared) -> None:
    """The role's trust policy has one statement for each of them, and both have sessions."""
    expected = [uri(shared.story.namespace, name) for name in ON_ONE_ROLE]
    assert shared.uris == sorted([*expected, uri(shared.leaving.namespace, "red")])
    for name in ON_ONE_ROLE:
        status = shared.identity(name)["status"]
        assert status["roleArn"].endswith(f"/{shared.role}")
        assert status["session"]["assumedRoleArn"].endswith(f"/{shared.files(name).serial}")


def test_profile_lists_each_role_once(shared: Shared) -> None:
    """Whoever is admitted has their role on the list, which holds no other."""
    everyone = [shared.identity(name)["status"]["roleArn"] for name in EVERYBODY]
    leaving = shared.stage.watched.latest(shared.leaving.identity())["status"]["roleArn"]
    assert shared.role_arns == sorted({*everyone, leaving})


@pytest.mark.parametrize("name", ["web", "red"])
def test_namespace_that_is_not_allowed_gets_nothing(shared: Shared, name: str) -> None:
    """No role, no statement in a role, no place on the list, no Secret."""
    seen = shared.stage.watched.latest(shared.outside.identity(name))
    assert not shared.stage.watched.exists(shared.outside.secret(name))
    assert shared.stage.account.roles_of(seen) == []
    assert uri(shared.outside.namespace, name) not in shared.uris
    assert {"roleArn", "secretName", "certificate"}.isdisjoint(seen["status"])


def test_namespace_that_leaves_is_shut_out(shared: Shared) -> None:
    """A namespace taken off the Profile loses its statement and its place on the list."""
    stage, story, leaving = shared.stage, shared.story, shared.leaving
    managed = stage.watched.latest(leaving.identity())["status"]["roleArn"]
    spec = {"spec": {"allowedNamespaces": {"names": [story.namespace]}}}
    stage.server.change(story.profile, spec)
    for name in ("web", "red"):
        stage.watched.until(leaving.identity(name), is_outside, "refused")
    stage.watched.until(story.profile, lists(3), "listing three roles")
    assert managed not in shared.role_arns
    assert uri(leaving.namespace, "red") not in shared.uris
    stage.until_ready(*map(story.identity, EVERYBODY))


def test_identity_that_goes_leaves_the_others_alone(shared: Shared) -> None:
    """Its statement leaves the shared role; the other's stays, and so does the role's place."""
    stage, story = shared.stage, shared.story
    before = stage.watched.latest(story.secret("blue"))["metadata"]["resourceVersion"]
    stage.clear([story.identity("red")])
    assert shared.uris == [uri(story.namespace, "blue")]
    blue = shared.identity("blue")
    assert is_ready(blue)
    assert blue["status"]["roleArn"] in shared.role_arns
    after = stage.watched.latest(story.secret("blue"))["metadata"]["resourceVersion"]
    assert after == before


def uri(namespace: str, service_account: str) -> str:
    return f"spiffe://cluster.local/ns/{namespace}/sa/{service_account}"
