"""IAM's judgement of policies, element by element, and the words for a refusal."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rolesanywhere.domain.policy_evaluation import AccessRequest, Principal, Verdict, evaluate

VERSION = "2012-10-17"
BUCKET = "arn:aws:s3:::reports"
SERVICE = Principal("Service", "rolesanywhere.amazonaws.com")
ROLE = "arn:aws:iam::123456789012:role/shop/report"
SESSION = Principal("AWS", "arn:aws:sts::123456789012:assumed-role/report/web")
OBJECT = f"{BUCKET}/2026/november.csv"
READ = AccessRequest("s3:GetObject", OBJECT, None, {})
ASSUME = AccessRequest("sts:AssumeRole", None, SERVICE, {})

Given = Mapping[str, Any]


def identity(**elements: Any) -> dict[str, Any]:  # noqa: ANN401 - elements of any shape, wrong ones too
    """Give a policy that allows everything, but for these elements; None takes one away."""
    whole = {"Effect": "Allow", "Action": "*", "Resource": "*", **elements}
    kept = {key: value for key, value in whole.items() if value is not None}
    return {"Version": VERSION, "Statement": [kept]}


def trust(**elements: Any) -> dict[str, Any]:  # noqa: ANN401 - likewise
    """Give a trust policy that lets the service in, but for these elements."""
    return identity(**{"Resource": None, "Principal": {"Service": SERVICE.value}, **elements})


def reason(verdict: Verdict) -> str:
    """Give the one reason of a refusal that no Deny made."""
    assert not verdict.allowed
    assert not verdict.explicitly_denied
    (only,) = verdict.reasons
    return only


@pytest.mark.parametrize(
    ("element", "asked", "named"),
    [
        ("s3:GetObject", "s3:GetObject", True),
        ("S3:getobject", "s3:GetObject", True),  # case does not matter
        ("s3:Get*", "s3:GetObject", True),
        ("s3:G?tObject", "s3:GetObject", True),
        ("s3:GetObject?", "s3:GetObject", False),
        ("*", "ec2:DescribeInstances", True),
        ("ec2:*", "s3:GetObject", False),
        (["ec2:*", "s3:*Object"], "s3:GetObject", True),
        ("s3.*", "s3:GetObject", False),  # a dot is a dot
    ],
)
def test_action_and_its_negation_name_actions(
    element: str | list[str], asked: str, *, named: bool
) -> None:
    """Action takes what it names, NotAction everything else."""
    request = AccessRequest(asked, BUCKET, None, {})
    assert evaluate([identity(Action=element)], request).allowed is named
    assert evaluate([identity(Action=None, NotAction=element)], request).allowed is not named


@pytest.mark.parametrize(
    ("element", "asked", "named"),
    [
        (BUCKET, BUCKET, True),
        (BUCKET, f"{BUCKET}/a", False),
        (f"{BUCKET}/*", f"{BUCKET}/a/b", True),
        (f"{BUCKET}/*/b", f"{BUCKET}/a/x/b", True),
        (f"{BUCKET}/*/b", f"{BUCKET}/a/x/c", False),
        (f"{BUCKET}/?", f"{BUCKET}/ab", False),
        ("arn:aws:s3:::REPORTS", BUCKET, False),  # case matters
        ("*", BUCKET, True),
        ("*", None, True),  # an action without resources
        (BUCKET, None, False),
        ([BUCKET, "arn:aws:sqs:*:*:a"], "arn:aws:sqs:eu-west-1:123456789012:a", True),
        ("arn:aws:sqs:e?-west-1:*:a", "arn:aws:sqs:eu-west-1:123456789012:a", True),
        ("arn:aws:sqs:eu-west?1:*:a", "arn:aws:sqs:eu-west:1:a", False),  # ? crosses no colon
        ("arn:aws:sqs:*", "arn:aws:sqs:eu-west-1:123456789012:a", True),
        ("arn:aws:sqs", "arn:aws:sqs:eu-west-1:123456789012:a", False),
        ("arn:aws:sqs:*:a:b", "arn:aws:sqs:eu-west-1:1:a:b", True),  # ends its component
        ("arn:aws:sqs:*:a*b:q", "arn:aws:sqs:e:az:ab:q", True),  # not at the first :a
        ("arn:aws:sqs:*-1:*:a", "arn:aws:sqs:eu:x-1:1:a", False),  # does not end its component
        ("arn:aws:sqs:*t-1:*:a:*z", "arn:aws:sqs:eu-west-1:1:a:bz", True),
    ],
)
def test_resource_and_its_negation_name_resources(
    element: str | list[str], asked: str | None, *, named: bool
) -> None:
    """Resource takes what it names, NotResource everything else."""
    request = AccessRequest("s3:GetObject", asked, None, {})
    assert evaluate([identity(Resource=element)], request).allowed is named
    assert evaluate([identity(Resource=None, NotResource=element)], request).allowed is not named


@pytest.mark.parametrize(
    ("element", "principal", "named"),
    [
        ("*", SERVICE, True),
        ({"AWS": "*"}, SERVICE, True),  # the same as "*"
        ({"Service": SERVICE.value}, SERVICE, True),
        ({"Service": ["ec2.amazonaws.com", SERVICE.value]}, SERVICE, True),
        ({"Service": "ec2.amazonaws.com", "AWS": "123456789012"}, SERVICE, False),
        ({"Service": "*"}, SERVICE, False),  # a wildcard only stands for AWS
        ({"Service": "*.amazonaws.com"}, SERVICE, False),
        ({"AWS": SERVICE.value}, SERVICE, False),
        ({"AWS": ROLE}, Principal("AWS", ROLE), True),
        ({"AWS": "123456789012"}, Principal("AWS", ROLE), True),
        ({"AWS": "arn:aws:iam::123456789012:root"}, Principal("AWS", ROLE), True),
        ({"AWS": "210987654321"}, Principal("AWS", ROLE), False),
        ({"AWS": "arn:aws:iam::123456789012:*"}, Principal("AWS", ROLE), False),
        ({"AWS": ROLE}, SESSION, True),  # a role's ARN stands for its sessions
        ({"AWS": SESSION.value}, SESSION, True),
        ({"AWS": f"{ROLE}er"}, SESSION, False),
        ({"AWS": ROLE.replace("1", "7")}, SESSION, False),
        ({"AWS": "arn:aws:iam::123456789012:user/report"}, SESSION, False),
        ({"AWS": "123456789012"}, Principal("AWS", "AIDAEXAMPLE"), False),
        ({"Federated": "accounts.google.com"}, Principal("Federated", "accounts.google.com"), True),
    ],
)
def test_principal_and_its_negation_name_principals(
    element: str | dict[str, Any], principal: Principal, *, named: bool
) -> None:
    """Principal takes whom it names, NotPrincipal everyone else."""
    request = AccessRequest("sts:AssumeRole", None, principal, {})
    assert evaluate([trust(Principal=element)], request).allowed is named
    negated = trust(Principal=None, NotPrincipal=element)
    assert evaluate([negated], request).allowed is not named


@pytest.mark.parametrize(
    ("policies", "allowed", "denied", "reasons"),
    [
        ([], False, False, ("no statement allows s3:GetObject",)),
        ([identity()], True, False, ("statement 1 allows s3:GetObject",)),
        ([identity(Sid="Read")], True, False, ('statement "Read" allows s3:GetObject',)),
        (
            [identity(), identity(Sid="Stop", Effect="Deny")],
            False,
            True,
            ('policy 2, statement "Stop" denies s3:GetObject explicitly',),
        ),
        (
            [identity(Effect="Deny", Action="ec2:*")],  # it denies something else: not a word of it
            False,
            False,
            ("no statement allows s3:GetObject",),
        ),
        (
            [identity(Action="ec2:*"), identity(Resource=BUCKET)],
            False,
            False,
            (
                "policy 1, statement 1: its Action is ec2:*, the request is s3:GetObject",
                f"policy 2, statement 1: its Resource is {BUCKET}, the request is for {OBJECT}",
            ),
        ),
        (
            [identity(Action="ec2:*", Resource=BUCKET, Condition={"Null": {"a:b": "false"}})],
            False,
            False,
            (
                "statement 1: its Action is ec2:*, the request is s3:GetObject",
                f"statement 1: its Resource is {BUCKET}, the request is for {OBJECT}",
            ),
        ),
        (
            [identity(Action="ec2:*"), identity()],
            True,
            False,
            ("policy 2, statement 1 allows s3:GetObject",),
        ),
        (
            [{"Statement": identity(Sid="Alone")["Statement"][0]}],  # no list, no Version
            True,
            False,
            ('statement "Alone" allows s3:GetObject',),
        ),
    ],
)
def test_a_verdict_has_reasons(
    policies: list[Given], reasons: tuple[str, ...], *, allowed: bool, denied: bool
) -> None:
    """Any Deny wins, then any Allow; without either each statement says what did not fit."""
    verdict = evaluate(policies, READ)
    assert verdict == Verdict(allowed=allowed, explicitly_denied=denied, reasons=reasons)


def test_a_trust_policy_says_who_came() -> None:
    """A principal that does not match is named beside the one that was expected."""
    policy = trust(Principal={"Service": ["ec2.amazonaws.com", "a.b"], "AWS": "123456789012"})
    assert reason(evaluate([policy], ASSUME)) == (
        "statement 1: its Principal is Service ec2.amazonaws.com or a.b, AWS 123456789012, the "
        "request comes from rolesanywhere.amazonaws.com"
    )


@pytest.mark.parametrize(
    ("operator", "key", "wanted", "told"),
    [
        (
            "StringEquals",
            "aws:PrincipalTag/x509Subject/CN",
            "web",
            '"web", the request says "other"',
        ),
        (
            "ForAnyValue:StringLike",
            "aws:TagKeys",
            ["a", "b"],
            '"a" or "b", the request has no such key',
        ),
    ],
)
def test_a_condition_says_what_was_expected_and_found(
    operator: str, key: str, wanted: str | list[str], told: str
) -> None:
    """Operator, key, the policy's values and the request's."""
    context = {"aws:PrincipalTag/x509Subject/CN": ("other",)}
    verdict = evaluate(
        [identity(Condition={operator: {key: wanted}})],
        AccessRequest("s3:GetObject", BUCKET, None, context),
    )
    assert reason(verdict) == f"statement 1: {operator} {key}: the policy says {told}"


def test_every_failing_condition_is_told() -> None:
    """People repair all of a policy at once, not one key after the other."""
    condition = {"StringEquals": {"a:b": "1", "a:c": "2"}, "Bool": {"a:d": "true"}}
    verdict = evaluate([identity(Condition=condition)], READ)
    assert [told.split()[3] for told in verdict.reasons] == ["a:b:", "a:c:", "a:d:"]


def denying(policy: Given) -> Given:
    """Turn an Allow into a Deny: malformed, it is worth the same words, for it cannot deny."""
    if not isinstance(policy, dict) or not isinstance(policy.get("Statement"), list):
        return policy
    statements = [
        {**one, "Effect": "Deny"} if isinstance(one, dict) and one.get("Effect") == "Allow" else one
        for one in policy["Statement"]
    ]
    return {**policy, "Statement": statements}


@pytest.mark.parametrize(
    ("policy", "request_", "told"),
    [
        ({"Version": "2020-01-01", "Statement": []}, READ, "there is no Version 2020-01-01"),
        ({"Version": ["a"]}, READ, "there is no Version"),
        (["not", "an", "object"], READ, "there is no Version"),
        ({"Version": VERSION}, READ, "statement 1 is no object"),
        ({"Version": VERSION, "Statement": ["a"]}, READ, "statement 1 is no object"),
        (identity(Effect="allow"), READ, "its Effect is allow, not Allow or Deny"),
        (identity(Effect=None), READ, "its Effect is None"),
        (identity(Action=None), READ, "neither of Action and NotAction"),
        (identity(NotAction="a:b"), READ, "both of Action and NotAction"),
        (identity(Action=[]), READ, "its Action is neither a text nor a list of texts"),
        (identity(Action={"a": "b"}), READ, "its Action is neither a text nor a list of texts"),
        (identity(Resource=None), READ, "neither of Resource and NotResource"),
        (
            identity(Resource=[BUCKET, 1]),
            READ,
            "its Resource is neither a text nor a list of texts",
        ),
        (identity(Principal="*"), READ, "an identity's policy holds no Principal"),
        (trust(Resource="*"), ASSUME, "a trust policy holds no Resource"),
        (trust(Principal=None), ASSUME, "neither of Principal and NotPrincipal"),
        (trust(Principal=["*"]), ASSUME, "its Principal is neither * nor lists by kind"),
        (trust(Principal={"AWS": [7]}), ASSUME, "its Principal is neither * nor lists by kind"),
        (identity(Condition=[]), READ, "its Condition is no object"),
        (identity(Condition={"Bool": "a"}), READ, "its Condition Bool is no object"),
        (identity(Condition={"Equals": {"a:b": "c"}}), READ, "Equals is no condition operator"),
        (identity(Condition={"NullIfExists": {"a:b": "true"}}), READ, "no condition operator"),
        (identity(Condition={"Bool": {"a:b": None}}), READ, "no text, number or truth value"),
        (identity(Condition={"Bool": {"a:b": []}}), READ, "no text, number or truth value"),
        (identity(Condition={"Bool": {"a:b": "si"}}), READ, 'Bool a:b cannot compare with "si"'),
    ],
)
def test_a_malformed_policy_is_named(policy: Given, request_: AccessRequest, told: str) -> None:
    """What IAM would not have stored allows nothing and says what is wrong with it."""
    assert told in reason(evaluate([policy], request_))
    assert told in reason(evaluate([denying(policy)], request_))


def test_a_variable_may_stand_in_a_resource() -> None:
    """Where nobody knows its value neither Resource nor NotResource applies."""
    home = f"{BUCKET}/${{aws:username}}/*"
    old = {**identity(Resource=home), "Version": "2008-10-17"}
    for name, expected in (("web", True), ("app", False)):
        request = AccessRequest("s3:GetObject", f"{BUCKET}/web/a", None, {"aws:username": (name,)})
        assert evaluate([identity(Resource=home)], request).allowed is expected
        assert (
            evaluate([identity(Resource=None, NotResource=home)], request).allowed is not expected
        )
        assert not evaluate([old], request).allowed
    assert not evaluate([identity(Resource=home)], READ).allowed
    assert not evaluate([identity(Resource=None, NotResource=[home, "arn:a"])], READ).allowed
    assert evaluate([identity(Resource=[home, OBJECT])], READ).allowed


def test_a_resource_policy_may_name_resources() -> None:
    """Beside trust policies there are those of buckets, with principal and resource."""
    request = AccessRequest("s3:GetObject", BUCKET, SESSION, {})
    assert evaluate([trust(Principal="*", Resource=BUCKET)], request).allowed
    assert not evaluate([trust(Principal="*", Resource=f"{BUCKET}/a")], request).allowed
    assert evaluate([trust(Principal="*")], request).allowed


SHORT = st.text(max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | SHORT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SHORT, inner, max_size=3),
    max_leaves=8,
)
WORDS = st.sampled_from(
    ["*", "s3:*", "${a:b}", "arn:aws:s3:::*", "Allow", "2012-10-17", "1", "::1"]
)
VALUES = WORDS | st.lists(WORDS, max_size=2) | JSON
OPERATORS = st.sampled_from(["StringLike", "ArnLike", "NumericEquals", "DateLessThan", "Null"])
STATEMENTS = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]) | JSON, "Action": VALUES, "Resource": VALUES},
    optional={
        "Condition": st.dictionaries(OPERATORS, st.dictionaries(WORDS, VALUES, max_size=2)) | JSON,
        "Principal": VALUES,
        "Sid": JSON,
    },
)
POLICIES = JSON | st.fixed_dictionaries(
    {"Statement": STATEMENTS | st.lists(STATEMENTS | JSON, max_size=3)},
    optional={"Version": st.just(VERSION) | JSON},
)


@settings(max_examples=80, deadline=None)
@given(
    policies=st.lists(POLICIES, max_size=3),
    principal=st.sampled_from([None, SERVICE, SESSION]),
    context=st.dictionaries(WORDS, st.lists(WORDS, max_size=2).map(tuple), max_size=3),
)
def test_any_policy_gets_a_verdict(
    policies: list[Any], principal: Principal | None, context: dict[str, tuple[str, ...]]
) -> None:
    """Whatever is called a policy is judged, with a reason, and raises nothing."""
    verdict = evaluate(policies, AccessRequest("s3:GetObject", BUCKET, principal, context))
    assert verdict.reasons
    assert not (verdict.allowed and verdict.explicitly_denied)
