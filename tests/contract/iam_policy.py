"""The IAM policy of the documentation, and what it makes of accesses."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from tests.contract.accesses import Access
from tests.contract.service_authorization import ACTIONS

from rolesanywhere.domain.observed import PolicyDocument

POLICY: Final[PolicyDocument] = json.loads(
    (Path(__file__).parents[2] / "docs" / "reference" / "iam-policy.json").read_text()
)
Statement = dict[str, Any]


def denied(accesses: Iterable[Access], policy: PolicyDocument) -> list[Access]:
    """Give what a policy does not allow."""
    return [each for each in accesses if not each.judged_by(policy).allowed]


def explicitly_denied(accesses: Iterable[Access], policy: PolicyDocument) -> list[Access]:
    """Give what a policy denies by name."""
    return [each for each in accesses if each.judged_by(policy).explicitly_denied]


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def statements(policy: PolicyDocument) -> Iterator[tuple[Statement, str]]:
    """Give each statement with each of its actions."""
    return ((each, action) for each in policy["Statement"] for action in listed(each["Action"]))


def unknown_conditions(policy: PolicyDocument) -> Iterator[tuple[str, str]]:
    """Give actions with keys they do not know, but for those that count only if they are there."""
    for statement, action in statements(policy):
        for operator, keys in statement.get("Condition", {}).items():
            if not operator.endswith("IfExists"):
                yield from ((action, key) for key in keys if not ACTIONS[action].knows(key))
