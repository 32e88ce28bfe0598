"""Condition operators of IAM: a row per operator, then prefixes, suffix and variables."""

import re
import time
from fnmatch import fnmatchcase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rolesanywhere.domain.policy_conditions import misses
from rolesanywhere.domain.policy_operators import moment, network, number
from rolesanywhere.domain.policy_patterns import Context, Reach, compiled

KEY = "aws:TheKey"
ARN = "arn:aws:rolesanywhere:eu-west-1:123456789012:trust-anchor/a"
Values = str | bool | int | list[str] | list[int]


def holds(operator: str, wanted: Values, context: Context, *, variables: bool = True) -> bool:
    """Tell whether one condition holds, and see that a failure is not a complaint."""
    lower = {key.lower(): values for key, values in context.items()}
    found = list(misses({operator: {KEY: wanted}}, lower, lower if variables else None))
    assert not any(miss.malformed for miss in found)
    return not found


# operator, the policy's value, a value that meets it, one that does not, and the absent key's fate
OPERATORS: list[tuple[str, Values, str, str, bool]] = [
    ("StringEquals", "web", "web", "Web", False),
    ("StringEquals", ["app", "web"], "web", "webapp", False),
    ("StringEquals", "w*", "w*", "web", False),
    ("StringNotEquals", "web", "Web", "web", True),
    ("StringNotEquals", ["app", "web"], "other", "app", True),  # none of them
    ("StringEquals", True, "true", "True", False),
    ("StringEqualsIgnoreCase", "Web", "wEB", "wed", False),
    ("StringNotEqualsIgnoreCase", "web", "wed", "Web", True),
    ("StringLike", "w?b*", "webapp", "wb", False),
    ("StringLike", "*b*b*", "abab", "ab", False),
    ("StringLike", "a.b", "a.b", "axb", False),
    ("StringLike", "a*", "a\nb", "ba", False),
    ("StringNotLike", "w*", "app", "web", True),
    ("ArnEquals", ARN, ARN, f"{ARN}b", False),
    ("ArnEquals", ARN.replace("eu-west-1", "*"), ARN, ARN.replace("aws", "aws-cn"), False),
    ("ArnLike", "arn:aws:*:*:*:trust-anchor/?", ARN, f"{ARN}b", False),
    (  # the user guide's example: a star reaches no further than its component
        "ArnLike",
        "arn:aws:someservice:*:111122223333:finance/*",
        "arn:aws:someservice:us-east-2:111122223333:finance/document.txt",
        "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt",
        False,
    ),
    ("ArnLike", "arn:aws:s3:::a*:b", "arn:aws:s3:::a:c:b", "arn:aws:s3:::a:c", False),
    ("ArnLike", "arn:aws:s3:eu:*:x", "arn:aws:s3:eu:1:x", "arn:aws:s3:eu:1:2:x", False),
    ("ArnLike", "arn:aws:s3:e?1:2:x", "arn:aws:s3:e-1:2:x", "arn:aws:s3:e:1:2:x", False),
    ("ArnLike", "arn:aws:s3:::a?b", "arn:aws:s3:::a:b", "arn:aws:s3:::ab", False),
    ("ArnNotEquals", ARN, f"{ARN}b", ARN, True),
    ("ArnNotLike", "arn:aws:*:*:*:*", "arn:aws-cn:a:b:c:d", ARN, True),
    ("Bool", "true", "True", "false", False),
    ("Bool", True, "true", "yes", False),
    ("Bool", "FALSE", "false", "true", False),
    ("NumericEquals", "10", "10.0", "11", False),
    ("NumericEquals", [7, 8], "8", "eight", False),
    ("NumericNotEquals", "10", "11", "10", True),
    ("NumericLessThan", "10", "9.9", "10", False),
    ("NumericLessThanEquals", "10", "10", "10.1", False),
    ("NumericGreaterThan", "-1", "0", "-1", False),
    ("NumericGreaterThanEquals", "10", "10", "9", False),
    ("DateEquals", "2026-11-24T12:00:00Z", "2026-11-24T13:00:00+01:00", "2026-11-24", False),
    ("DateNotEquals", "2026-11-24", "2026-11-25", "2026-11-24T00:00:00Z", True),
    ("DateLessThan", "2026-11-24T12:00:00Z", "1", "2026-11-24T12:00:00Z", False),
    ("DateLessThanEquals", "2026-11", "2026-11-01T00:00:00Z", "2026-11-02", False),
    ("DateGreaterThan", "1764000000", "2026-11-24T00:00:00Z", "2020-01-01T00:00:00Z", False),
    ("DateGreaterThanEquals", "2026-11-24", "2026-11-24", "soon", False),
    ("IpAddress", "203.0.113.0/24", "203.0.113.9", "203.0.114.9", False),
    ("IpAddress", "203.0.113.7/24", "203.0.113.9", "203.0.114.7", False),
    ("IpAddress", "203.0.113.9", "203.0.113.9", "203.0.113.8", False),
    ("IpAddress", ["10.0.0.0/8", "2001:db8::/32"], "2001:db8::1", "2001:db9::1", False),
    ("NotIpAddress", "203.0.113.0/24", "2001:db8::1", "203.0.113.9", True),
    ("NotIpAddress", "2001:db8::/32", "cloudformation.amazonaws.com", "2001:db8::1", True),
    ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", "qmluyxj5", False),
]


@pytest.mark.parametrize(("operator", "wanted", "met", "missed", "absent"), OPERATORS)
def test_an_operator_compares(
    operator: str, wanted: Values, met: str, missed: str, *, absent: bool
) -> None:
    """Each operator holds, fails, and judges the absent key: only "not" holds without one."""
    assert holds(operator, wanted, {KEY: (met,)})
    assert not holds(operator, wanted, {KEY: (missed,)})
    assert holds(operator, wanted, {}) is absent
    assert holds(operator, wanted, {KEY: ()}) is absent


@pytest.mark.parametrize(("operator", "wanted", "met", "missed", "absent"), OPERATORS)
def test_if_exists_forgives_the_absent_key_only(
    operator: str, wanted: Values, met: str, missed: str, *, absent: bool
) -> None:
    """With IfExists an absent key holds; one that is there is compared as ever."""
    assert holds(f"{operator}IfExists", wanted, {})
    assert holds(f"{operator}IfExists", wanted, {KEY: (met,)})
    assert not holds(f"{operator}IfExists", wanted, {KEY: (missed,)})


@pytest.mark.parametrize(
    ("operator", "wanted", "actual", "result"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], ("a", "b"), True),
        ("ForAllValues:StringEquals", ["a", "b"], ("a", "c"), False),
        ("ForAllValues:StringEquals", ["a", "b"], (), True),  # all of none
        ("ForAllValues:StringEquals", ["a", "b"], ("",), True),  # an empty text is no value
        ("ForAllValues:StringNotEquals", ["a", "b"], ("c", "d"), True),
        ("ForAllValues:StringNotEquals", ["a", "b"], ("c", "a"), False),
        ("ForAllValues:StringNotEquals", ["a", "b"], (), True),
        ("ForAnyValue:StringEquals", ["a", "b"], ("c", "b"), True),
        ("ForAnyValue:StringEquals", ["a", "b"], ("c",), False),
        ("ForAnyValue:StringEquals", ["a", "b"], (), False),
        ("ForAnyValue:StringEquals", [""], ("",), False),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ("a", "c"), True),
        ("ForAnyValue:StringNotEquals", ["a", "b"], ("a", "b"), False),
        ("ForAnyValue:StringNotEquals", ["a", "b"], (), False),  # "not", and still false
        ("ForAnyValue:StringEqualsIfExists", ["a"], (), True),
        ("forallvalues:stringlike", ["a*"], ("ab", "ac"), True),  # case does not matter
        ("StringEquals", "a", ("b", "a"), True),  # several values without a prefix: any of them
        ("StringNotEquals", "a", ("b", "a"), False),
        ("Null", "true", (), True),
        ("Null", "True", (), True),
        ("Null", "true", ("a",), False),
        ("Null", "true", ("",), True),
        ("Null", "false", ("a",), True),
        ("Null", False, (), False),
        ("Null", ["true", "false"], ("a",), True),
    ],
)
def test_sets_of_values(
    operator: str, wanted: Values, actual: tuple[str, ...], *, result: bool
) -> None:
    """The prefixes compare sets, Null asks whether there is a value at all."""
    assert holds(operator, wanted, {KEY: actual}) is result


@pytest.mark.parametrize("key", ["AWS:THEKEY", "aws:thekey", KEY])
def test_keys_ignore_case(key: str) -> None:
    """A key is the same in any case, the name of a tag in it included."""
    assert holds("StringEquals", "web", {key: ("web",)})


CONTEXT = {
    KEY: ("shop/web",),
    "aws:PrincipalTag/Team": ("shop",),
    "aws:Wild": ("*",),
    "aws:Many": ("a", "b"),
    "aws:Arn": (ARN,),
}


@pytest.mark.parametrize(
    ("operator", "wanted", "actual", "result"),
    [
        ("StringEquals", "${aws:PrincipalTag/Team}/web", "shop/web", True),
        ("StringEquals", "${AWS:principaltag/team}/web", "shop/web", True),
        ("StringEquals", "${aws:Nobody, 'shop'}/web", "shop/web", True),
        ("StringEquals", "${aws:PrincipalTag/Team, 'x'}/web", "shop/web", True),
        ("StringEquals", "${aws:Nobody, ''}", "", True),
        ("StringEquals", "${aws:Nobody}", "", False),
        ("StringEquals", ["${aws:Nobody}", "shop/web"], "shop/web", True),
        ("StringNotEquals", "${aws:Nobody}", "shop/web", False),  # unknown: never true
        ("StringNotEquals", ["${aws:Nobody}", "x"], "shop/web", False),
        ("StringEquals", "${aws:Many}", "a", False),  # which of them?
        ("StringEquals", "${aws:PrincipalTag/Team}/${aws:Wild}", "shop/*", True),
        ("StringEquals", "${}a", "a", False),
        ("StringEquals", "${ aws:PrincipalTag/Team}", "shop", False),  # no spaces in variables
        ("StringEquals", "${$}{a}", "${a}", True),
        ("StringEquals", "${aws:Team", "${aws:Team", True),  # no brace, no variable
        ("StringLike", "a${*}", "a*", True),
        ("StringLike", "a${*}", "ab", False),
        ("StringLike", "a${?}*", "a?b", True),
        ("StringLike", "${aws:Wild}", "anything", False),  # a value holds no wildcards
        ("StringLike", "${aws:PrincipalTag/Team}/*", "shop/web", True),
        ("ArnLike", "${aws:Arn}", ARN, True),
        ("ArnLike", "arn:aws:s3:::${aws:PrincipalTag/Team}/*", "arn:aws:s3:::shop/a", True),
        ("Bool", "${aws:Nobody, 'true'}", "true", True),
    ],
)
def test_variables_are_replaced(
    operator: str, wanted: Values, actual: str, *, result: bool
) -> None:
    """Values take the request's place holders; what nobody knows makes nothing true."""
    assert holds(operator, wanted, {**CONTEXT, KEY: (actual,)}) is result


def test_the_old_version_has_no_variables() -> None:
    """In a policy of 2008-10-17 a variable is the text it is written as."""
    context = {**CONTEXT, KEY: ("${aws:PrincipalTag/Team}",)}
    assert holds("StringEquals", "${aws:PrincipalTag/Team}", context, variables=False)
    assert not holds("StringEquals", "${aws:PrincipalTag/Team}", context)


@pytest.mark.parametrize(
    ("operator", "value"),
    [
        ("ArnEquals", "trust-anchor/a"),
        ("ArnNotLike", "*"),
        ("Bool", "yes"),
        ("NumericEquals", "ten"),
        ("NumericNotEquals", "1e3"),
        ("NumericLessThan", "${aws:Many}"),  # no variables here
        ("DateLessThan", "tomorrow"),
        ("DateLessThan", "2026-13"),
        ("IpAddress", "203.0.113.0/33"),
        ("NotIpAddress", "localhost"),
    ],
)
def test_a_value_the_operator_cannot_read_is_malformed(operator: str, value: str) -> None:
    """Such a condition never holds, not even a negated one."""
    (miss,) = misses({operator: {KEY: value}}, {KEY.lower(): ("1",)}, {})
    assert miss.malformed
    assert miss.text == f'{operator} {KEY} cannot compare with "{value}"'


@pytest.mark.parametrize("text", ["", "1.", "٣", "1_0", " 1", "NaN", "Infinity", "0x10"])
def test_what_is_no_number(text: str) -> None:
    """Only plain decimal numbers are numbers, whatever Python would take."""
    assert number(text) is None


def test_a_date_without_a_zone_is_utc() -> None:
    """All three ways to write one moment are one moment."""
    assert moment("2026-11-24T12:00:00") == moment("2026-11-24T12:00:00Z") == moment("1795521600")


def test_an_address_alone_is_its_own_network() -> None:
    """IAM adds /32."""
    assert network("203.0.113.9") == network("203.0.113.9/32")


GLOBS = st.text("ab*?:", max_size=10)
TEXTS = st.text("ab:", max_size=12)


@settings(max_examples=80, deadline=None)
@given(pattern=GLOBS, text=TEXTS)
def test_texts_match_as_globs_do(pattern: str, text: str) -> None:
    """Stars and question marks mean what a shell means by them."""
    found = compiled(((pattern, False),), Reach.TEXT)
    assert found is not None
    assert bool(found.fullmatch(text)) is fnmatchcase(text, pattern)


@settings(max_examples=80, deadline=None)
@given(
    pattern=st.lists(st.text("ab*?", max_size=3), min_size=6, max_size=7),
    text=st.lists(st.text("ab", max_size=4), min_size=5, max_size=7),
)
def test_arns_match_component_by_component(pattern: list[str], text: list[str]) -> None:
    """The first five components are compared alone, all behind them as the sixth."""
    found = compiled(((":".join(pattern), False),), Reach.ARN)
    wanted, actual = ":".join(pattern).split(":", 5), ":".join(text).split(":", 5)
    expected = len(wanted) == len(actual) and all(map(fnmatchcase, actual, wanted))
    assert found is not None
    assert bool(found.fullmatch(":".join(text))) is expected


@settings(max_examples=80, deadline=None)
@given(
    pattern=st.lists(st.text("ab*?", max_size=3), min_size=1, max_size=7),
    text=st.lists(st.text("ab", max_size=4), min_size=1, max_size=7),
)
def test_a_resource_matches_at_least_what_its_components_do(
    pattern: list[str], text: list[str]
) -> None:
    """A star at a component's end reaches further than one within, never as far as a glob's."""
    pieces = ((":".join(pattern), False),)
    found = compiled(pieces, Reach.RESOURCE)
    assert found is not None
    matched = bool(found.fullmatch(":".join(text)))
    if (arn := compiled(pieces, Reach.ARN)) and arn.fullmatch(":".join(text)):
        assert matched
    if len(pattern) > 5 and matched:
        assert fnmatchcase(":".join(text), ":".join(pattern))


@pytest.mark.parametrize("reach", list(Reach))
def test_many_stars_cost_no_more_than_few(reach: Reach) -> None:
    """A pattern made to be slow is not."""
    pattern = compiled((("arn:aws:s3:::" + "a*" * 30 + "b", False),), reach)
    assert isinstance(pattern, re.Pattern)
    started = time.perf_counter()
    assert not pattern.fullmatch("arn:aws:s3:::" + "a" * 1000)
    assert time.perf_counter() - started < 1
