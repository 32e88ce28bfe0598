"""Renewal: in time, with a new key, without a restart, and once."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import pytest
from tests.cluster.api_server import Manifest, Ref
from tests.cluster.identity_files import IdentityFiles, public_bytes
from tests.cluster.long_ago import BRIEF, BRIEF_PRIVATE
from tests.cluster.stage import Stage, condition, is_ready
from tests.cluster.story import Story

from rolesanywhere.api import names
from rolesanywhere.api.conditions import Reason

LIFE: Final = timedelta(minutes=10)
LATE: Final = timedelta(seconds=30)  # on a busy machine; a look comes every two seconds
FIRST_RENEWAL_SECONDS: Final = 120.0  # due within the first minute
STORIES: Final = pytest.mark.parametrize("name", [BRIEF, BRIEF_PRIVATE])


def renewed(stage: Stage, name: str) -> list[Manifest]:
    """Give the Secret's versions, one for each certificate, once there were two at least."""
    story = stage.long_ago[name]
    stage.watched.until_so(
        lambda: len(certificates(stage, story.secret())) > 1, seconds=FIRST_RENEWAL_SECONDS
    )
    return certificates(stage, story.secret())


def certificates(stage: Stage, secret: Ref) -> list[Manifest]:
    found: dict[str, Manifest] = {}
    for version in stage.watched.versions(secret):
        found.setdefault(version["data"]["tls.crt"], version)
    return list(found.values())


def issued_at(secret: Manifest) -> datetime:
    return datetime.fromisoformat(secret["metadata"]["annotations"][names.ISSUED_AT])


@STORIES
def test_certificate_is_renewed_in_time(stage: Stage, name: str) -> None:
    """Each certificate comes when a tenth of the life before is over, and not much later."""
    for before, after in pairwise(renewed(stage, name)):
        waited = issued_at(after) - issued_at(before)
        assert LIFE * 0.05 <= waited <= LIFE * 0.1 + LATE


@STORIES
def test_renewed_certificate_has_a_new_key(stage: Stage, name: str) -> None:
    """Key and certificate are both new, match each other, and name the same workload."""
    opened = [IdentityFiles.of(each) for each in renewed(stage, name)]
    assert all(each.is_whole for each in opened)
    assert len({each.leaf.serial_number for each in opened}) == len(opened)
    assert len({public_bytes(each.key.public_key()) for each in opened}) == len(opened)
    assert len({(each.common_name, *each.uris) for each in opened}) == 1


@STORIES
def test_renewal_is_no_interruption(stage: Stage, name: str) -> None:
    """From the first certificate on, the identity is ready, with the certificate it shows."""
    renewed(stage, name)
    story = stage.long_ago[name]
    versions = stage.watched.versions(story.identity())
    first = next(number for number, each in enumerate(versions) if is_ready(each))
    interruptions = [condition(each) for each in versions[first:] if not is_ready(each)]
    # Other tests take the controller's rights away for a while.
    assert [each for each in interruptions if each["reason"] != Reason.FORBIDDEN] == []
    for each in versions[first:]:
        status = each["status"]
        assert status["session"]["certificateSerial"] == status["certificate"]["serial"]


def test_private_ca_issues_one_certificate_for_each_renewal(stage: Stage) -> None:
    """The audit report lists the root and the certificates that were in the Secret, no others."""
    renewed(stage, BRIEF_PRIVATE)
    story = stage.long_ago[BRIEF_PRIVATE]
    arn = stage.watched.latest(story.anchor)["status"]["certificateAuthority"]["arn"]
    rows = stage.account.issued(story.region, arn)[1:]
    serials = {int(each["serial"].replace(":", ""), 16) for each in rows}
    stage.watched.until_so(lambda: serials <= held(stage, story))
    assert len(serials) == len(rows)


def held(stage: Stage, story: Story) -> set[int]:
    opened = (IdentityFiles.of(each) for each in certificates(stage, story.secret()))
    return {each.leaf.serial_number for each in opened}


def test_certificate_of_the_past_is_renewed_at_once(stage: Stage, story: Story) -> None:
    """What counts is the issue time in the Secret: moved into the past, the renewal is due."""
    certificate = {"duration": "10m", "renewAt": "10%"}
    stage.apply(
        story.own_ca(), story.profile_of(), story.identity_of(changes={"certificate": certificate})
    )
    (identity,) = stage.until_ready(story.identity())
    before = identity["status"]["certificate"]
    past = datetime.fromisoformat(before["issuedAt"]) - LIFE * 0.4
    annotations = {names.ISSUED_AT: f"{past:%Y-%m-%dT%H:%M:%SZ}"}
    stage.server.change(story.secret(), {"metadata": {"annotations": annotations}})

    def is_another(seen: Manifest) -> bool:
        return bool(seen["status"]["certificate"]["serial"] != before["serial"])

    after = stage.watched.until(story.identity(), is_another, "renewed")
    assert is_ready(after)
    assert after["status"]["certificate"]["issuedAt"] >= before["issuedAt"]
