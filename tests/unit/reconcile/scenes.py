"""Scenes of the story that are told call by call, and what must hold at the end of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from tests.fakes import PowerCut
from tests.unit.reconcile.bodies import (
    OWN_CA,
    PRIVATE_CA,
    REPORTS,
    Manifest,
    anchor,
    identity,
    profile,
)
from tests.unit.reconcile.cluster import DEFAULT, ONPREM, REPORT, SETTINGS, Cluster, started

from rolesanywhere.api import names
from rolesanywhere.pki import pairs

EVERYTHING: Final = (ONPREM, DEFAULT, REPORT)
MANIFESTS: Final = (profile(), identity())
RENEWED: Final = 5 * 86400.0  # seconds, in which a certificate of a week is renewed
_SELDOM: Final = replace(SETTINGS, resync_seconds=RENEWED, proof_seconds=RENEWED)
_POLICY: Final = '{"Version": "2012-10-17", "Statement": []}'


@dataclass(frozen=True)
class Scene:
    """What is there, what happens then, and how many certificates there have been at its end."""

    begin: Callable[[], Cluster]
    act: Callable[[Cluster], object]
    certificates: int = 1  # of AWS Private CA; 0 for an own CA

    def play(self) -> Cluster:
        """Give the cluster in which it is about to come to rest."""
        cluster = self.begin()
        self.act(cluster)
        return cluster

    @cache  # noqa: B019 - scenes are as many as are written down here
    def calls(self) -> tuple[str, ...]:
        """Give the calls it takes, in order."""
        cluster = self.begin()
        before = len(cluster.wire.calls)
        self.act(cluster)
        cluster.settle()
        return tuple(cluster.wire.calls[before:])


def _empty(*, is_slow: bool = True) -> Cluster:
    cluster = Cluster()
    if not is_slow:
        cluster.pca.creating_seconds = cluster.pca.signing_seconds = 0.0
    return cluster


def _with(source: Mapping[str, Any], *manifests: Manifest) -> Callable[[], Cluster]:
    def begin() -> Cluster:
        cluster = started(source, _SELDOM)
        for manifest in manifests:
            cluster.apply(manifest)
        cluster.iam.bring("reports")
        cluster.settle()
        return cluster

    return begin


def _apply(*manifests: Manifest) -> Callable[[Cluster], object]:
    return lambda cluster: [cluster.apply(each) for each in manifests]


def _renew(cluster: Cluster) -> None:
    cluster.clock.advance(RENEWED)
    cluster.look_soon(REPORT)


def _lose_anchor(cluster: Cluster) -> None:
    cluster.ra.anchors.clear()
    cluster.look_soon(ONPREM)


def _edit_trust(cluster: Cluster) -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "sts:*"}]}
    cluster.iam.change("shop-report-c8bd3c4f", trust_policy=policy)
    cluster.look_soon(REPORT)


CREATION: Final = Scene(_empty, _apply(anchor(PRIVATE_CA), *MANIFESTS))
CREATION_OF_OWN: Final = Scene(_empty, _apply(anchor(OWN_CA), *MANIFESTS), 0)
SCENES: Final[Mapping[str, Scene]] = {
    "creation": CREATION,
    "creation, own CA": CREATION_OF_OWN,
    "creation, quick": Scene(lambda: _empty(is_slow=False), CREATION.act),
    "renewal": Scene(_with(PRIVATE_CA), _renew, 2),
    "another name": Scene(
        _with(PRIVATE_CA), _apply(identity(certificate={"commonName": "sample"})), 2
    ),
    "to an existing role": Scene(_with(OWN_CA), _apply(identity(role={"arn": REPORTS})), 0),
    "to a managed role": Scene(
        _with(OWN_CA, identity(role={"arn": REPORTS})), _apply(identity()), 0
    ),
    "no session policy": Scene(_with(OWN_CA, profile(sessionPolicy=_POLICY)), _apply(profile()), 0),
    "a lost anchor": Scene(_with(OWN_CA), _lose_anchor, 0),
    "an edited trust policy": Scene(_with(OWN_CA), _edit_trust, 0),
}
DELETIONS: Final[Mapping[str, Scene]] = {
    "private CA": Scene(
        lambda: started(PRIVATE_CA), lambda cluster: cluster.ask_to_delete(*EVERYTHING)
    ),
    "own CA": Scene(lambda: started(OWN_CA), lambda cluster: cluster.ask_to_delete(*EVERYTHING), 0),
}


def settle_whatever_happens(cluster: Cluster) -> None:
    """Come to rest, with a new process where the old one died."""
    try:
        cluster.settle()
    except PowerCut:
        cluster.restart()
        cluster.settle()


def assert_one_of_each(cluster: Cluster, certificates: int) -> None:
    """Insist on one anchor, profile, role and certificate, all of them good and known."""
    found = {key: cluster.ready(key) for key in EVERYTHING}
    assert found == dict.fromkeys(EVERYTHING, ("True", "Ready"))
    assert [each.arn for each in cluster.ra.anchors.values()] == [cluster.status(ONPREM)["arn"]]
    status = cluster.status(REPORT)
    assert [each.arn for each in cluster.ra.kept_profiles.values()] == [status["profileArn"]]
    (listed,) = cluster.ra.kept_profiles.values()
    assert listed.settings.role_arns == (status["roleArn"],)
    made = [role for role in cluster.iam.roles.values() if role.tags]
    assert [role.arn for role in made] in ([], [status["roleArn"]])
    assert_one_certificate(cluster, certificates)


def assert_one_certificate(cluster: Cluster, certificates: int) -> None:
    """Insist on one Secret of each kind, and on a certificate that was issued, with its key."""
    is_private = bool(cluster.pca.made)
    kept = [secret.labels[names.ROLE_IN_SECRET_LABEL] for secret in cluster.secrets.kept.values()]
    assert sorted(kept) == (["identity"] if is_private else ["authority", "identity"])
    secret = cluster.secrets.kept["shop", "report-aws-identity"]
    assert pairs.key_matches(secret.data["tls.key"], secret.data["tls.crt"])
    assert len(cluster.pca.made) == is_private
    leaves = cluster.pca.leaves()
    assert len(leaves) == certificates
    assert secret.data["tls.crt"].decode() in leaves or not is_private


def assert_nothing_left(cluster: Cluster) -> None:
    """Insist on that nothing of ours is anywhere."""
    assert cluster.objects.bodies == {}
    assert cluster.ra.anchors == {}
    assert cluster.ra.kept_profiles == {}
    assert cluster.iam.roles == {}
    assert cluster.secrets.kept == {}
    assert cluster.pca.alive() == []
