"""The IAM policy in the documentation grants what ``aws`` calls, and nothing more."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.shared_session import session

ROOT = Path(__file__).parents[2]
ADAPTERS = ROOT / "operator" / "rolesanywhere" / "aws"
POLICY = json.loads((ROOT / "docs" / "reference" / "iam-policy.json").read_text())
EXPLANATIONS = (ROOT / "docs" / "reference" / "iam-policy.md").read_text()
SERVICES = {"roles_anywhere": "rolesanywhere", "private_ca": "acm-pca", "iam": "iam"}
# Rights AWS asks for along with another call:
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementrolesanywhere.html
ALONG_WITH_OTHERS = {
    "acm-pca:TagCertificateAuthority",
    "iam:CreateServiceLinkedRole",
    "iam:PassRole",
    "rolesanywhere:TagResource",
}
WITHHELD = {"iam:DeleteRolePermissionsBoundary"}  # a bounded operator must not unbind its roles


def operations(service: str) -> dict[str, str]:
    """Map boto3's method names to operations: ``get_role`` to ``GetRole``."""
    client = session().client(
        service,
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    mapping: dict[str, str] = client.meta.method_to_api_mapping
    return mapping


def called(module: str, service: str) -> Iterator[str]:
    """Collect calls on a boto3 client, and names of paginators, from a module's syntax."""
    known = operations(service)
    tree = ast.parse((ADAPTERS / f"{module}.py").read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_client(node.value) and node.attr in known:
            yield f"{service}:{known[node.attr]}"
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get_paginator":
            (name,) = (a.value for a in node.args if isinstance(a, ast.Constant))
            yield f"{service}:{known[str(name)]}"


def is_client(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in {"_client", "_once"}


def actions(effect: str) -> list[str]:
    statements = [s for s in POLICY["Statement"] if s["Effect"] == effect]
    return [action for s in statements for action in listed(s["Action"])]


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


CALLED = {action for module, service in SERVICES.items() for action in called(module, service)}


def test_calls_are_found() -> None:
    """The collection sees plain calls, paginators and the client for creates."""
    assert {"iam:GetRole", "acm-pca:ListTags", "rolesanywhere:CreateTrustAnchor"} <= CALLED
    assert len(CALLED) > 35


def test_no_other_module_calls_a_service() -> None:
    """A new adapter must be added to this test; clients are made for these services only."""
    made = set()
    tree = ast.parse((ADAPTERS / "clients.py").read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "_client":
            made.add(str(getattr(node.args[0], "value", "")))
    assert made == {*SERVICES.values(), "sts"}


def test_every_call_is_granted() -> None:
    """Whoever applies the policy never sees AccessDenied for a right that was forgotten."""
    assert CALLED - WITHHELD - set(actions("Allow")) == set()


def test_nothing_more_is_granted() -> None:
    """Least privilege: no right without a call that needs it."""
    assert set(actions("Allow")) - CALLED == ALONG_WITH_OTHERS


def test_what_is_withheld_is_denied_by_name() -> None:
    """A right kept back on purpose says so in the policy itself."""
    assert set(actions("Deny")) == WITHHELD


@pytest.mark.parametrize("action", sorted(ALONG_WITH_OTHERS | WITHHELD))
def test_a_listed_exception_exists(action: str) -> None:
    """Exceptions are real actions: those boto3 knows are spelled as boto3 spells them."""
    service, _, name = action.partition(":")
    assert name == "PassRole" or name in operations(service).values()


@pytest.mark.parametrize("statement", POLICY["Statement"], ids=lambda s: s["Sid"])
def test_a_statement_is_explained(statement: dict[str, Any]) -> None:
    """Every statement has its line beside the policy, and no wildcard hides in its actions."""
    assert f"| `{statement['Sid']}` |" in EXPLANATIONS
    assert not any("*" in action for action in listed(statement["Action"]))


def test_the_policy_fits_a_managed_policy() -> None:
    """IAM allows 6,144 characters without white space in a managed policy."""
    assert len("".join(json.dumps(POLICY).split())) <= 6144
