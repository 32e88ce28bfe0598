"""The statement that lets exactly one identity in: built, kept, and judged as IAM would."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.domain.facts import ANCHOR, AUTHORITY, URI, Subject, leaf, name

from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain import trust_policy
from rolesanywhere.domain.certificate import CertificateFacts
from rolesanywhere.domain.policy_documents import statements
from rolesanywhere.domain.policy_evaluation import AccessRequest, Principal, evaluate
from rolesanywhere.domain.principal_tags import DEFAULT_MAPPING, AttributeMapping, session_tags
from rolesanywhere.domain.trouble import Refusal
from rolesanywhere.domain.trust_policy import ACTIONS, Conditions, TrustTerms

SERVICE = Principal("Service", "rolesanywhere.amazonaws.com")
TERMS = TrustTerms(
    authority=AUTHORITY,
    anchor_arn=ANCHOR,
    common_name="report.shop",
    organizational_unit="tech",
    uri=URI,
)
OTHERS = {"Sid": "Theirs", "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
          "Action": "sts:AssumeRole"}  # fmt: skip


def admitted(
    statement: dict[str, Any],
    certificate: CertificateFacts,
    *,
    anchor: str = ANCHOR,
    mapping: AttributeMapping = DEFAULT_MAPPING,
) -> list[bool]:
    """Give IAM's answers to the three things Roles Anywhere asks with a certificate."""
    tags = session_tags(certificate, mapping)
    context = {f"aws:PrincipalTag/{tag}": (value,) for tag, value in tags.items()}
    context["aws:SourceArn"] = (anchor,)
    policies = [trust_policy.document([OTHERS, statement])]
    return [
        evaluate(policies, AccessRequest(action, None, SERVICE, context)).allowed
        for action in ACTIONS
    ]


YES, NO = [True] * 3, [False] * 3


def test_the_statement() -> None:
    """Three actions for the service, on issuer, subject, URI and anchor; nothing negated."""
    assert trust_policy.statement("Ours", TERMS) == {
        "Sid": "Ours",
        "Effect": "Allow",
        "Principal": {"Service": "rolesanywhere.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
        "Condition": {
            "StringEquals": {
                "aws:PrincipalTag/x509Issuer/CN": "sample CA",
                "aws:PrincipalTag/x509Issuer/OU": "tech",
                "aws:PrincipalTag/x509Subject/CN": "report.shop",
                "aws:PrincipalTag/x509Subject/OU": "tech",
                "aws:PrincipalTag/x509SAN/URI": URI,
            },
            "ArnEquals": {"aws:SourceArn": ANCHOR},
        },
    }


TAG_VALUES = st.text("abzAZ09大_.:/=+-@ ", min_size=1, max_size=12)
UNITS = st.none() | TAG_VALUES
ANCHORS = st.text("0123456789abcdef-", min_size=1, max_size=8).map(lambda end: f"{ANCHOR}{end}")


@settings(max_examples=40, deadline=None)
@given(
    common_name=TAG_VALUES,
    unit=UNITS,
    uri=TAG_VALUES,
    anchor=ANCHORS,
    issuer=TAG_VALUES,
    other=st.tuples(TAG_VALUES, UNITS, TAG_VALUES, ANCHORS, TAG_VALUES),
)
def test_a_statement_admits_its_own_certificate_and_no_other(
    common_name: str,
    unit: str | None,
    uri: str,
    anchor: str,
    issuer: str,
    other: tuple[str, str | None, str, str, str],
) -> None:
    """All three actions for its certificate; none as soon as one term differs or is missing."""
    authority = replace(AUTHORITY, subject=name(("CN", issuer)))
    terms = TrustTerms(
        authority=authority,
        anchor_arn=anchor,
        common_name=common_name,
        organizational_unit=unit,
        uri=uri,
    )
    statement = trust_policy.statement("Ours", terms)
    own = Subject(common_name, (unit,) if unit else (), uri)
    assert admitted(statement, leaf(own, authority), anchor=anchor) == YES

    other_name, other_unit, other_uri, other_anchor, other_issuer = other
    strangers = [
        (replace(own, uri=None), authority, anchor, True),
        (replace(own, common_name=other_name), authority, anchor, other_name != common_name),
        (replace(own, uri=other_uri), authority, anchor, other_uri != uri),
        (
            replace(own, units=(other_unit,) if other_unit else ()),
            authority,
            anchor,
            unit is not None and other_unit != unit,
        ),
        (replace(own, units=(unit or "", "x")), authority, anchor, unit is not None),
        (own, authority, other_anchor, other_anchor != anchor),
        (
            own,
            replace(AUTHORITY, subject=name(("CN", other_issuer))),
            anchor,
            other_issuer != issuer,
        ),
    ]
    for subject, signer, through, differs in strangers:
        answer = admitted(statement, leaf(subject, signer), anchor=through)
        assert answer == (NO if differs else YES)


@pytest.mark.parametrize("field", ["x509Subject", "x509Issuer", "x509SAN"])
def test_a_profile_that_maps_less_admits_less(field: str) -> None:
    """A tag a mapping takes away closes the door: equality does not hold without a value."""
    mapping = {key: rules for key, rules in DEFAULT_MAPPING.items() if key != field}
    statement = trust_policy.statement("Ours", TERMS)
    certificate = leaf(Subject(units=("tech",)))
    assert admitted(statement, certificate) == YES
    assert admitted(statement, certificate, mapping=mapping) == NO


@pytest.mark.parametrize(
    ("terms", "tags"),
    [
        (replace(TERMS, common_name="a,b"), "x509Subject/CN"),
        (replace(TERMS, organizational_unit="R&D"), "x509Subject/OU"),
        (replace(TERMS, uri="spiffe://" + "a" * 248), "x509SAN/URI"),
        (replace(TERMS, common_name="a*", uri="b*"), "x509SAN/URI, x509Subject/CN"),
    ],
)
def test_a_value_aws_drops_is_refused_at_once(terms: TrustTerms, tags: str) -> None:
    """Such a role could never be assumed, and AWS would only say AccessDenied."""
    told = f"AWS ignores the value of {tags} in session tags, .* at most 256 letters"
    with pytest.raises(Refusal, match=told) as refusal:
        trust_policy.statement("Ours", terms)
    assert refusal.value.reason is Reason.INVALID_SPEC


def test_an_issuer_aws_drops_is_left_out() -> None:
    """The anchor still binds it; a condition that can never hold would lock everyone out."""
    authority = replace(AUTHORITY, subject=name(("CN", "Example, Inc. CA"), ("OU", "tech")))
    tags = trust_policy.predicted_tags(replace(TERMS, authority=authority))
    assert "x509Issuer/CN" not in tags
    assert tags["x509Issuer/OU"] == "tech"


@pytest.mark.parametrize(
    ("extra", "added"),
    [
        ({"Bool": {"aws:SecureTransport": "true"}}, ("Bool", "aws:SecureTransport", "true")),
        (
            {"StringEquals": {"aws:PrincipalTag/x509Subject/O": ["a", "b"]}},
            ("StringEquals", "aws:PrincipalTag/x509Subject/O", ["a", "b"]),
        ),
        (
            {"stringequals": {"aws:SourceAccount": "1"}},  # joins the generated ones
            ("StringEquals", "aws:SourceAccount", "1"),
        ),
        (
            {"StringEquals": {"AWS:principaltag/x509subject/cn": ["report.shop"]}},  # says the same
            ("StringEquals", "aws:PrincipalTag/x509Subject/CN", ["report.shop"]),
        ),
    ],
)
def test_conditions_are_added(extra: Conditions, added: tuple[str, str, object]) -> None:
    """The user's conditions stand beside the generated ones, none of which is gone."""
    condition = trust_policy.statement("Ours", replace(TERMS, extra=extra))["Condition"]
    operator, key, value = added
    assert condition[operator][key] == value
    for generated, keys in trust_policy.statement("Ours", TERMS)["Condition"].items():
        assert keys.keys() <= condition[generated].keys()


@pytest.mark.parametrize(
    "extra",
    [
        {"StringEquals": {"aws:PrincipalTag/x509Subject/CN": "*"}},
        {"StringEquals": {"AWS:PRINCIPALTAG/X509SUBJECT/CN": "other"}},
        {"stringEquals": {"aws:PrincipalTag/x509Subject/CN": "other"}},
        {"StringEquals": {"aws:PrincipalTag/x509Subject/CN": ["report.shop", "other"]}},
        {"ArnEquals": {"aws:sourceArn": "arn:aws:rolesanywhere:*:*:trust-anchor/*"}},
        {"Bool": {"aws:a": "true", "AWS:A": "false"}},
    ],
)
def test_conditions_are_never_replaced(extra: Conditions) -> None:
    """No spelling of a generated condition lets a tenant loosen it."""
    with pytest.raises(Refusal, match="may be added, not replaced") as refusal:
        trust_policy.statement("Ours", replace(TERMS, extra=extra))
    assert refusal.value.reason is Reason.INVALID_SPEC


SIDS = st.sampled_from(["Ours", "Theirs", "Third"])
STATEMENTS = st.lists(SIDS.map(lambda sid: {**OTHERS, "Sid": sid}), max_size=4)
POLICIES = STATEMENTS.map(trust_policy.document) | st.just({"Statement": OTHERS})


@settings(max_examples=40, deadline=None)
@given(POLICIES)
def test_a_statement_is_put_in_once(policy: dict[str, Any]) -> None:
    """Twice is as good as once; the statements of others stay as they are."""
    wanted = trust_policy.statement("Ours", TERMS)
    once = trust_policy.with_statement(policy, wanted)
    assert trust_policy.with_statement(once, wanted) == once
    assert trust_policy.has_statement(once, "Ours")
    assert once["Statement"].count(wanted) == 1
    left = trust_policy.without_statement(once, "Ours")
    before = trust_policy.without_statement(policy, "Ours")
    assert left == before or (left is None and before is None)


@settings(max_examples=40, deadline=None)
@given(POLICIES)
def test_a_statement_is_taken_out(policy: dict[str, Any]) -> None:
    """Of this Sid nothing is left; None where nothing at all would be, for IAM keeps no such."""
    left = trust_policy.without_statement(policy, "Ours")
    if left is None:
        assert not {one["Sid"] for one in statements(policy)} - {"Ours"}
    else:
        assert left["Statement"]
        assert not trust_policy.has_statement(left, "Ours")


def test_the_rest_of_a_policy_stays() -> None:
    """Version and Id are whoever's wrote the policy."""
    policy = {"Version": "2008-10-17", "Id": "x", "Statement": OTHERS}
    wanted = trust_policy.statement("Ours", TERMS)
    changed = trust_policy.with_statement(policy, wanted)
    assert changed == {"Version": "2008-10-17", "Id": "x", "Statement": [OTHERS, wanted]}


def test_policies_are_compared_by_meaning() -> None:
    """IAM gives them back in another order."""
    wanted = trust_policy.document([OTHERS, trust_policy.statement("Ours", TERMS)])
    stirred = trust_policy.document(reversed(wanted["Statement"]))
    assert trust_policy.same(wanted, stirred)
    assert not trust_policy.same(wanted, trust_policy.document([OTHERS]))
