"""Policies that say the same in other words."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rolesanywhere.domain.policy_documents import same, statements

STATEMENT: dict[str, Any] = {
    "Sid": "A",
    "Effect": "Allow",
    "Principal": {"Service": ["rolesanywhere.amazonaws.com", "ec2.amazonaws.com"]},
    "Action": ["sts:AssumeRole", "sts:TagSession"],
    "Condition": {
        "StringEquals": {"aws:PrincipalTag/x509Subject/CN": ["web", "app"]},
        "Bool": {"aws:SecureTransport": True},
        "NumericLessThan": {"s3:max-keys": 10},
    },
}


def policy(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - elements of a statement
    return {"Version": "2012-10-17", "Statement": [{**STATEMENT, **changes}]}


@pytest.mark.parametrize(
    "other",
    [
        policy(),
        {"Statement": STATEMENT, "Version": "2012-10-17"},
        {
            "Version": "2012-10-17",
            "Statement": {name.lower(): held for name, held in STATEMENT.items()},
        },
        policy(Action=["STS:tagsession", "sts:AssumeRole", "sts:AssumeRole"]),
        policy(Principal={"Service": ["ec2.amazonaws.com", "rolesanywhere.amazonaws.com"]}),
        policy(
            Condition={
                "NumericLessThan": {"s3:max-keys": "10"},
                "Bool": {"aws:SecureTransport": "true"},
                "stringequals": {"aws:principaltag/x509subject/cn": ["app", "web"]},
            }
        ),
    ],
)
def test_the_same_in_other_words(other: dict[str, Any]) -> None:
    """Order, lists of one, case and types of values say nothing."""
    assert same(policy(), other)
    assert same(other, policy())


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"Statement": None},
        {"Statement": []},
        {"Version": "2008-10-17", "Statement": [STATEMENT]},  # no variables in it
        {"Version": "2012-10-17", "Statement": [STATEMENT, STATEMENT]},
        policy(Effect="Deny"),
        policy(Sid="a"),
        policy(Action="sts:AssumeRole"),
        policy(NotAction=["sts:AssumeRole"]),
        policy(Resource="*"),
        policy(Principal="*"),
        policy(Principal={"Service": "ec2.amazonaws.com"}),
        policy(Condition={}),
        policy(Condition=[]),
        policy(Condition={"StringEquals": "x"}),
        policy(Condition={**STATEMENT["Condition"], "StringEquals": {"aws:a": ["web", "app"]}}),
        policy(Condition={**STATEMENT["Condition"], "Bool": {"aws:SecureTransport": {}}}),
    ],
)
def test_other_policies(other: dict[str, Any]) -> None:
    """Whatever changes who may do what is seen, and no malformed policy raises."""
    assert not same(policy(), other)
    assert same(other, other)


def test_values_of_conditions_keep_their_case() -> None:
    """Unlike keys, values are compared exactly."""
    one, other = ({"StringEquals": {"aws:a": value}} for value in ("web", "Web"))
    assert not same(policy(Condition=one), policy(Condition=other))


@pytest.mark.parametrize(
    ("given_", "found"),
    [
        ({}, []),
        ({"Statement": []}, []),
        ({"Statement": STATEMENT}, [STATEMENT]),
        ({"Statement": [STATEMENT, "no statement"]}, [STATEMENT]),
        ({"Statement": "no statement"}, []),
    ],
)
def test_statements_are_found(given_: dict[str, Any], found: list[Any]) -> None:
    """One alone or a list; what is no object is no statement."""
    assert statements(given_) == found


WORDS = st.lists(st.sampled_from(["a:b", "A:B", "a:c", "*"]), min_size=1, max_size=3)
STATEMENTS = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]), "Action": WORDS},
    optional={
        "Resource": WORDS,
        "Principal": st.dictionaries(st.sampled_from(["AWS", "Service"]), WORDS, max_size=2),
        "Condition": st.dictionaries(
            st.sampled_from(["StringEquals", "Null"]),
            st.dictionaries(st.sampled_from(["aws:a", "aws:b"]), WORDS, max_size=2),
            max_size=2,
        ),
    },
)


def disturbed(value: Any, chance: random.Random) -> Any:  # noqa: ANN401 - JSON of any shape
    """Say the same in other words: shuffled, and lists of one without the list."""
    if isinstance(value, dict):
        items = list(value.items())
        chance.shuffle(items)
        return {key: disturbed(held, chance) for key, held in items}
    if isinstance(value, list):
        shuffled = [disturbed(one, chance) for one in value]
        chance.shuffle(shuffled)
        return shuffled[0] if len(shuffled) == 1 else shuffled
    return value


@settings(max_examples=40, deadline=None)
@given(st.lists(STATEMENTS, min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_disorder_says_nothing(given_: list[dict[str, Any]], chance: random.Random) -> None:
    """However IAM stirs a policy, it stays the same."""
    document = {"Version": "2012-10-17", "Statement": given_}
    assert same(document, disturbed(document, chance))
