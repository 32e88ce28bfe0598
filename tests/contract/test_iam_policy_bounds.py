"""What the IAM policy in the documentation keeps from the operator, and how it may be narrowed."""

import json
from copy import deepcopy
from typing import Any

import pytest
from tests.contract import rights_stories
from tests.contract.accesses import Access
from tests.contract.iam_policy import POLICY, denied, unknown_conditions
from tests.contract.service_authorization import POLICY_ARN
from tests.contract.twins import ANYWHERE, AUTHORITIES, CREATES, ROLES, TWINS
from tests.fakes import ACCOUNT
from tests.unit.reconcile.bodies import EC2_READ, REGION, S3_READ

from rolesanywhere.api import names
from rolesanywhere.domain.observed import PolicyDocument


@pytest.mark.parametrize("name", TWINS)
def test_what_is_not_the_operators_is_denied(accesses: list[Access], name: str) -> None:
    """Whoever gets hold of the operator's credentials gets at nothing else."""
    twin = TWINS[name]
    meant = [each for each in accesses if each.action in twin.actions and twin.about in str(each)]
    assert {each.action for each in meant} == set(twin.actions)
    twins = [twin.change(each) for each in meant]
    assert [each for each in twins if each.judged_by(POLICY).allowed] == []


# Other versions of the policy that the documentation describes.


def rewritten(*changes: tuple[str, str]) -> PolicyDocument:
    """Give the policy with words replaced."""
    text = json.dumps(POLICY)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    policy: PolicyDocument = json.loads(text)
    return policy


@pytest.mark.parametrize(
    ("account", "region", "fits"),
    [
        (ACCOUNT, REGION, True),
        ("210987654321", REGION, False),
        (ACCOUNT, "eu-west-1", False),
    ],
)
def test_it_may_be_narrowed_to_account_and_region(
    accesses: list[Access], account: str, region: str, *, fits: bool
) -> None:
    """Nothing that the operator does is anywhere else."""
    policy = rewritten(("::*:", f"::{account}:"), (":*:*:", f":{region}:{account}:"))
    assert (denied(accesses, policy) == []) is fits


@pytest.mark.parametrize(("cluster", "fits"), [("c1", True), ("c2", False)])
def test_it_may_be_narrowed_to_a_cluster(
    accesses: list[Access], cluster: str, *, fits: bool
) -> None:
    """Where clusters share an account, each keeps to its own."""
    policy = rewritten((names.TAG_MANAGED_BY, names.TAG_CLUSTER), (names.MANAGER, cluster))
    refused = {each.action for each in denied(accesses, policy)}
    assert refused == set() if fits else refused >= {*ANYWHERE, *AUTHORITIES, *ROLES, *CREATES}


def test_the_path_may_be_another() -> None:
    """As the Profiles say."""
    accesses = rights_stories.another_path().aws.accesses
    assert denied(accesses, POLICY) != []
    assert denied(accesses, rewritten(("role/rolesanywhere/", "role/teams/"))) == []


@pytest.fixture(scope="module")
def unbounded() -> PolicyDocument:
    """Give the policy for Profiles without a boundary."""
    policy: dict[str, Any] = deepcopy(dict(POLICY))
    by_sid = {each["Sid"]: each for each in policy["Statement"]}
    del by_sid["CreateTaggedAndBoundedRoles"]["Condition"]["ArnLike"]
    rights = by_sid["ChangeRightsOfBoundedRoles"]
    rights["Action"] = "iam:AttachRolePolicy"
    del rights["Condition"]["ArnLike"]
    rights["Condition"]["ArnEquals"] = {POLICY_ARN: [S3_READ]}
    withheld = by_sid["NeverTakeABoundaryAway"]
    policy["Statement"].remove(withheld)
    by_sid["ChangeOwnRoles"]["Action"].append(withheld["Action"])
    return policy


def test_policies_may_be_bound_instead(unbounded: PolicyDocument) -> None:
    """Without a boundary the operator attaches what the Profiles allow, and nothing else."""
    accesses = [*rights_stories.no_boundary().aws.accesses, *rights_stories.boundary_dropped()]
    assert denied(accesses, unbounded) == []
    attaching = [each for each in accesses if each.action == "iam:AttachRolePolicy"]
    others = [each.having(POLICY_ARN, EC2_READ) for each in attaching]
    assert others
    assert denied(others, unbounded) == others


def test_what_binds_policies_is_known_where_it_is_asked_for(unbounded: PolicyDocument) -> None:
    """That variant, too, has conditions on such keys only as its actions know."""
    assert list(unknown_conditions(unbounded)) == []
