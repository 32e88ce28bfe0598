"""Stories in which the operator does all that it ever does in AWS, each told to its end.

The account is as the documentation asks: managed roles below /rolesanywhere/, within a boundary
policy below the same path; an existing role given over by its tag.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final

from tests.contract.accesses import Access
from tests.contract.recorded_aws import RecordedAws
from tests.unit.reconcile.bodies import (
    EC2_READ,
    OWN_CA,
    PRIVATE_CA,
    REPORTS,
    S3_READ,
    Manifest,
    anchor,
    existing_ca,
    identity,
    profile,
)
from tests.unit.reconcile.cluster import DEFAULT, ONPREM, REPORT, Cluster

from rolesanywhere.domain.observed import RoleRecord

BOUNDARY: Final = "arn:aws:iam::123456789012:policy/rolesanywhere/bound"
GIVEN_OVER: Final = {"rolesanywhere.dev/manage-trust-policy": "true"}
INLINE: Final = {"read": '{"Version": "2012-10-17", "Statement": []}'}
SESSION_POLICY: Final = '{"Version": "2012-10-17", "Statement": []}'
THEIRS: Final = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Theirs",
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
MANAGED: Final = {"managed": {"policyArns": [S3_READ], "inlinePolicies": INLINE}}
EXISTING: Final = {"arn": REPORTS}
BOUNDS: Final = {
    "permissionsBoundaryArn": BOUNDARY,
    "allowedPolicyArns": [S3_READ, EC2_READ],
    "allowInlinePolicies": True,
    "maxSessionDuration": "2h",
}
WITHOUT_BOUNDARY: Final = {k: v for k, v in BOUNDS.items() if k != "permissionsBoundaryArn"}
UNBOUND: Final = {"allowedPolicyArns": [S3_READ, EC2_READ]}
THEIR_INLINE: Final = {"more": {"Statement": list[object]()}}


class Stage:
    """A cluster whose controller reaches AWS through the real adapters."""

    def __init__(self) -> None:
        self.cluster = Cluster()
        self.aws = RecordedAws(self.cluster.aws, self.cluster.clock)
        self.cluster.world = replace(self.cluster.world, aws=self.aws)

    @property
    def role(self) -> RoleRecord:
        """Give the one managed role."""
        (role,) = (each for each in self.cluster.iam.roles.values() if each.arn != REPORTS)
        return role

    def settle(self, *manifests: Manifest) -> None:
        """Apply objects, and wait until nothing moves."""
        for manifest in manifests:
            self.cluster.apply(manifest)
        self.cluster.settle()

    def begin(
        self,
        source: Mapping[str, Any] = OWN_CA,
        role: Manifest = MANAGED,
        bounds: Mapping[str, Any] = BOUNDS,
    ) -> None:
        """Have a trust anchor, a Profile and an identity; and a role that is there already."""
        self.cluster.iam.bring("reports", trust_policy=THEIRS, tags=GIVEN_OVER)
        self.settle(anchor(source), bounded(bounds), identity(role=role))
        self.require_ready()

    def require_ready(self) -> None:
        """See that all three are ready."""
        for key in (ONPREM, DEFAULT, REPORT):
            assert self.cluster.ready(key) == ("True", "Ready"), self.cluster.message(key)

    def end(self) -> None:
        """Delete everything."""
        self.cluster.ask_to_delete(REPORT, DEFAULT, ONPREM)
        self.cluster.settle()
        assert not self.cluster.objects.bodies

    def spoil_role(self, **changes: Any) -> None:  # noqa: ANN401 - a record's fields
        """Change the managed role as somebody else might, and wait for a look at all of it."""
        self.cluster.iam.change(self.role.name, **changes)
        self.cluster.wait(7 * self.cluster.settings.resync_seconds)
        self.cluster.settle()


def bounded(bounds: Mapping[str, Any] = BOUNDS, **changes: Any) -> Manifest:  # noqa: ANN401 - JSON
    """Describe a Profile that allows the existing role, and managed ones within bounds."""
    return profile(roles={"existing": [{"arn": REPORTS}], "managed": dict(bounds)}, **changes)


def private_ca_made() -> Stage:
    """Have a Private CA made, activated, used and deleted."""
    stage = Stage()
    stage.begin(PRIVATE_CA)
    stage.end()
    return stage


def private_ca_named() -> Stage:
    """Use an existing Private CA, which its owner renews, and which stays."""
    stage = Stage()
    authority = stage.cluster.pca.bring()
    stage.begin(existing_ca(authority.arn))
    stage.cluster.clock.advance(86400)
    stage.cluster.pca.renew(authority, stage.cluster.clock.moment.replace(year=2050))
    stage.cluster.look_soon(ONPREM, REPORT)
    stage.settle()
    stage.require_ready()
    stage.end()
    assert stage.cluster.pca.alive() == [authority]
    return stage


def own_ca() -> Stage:
    """Find anchor and profile disabled, and give them other settings."""
    stage = Stage()
    stage.begin()
    stage.cluster.clock.advance(60)  # until AWS's listing outranks the operator's own changes
    remote = stage.cluster.ra
    for anchor_id, record in remote.anchors.items():
        remote.anchors[anchor_id] = replace(record, enabled=False)
    for profile_id, held in remote.kept_profiles.items():
        remote.kept_profiles[profile_id] = replace(held, enabled=False)
    stage.cluster.look_soon(ONPREM, DEFAULT)
    stage.settle(bounded(sessionDuration="30m", sessionPolicy=SESSION_POLICY))
    stage.settle(bounded())  # a session policy is not taken away: the profile is replaced
    stage.require_ready()
    stage.end()
    return stage


def managed_role_repaired() -> Stage:
    """Undo whatever somebody does to a managed role."""
    stage = Stage()
    stage.begin()
    good = stage.role
    stage.spoil_role(policy_arns=frozenset({EC2_READ}))
    stage.spoil_role(inline_policies=THEIR_INLINE)
    stage.spoil_role(permissions_boundary_arn=None, policy_arns=frozenset())
    stage.spoil_role(permissions_boundary_arn=EC2_READ)
    stage.spoil_role(max_session_duration_seconds=3600)
    stage.spoil_role(trust_policy=THEIRS)
    stage.require_ready()
    assert stage.role == good
    stage.end()
    return stage


def managed_role_lent() -> Stage:
    """Delete a managed role though somebody put it into an instance profile."""
    stage = Stage()
    stage.begin()
    stage.aws.iam_answers.put_into_instance_profile(stage.role.name, "lent", "/rolesanywhere/")
    stage.end()
    return stage


def managed_role_retained() -> Stage:
    """Retain a role, and take it up again by the identity of its name."""
    stage = Stage()
    stage.begin()
    retained = identity(role=MANAGED, deletionPolicy="Retain")
    stage.settle(retained)
    stage.cluster.ask_to_delete(REPORT)
    stage.settle()
    stage.settle(identity(role=MANAGED))
    stage.require_ready()
    stage.end()
    return stage


def existing_role() -> Stage:
    """Join an existing role, whose other statements stay, and leave it."""
    stage = Stage()
    stage.begin(role=EXISTING)
    stage.cluster.iam.change("reports", trust_policy=THEIRS)  # somebody took the statement out
    stage.cluster.look_soon(REPORT)
    stage.settle()
    stage.require_ready()
    stage.end()
    return stage


def from_role_to_role() -> Stage:
    """Change from an existing role to a managed one and back."""
    stage = Stage()
    stage.begin(role=EXISTING)
    stage.settle(identity(role=MANAGED))
    stage.settle(identity(role=EXISTING))
    stage.require_ready()
    stage.end()
    return stage


def role_taken_away() -> Stage:
    """Leave a role that the administrator does not allow any more."""
    stage = Stage()
    stage.begin(role=EXISTING)
    stage.settle(profile(roles={"managed": BOUNDS}))
    stage.cluster.look_soon(REPORT, DEFAULT)
    stage.settle()
    stage.end()
    return stage


STORIES: Final[Mapping[str, Callable[[], Stage]]] = {
    each.__name__.replace("_", " "): each
    for each in (
        private_ca_made,
        private_ca_named,
        own_ca,
        managed_role_repaired,
        managed_role_lent,
        managed_role_retained,
        existing_role,
        from_role_to_role,
        role_taken_away,
    )
}


# Stories for other versions of the policy.


@cache
def boundary_dropped() -> list[Access]:
    """Drop a Profile's boundary; gives what is needed for the role to lose it too."""
    stage = Stage()
    stage.begin()
    before = len(stage.aws.accesses)
    stage.settle(bounded(WITHOUT_BOUNDARY))
    assert stage.role.permissions_boundary_arn is None
    return stage.aws.accesses[before:]


def no_boundary() -> Stage:
    """Keep a managed role without a boundary, with policies that the Profile names."""
    stage = Stage()
    stage.begin(role={"managed": {"policyArns": [S3_READ]}}, bounds=UNBOUND)
    stage.spoil_role(policy_arns=frozenset({EC2_READ}), inline_policies=THEIR_INLINE)
    stage.require_ready()
    stage.end()
    return stage


def another_path() -> Stage:
    """Keep a managed role at a path of the Profile's choice."""
    stage = Stage()
    stage.begin(bounds={**BOUNDS, "path": "/teams/"})
    assert stage.role.path == "/teams/"
    stage.end()
    return stage
