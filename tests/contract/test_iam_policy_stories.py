"""The IAM policy in the documentation, judged by what the operator does: call by call, in stories.

``test_iam_rights`` compares names of actions; here resources and conditions count as well.
"""

from collections.abc import Mapping

import pytest
from tests.contract import rights_stories
from tests.contract.accesses import Access
from tests.contract.iam_policy import (
    POLICY,
    denied,
    explicitly_denied,
    listed,
    statements,
    unknown_conditions,
)
from tests.contract.rights_stories import STORIES
from tests.contract.service_authorization import ACTIONS

# What can be said in a policy at all.


def test_resources_are_those_of_the_action() -> None:
    """An action without resource types is granted on ``*`` alone, others on a type they have."""
    for statement, action in statements(POLICY):
        resources, known = listed(statement["Resource"]), ACTIONS[action].resources
        kinds = {each.split(":")[5].partition("/")[0] for each in resources if each != "*"}
        assert resources == ["*"] or kinds & known, (statement["Sid"], action)


def test_conditions_ask_for_what_the_action_knows() -> None:
    """A condition on any other key never holds."""
    assert list(unknown_conditions(POLICY)) == []


# What the operator does.


@pytest.mark.parametrize("story", STORIES)
def test_everything_a_story_does_is_allowed(
    recorded: Mapping[str, list[Access]], story: str
) -> None:
    """Whoever applies the policy never sees AccessDenied."""
    assert recorded[story]
    assert denied(recorded[story], POLICY) == []


def test_every_right_is_needed(accesses: list[Access]) -> None:
    """Each action that is granted is one that a story cannot do without."""
    allowed = [each for each in POLICY["Statement"] if each["Effect"] == "Allow"]
    granted = {action for each in allowed for action in listed(each["Action"])}
    assert granted == {each.action for each in accesses}


@pytest.mark.parametrize("sid", [each["Sid"] for each in POLICY["Statement"]])
def test_every_statement_is_needed(accesses: list[Access], sid: str) -> None:
    """Without it something is denied, or something that must be denied is not."""
    policy = {**POLICY, "Statement": [each for each in POLICY["Statement"] if each["Sid"] != sid]}
    withheld = rights_stories.boundary_dropped()
    assert denied(accesses, policy) or not explicitly_denied(withheld, policy)


def test_a_boundary_is_never_taken_away() -> None:
    """When a Profile drops it, an administrator has to: that one call is denied by name."""
    (call,) = denied(rights_stories.boundary_dropped(), POLICY)
    assert call.action == "iam:DeleteRolePermissionsBoundary"
    assert explicitly_denied([call], POLICY) == [call]
