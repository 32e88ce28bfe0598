"""Why a trust policy keeps an identity out, in words."""

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.domain.facts import ANCHOR, AUTHORITY, URI

from rolesanywhere.domain import trust_policy
from rolesanywhere.domain.trust_explanation import explain, refusals
from rolesanywhere.domain.trust_policy import TrustTerms

TERMS = TrustTerms(
    authority=AUTHORITY,
    anchor_arn=ANCHOR,
    common_name="report.shop",
    organizational_unit="tech",
    uri=URI,
)
OURS = trust_policy.statement("Ours", TERMS)
FOR_ANOTHER = trust_policy.statement("Ours", replace(TERMS, common_name="other"))
TOLD_FOR_ANOTHER = (
    'statement "Ours": StringEquals aws:PrincipalTag/x509Subject/CN: the policy says "other", the '
    'request says "report.shop"'
)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (OURS, ()),
        (FOR_ANOTHER, (TOLD_FOR_ANOTHER,)),
        (
            {**OURS, "Action": "sts:AssumeRole"},
            ('statement "Ours": its Action is sts:AssumeRole, the request is sts:TagSession',),
        ),
        (
            {**OURS, "Effect": "Deny"},
            ('statement "Ours" denies sts:AssumeRole explicitly',),
        ),
    ],
    ids=["its own", "another name", "an action is missing", "denied"],
)
def test_a_refusal_is_named(statement: dict[str, Any], told: tuple[str, ...]) -> None:
    """What AWS only calls AccessDenied has a name here."""
    assert refusals(trust_policy.document([statement]), TERMS) == told


@pytest.mark.parametrize(
    ("operator", "key", "value"),
    [
        ("StringEquals", "aws:SourceAccount", "123456789012"),
        ("StringEquals", "sts:SourceIdentity", "CN=report.shop"),
        ("ArnLike", "aws:SourceArn", "arn:aws:rolesanywhere:*:*:trust-anchor/*"),
    ],
)
def test_what_aws_will_know_is_known(operator: str, key: str, value: str) -> None:
    """Conditions of users may ask for anything Roles Anywhere sets."""
    statement = trust_policy.statement("Ours", replace(TERMS, extra={operator: {key: value}}))
    assert refusals(trust_policy.document([statement]), TERMS) == ()


@pytest.mark.parametrize(
    ("statements", "line"),
    [
        ([OURS], "it says more or other than the operator wrote"),
        ([FOR_ANOTHER, {**FOR_ANOTHER, "Sid": "Ours"}], f"{TOLD_FOR_ANOTHER}; {TOLD_FOR_ANOTHER}"),
    ],
)
def test_an_explanation_is_one_line(statements: list[dict[str, Any]], line: str) -> None:
    """Reasons in a row, or that the identity gets in, and perhaps not only this one."""
    assert explain(trust_policy.document(statements), TERMS) == line
