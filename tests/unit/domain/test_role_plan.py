"""The way from the role there is to the role there should be."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain import naming, policy_documents
from rolesanywhere.domain.observed import RoleRecord, RoleSettings
from rolesanywhere.domain.role_plan import (
    AttachPolicy,
    DeleteInlinePolicy,
    DetachPolicy,
    PutInlinePolicy,
    RoleAction,
    SetBoundary,
    SetMaxSession,
    SetTrustPolicy,
    check_ownership,
    is_ours,
    plan,
)
from rolesanywhere.domain.trouble import Refusal

TAGS = naming.ownership_tags("WorkloadIdentity", "shop", "report", "u1", cluster_id="c1")
READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
LIST = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
BOUNDARY = "arn:aws:iam::123456789012:policy/boundary"


def policy(action: str | list[str], sid: str = "A") -> dict[str, Any]:
    statement = {"Sid": sid, "Effect": "Allow", "Action": action, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


SETTINGS = RoleSettings(
    name="shop-report",
    path="/rolesanywhere/",
    trust_policy=policy(["sts:AssumeRole", "sts:TagSession"]),
    max_session_duration_seconds=3600,
    permissions_boundary_arn=BOUNDARY,
    tags=TAGS,
    policy_arns=frozenset({READ}),
    inline_policies={"read": policy("s3:GetObject")},
)


def record(settings_: RoleSettings = SETTINGS, **changes: Any) -> RoleRecord:  # noqa: ANN401 - fields of RoleRecord
    """Give the role as AWS holds it after these settings were made true, but for the changes."""
    role = RoleRecord(
        name=settings_.name,
        arn=f"arn:aws:iam::123456789012:role{settings_.path}{settings_.name}",
        role_id="AROAEXAMPLE",
        path=settings_.path,
        trust_policy=settings_.trust_policy,
        max_session_duration_seconds=settings_.max_session_duration_seconds,
        permissions_boundary_arn=settings_.permissions_boundary_arn,
        tags=settings_.tags,
        policy_arns=settings_.policy_arns,
        inline_policies=settings_.inline_policies,
    )
    return replace(role, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"trust_policy": policy(["STS:TagSession", "sts:AssumeRole"])},
        {"inline_policies": {"read": policy(["S3:getobject"])}},  # as IAM may give it back
        {"policy_arns": frozenset({READ.lower()})},  # names of policies ignore case
        {"permissions_boundary_arn": BOUNDARY.upper()},
        {"tags": {**TAGS, "team": "shop"}},  # somebody's own tag is none of our business
    ],
)
def test_a_role_that_is_right_is_left_alone(changes: dict[str, Any]) -> None:
    """Another spelling of the same is no difference: a second pass does nothing."""
    assert plan(SETTINGS, record(**changes)) == ()


@pytest.mark.parametrize(
    ("changes", "actions"),
    [
        ({"trust_policy": policy("sts:*")}, (SetTrustPolicy(SETTINGS.trust_policy),)),
        ({"max_session_duration_seconds": 43200}, (SetMaxSession(3600),)),
        ({"permissions_boundary_arn": None}, (SetBoundary(BOUNDARY),)),
        ({"permissions_boundary_arn": f"{BOUNDARY}2"}, (SetBoundary(BOUNDARY),)),
        ({"policy_arns": frozenset()}, (AttachPolicy(READ),)),
        ({"policy_arns": frozenset({READ, LIST})}, (DetachPolicy(LIST),)),
        ({"inline_policies": {}}, (PutInlinePolicy("read", policy("s3:GetObject")),)),
        (
            {"inline_policies": {"read": policy("s3:*")}},
            (PutInlinePolicy("read", policy("s3:GetObject")),),
        ),
        (
            {"inline_policies": {**SETTINGS.inline_policies, **{name: {} for name in "edcba"}}},
            tuple(map(DeleteInlinePolicy, "abcde")),
        ),
        (
            {"policy_arns": frozenset({READ, *"edcba"})},  # in order: two passes do the same
            tuple(map(DetachPolicy, "abcde")),
        ),
    ],
)
def test_one_difference_is_one_action(
    changes: dict[str, Any], actions: tuple[RoleAction, ...]
) -> None:
    """Nothing else is touched."""
    assert plan(SETTINGS, record(**changes)) == actions


def test_rights_are_narrowed_before_they_are_widened() -> None:
    """Boundary, removals, additions, and only then who may come in."""
    before = record(
        trust_policy=policy("sts:*"),
        max_session_duration_seconds=1,
        permissions_boundary_arn=None,
        policy_arns=frozenset({LIST}),
        inline_policies={"old": policy("*")},
    )
    assert [type(action) for action in plan(SETTINGS, before)] == [
        SetBoundary,
        SetMaxSession,
        DetachPolicy,
        DeleteInlinePolicy,
        AttachPolicy,
        PutInlinePolicy,
        SetTrustPolicy,
    ]


def test_a_boundary_is_taken_away_last() -> None:
    """While rights it held back are still there, it stays."""
    wanted = replace(SETTINGS, permissions_boundary_arn=None)
    before = record(trust_policy=policy("sts:*"), policy_arns=frozenset({LIST}))
    assert plan(wanted, before) == (
        DetachPolicy(LIST),
        AttachPolicy(READ),
        SetBoundary(None),
        SetTrustPolicy(SETTINGS.trust_policy),
    )


def perform(role: RoleRecord, action: RoleAction) -> RoleRecord:  # noqa: PLR0911 - one for each action
    """Do to a record what AWS does to a role."""
    match action:
        case SetTrustPolicy(document):
            return replace(role, trust_policy=document)
        case SetMaxSession(seconds):
            return replace(role, max_session_duration_seconds=seconds)
        case SetBoundary(arn):
            return replace(role, permissions_boundary_arn=arn)
        case AttachPolicy(arn):
            return replace(role, policy_arns=role.policy_arns | {arn})
        case DetachPolicy(arn):
            return replace(role, policy_arns=role.policy_arns - {arn})
        case PutInlinePolicy(name, document):
            return replace(role, inline_policies={**role.inline_policies, name: document})
        case DeleteInlinePolicy(name):
            kept = {key: held for key, held in role.inline_policies.items() if key != name}
            return replace(role, inline_policies=kept)


POLICIES = st.sampled_from([policy("s3:*"), policy(["s3:*", "ec2:*"]), policy("s3:*", sid="B")])
STATES = st.builds(
    replace,
    st.just(SETTINGS),
    trust_policy=POLICIES,
    max_session_duration_seconds=st.sampled_from([3600, 7200]),
    permissions_boundary_arn=st.sampled_from([None, BOUNDARY, LIST]),
    policy_arns=st.frozensets(st.sampled_from([READ, LIST, READ.lower()]), max_size=2),
    inline_policies=st.dictionaries(st.sampled_from("ab"), POLICIES),
)


@settings(max_examples=40, deadline=None)
@given(wanted=STATES, held=STATES)
def test_a_plan_carried_out_leaves_nothing_to_plan(
    wanted: RoleSettings, held: RoleSettings
) -> None:
    """From any role to any other in one pass."""
    role = record(held)
    for action in plan(wanted, role):
        role = perform(role, action)
    assert plan(wanted, role) == ()
    assert policy_documents.same(role.trust_policy, wanted.trust_policy)
    assert {arn.lower() for arn in role.policy_arns} == {arn.lower() for arn in wanted.policy_arns}
    assert role.inline_policies.keys() == wanted.inline_policies.keys()


@pytest.mark.parametrize(
    ("changes", "ours"),
    [
        ({}, True),
        ({"rolesanywhere.dev/owner": "WorkloadIdentity/shop/renamed"}, True),  # for people only
        ({"rolesanywhere.dev/cluster": "c2"}, False),
        ({"rolesanywhere.dev/owner-uid": "u2"}, False),
    ],
)
def test_tags_prove_ownership(changes: dict[str, str], *, ours: bool) -> None:
    """Cluster and uid must both be this identity's."""
    assert is_ours(record(tags={**TAGS, **changes}), TAGS) is ours


@pytest.mark.parametrize(
    ("changes", "reason", "told"),
    [
        (
            {"tags": {}},
            Reason.ROLE_NAME_TAKEN,
            "role shop-report exists and belongs to someone else",
        ),
        (
            {"tags": {**TAGS, "rolesanywhere.dev/cluster": "c2"}},
            Reason.ROLE_NAME_TAKEN,
            "belongs to WorkloadIdentity/shop/report: choose another spec.role.managed.name",
        ),
        (
            {"name": "Shop-Report", "tags": {}},  # the same name to IAM
            Reason.ROLE_NAME_TAKEN,
            "role shop-report exists",
        ),
    ],
)
def test_a_foreign_role_is_not_touched(changes: dict[str, Any], reason: Reason, told: str) -> None:
    """The refusal says whose it is and what to do."""
    with pytest.raises(Refusal, match=told) as refusal:
        check_ownership(SETTINGS, record(**changes))
    assert refusal.value.reason is reason


@pytest.mark.parametrize(
    "changes",
    [{"path": "/"}, {"tags": {**TAGS, "rolesanywhere.dev/owner-uid": "uid-of-before"}}],
    ids=["at the path of before", "of the object of before"],
)
def test_a_role_of_before_passes(changes: dict[str, Any]) -> None:
    """A role stays at its path; one that was retained is taken up by the next of its name."""
    check_ownership(SETTINGS, record(**changes))


def test_our_own_role_passes() -> None:
    """A role with this identity's tags at its path may be changed."""
    check_ownership(SETTINGS, record())
