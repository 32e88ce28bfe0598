"""Reasons, labels, tags and annotations are words Kubernetes and AWS take."""

import re
from enum import StrEnum

import pytest
from botocore.loaders import Loader

from rolesanywhere.api import names
from rolesanywhere.api.authority import KeyAlgorithm, SigningAlgorithm
from rolesanywhere.api.conditions import ConditionStatus, ConditionType, Reason

# metav1.Condition, and what Kubernetes' API conventions say of conditions
CONDITION_TYPE = re.compile(r"[A-Z][A-Za-z]{0,315}")
CONDITION_REASON = re.compile(r"[A-Z][A-Za-z0-9]{0,1023}")
# https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
QUALIFIED_NAME = re.compile(r"[a-z0-9.]{1,253}/[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])")
# https://docs.aws.amazon.com/rolesanywhere/latest/APIReference/API_Tag.html
TAG_KEY = re.compile(r"[ a-zA-Z0-9_.:/=+@-]{1,128}")


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_is_one_word(reason: Reason) -> None:
    """Alerts match on it, so it is CamelCase and its constant tells the same."""
    assert CONDITION_REASON.fullmatch(reason)
    assert reason.name.replace("_", "").lower() == reason.value.lower()


@pytest.mark.parametrize("type_", ConditionType)
def test_a_condition_is_one_word(type_: ConditionType) -> None:
    """An adjective or a past participle, positive: true is good."""
    assert CONDITION_TYPE.fullmatch(type_)
    assert type_.name.replace("_", "").lower() == type_.value.lower()


def test_there_are_three_answers() -> None:
    """As in every condition of Kubernetes."""
    assert list(ConditionStatus) == ["True", "False", "Unknown"]


@pytest.mark.parametrize(
    "name",
    [
        names.FINALIZER,
        names.MANAGED_BY_LABEL,
        names.OWNER_UID_LABEL,
        names.ROLE_IN_SECRET_LABEL,
        names.ISSUED_AT,
        names.AUTHORITY,
        names.CERTIFICATE_ARN,
        names.NOT_AFTER,
        names.TOKEN,
        names.PURPOSE,
    ],
)
def test_a_label_or_annotation_has_a_prefix(name: str) -> None:
    """Qualified names do not collide with those of others."""
    assert QUALIFIED_NAME.fullmatch(name)


@pytest.mark.parametrize(
    "tag", [names.TAG_MANAGED_BY, names.TAG_CLUSTER, names.TAG_OWNER, names.TAG_OWNER_UID]
)
def test_a_tag_is_one_aws_takes(tag: str) -> None:
    """In the alphabet of tags and not reserved."""
    assert TAG_KEY.fullmatch(tag)
    assert not tag.lower().startswith("aws:")


@pytest.mark.parametrize(
    ("kind", "plural"),
    [
        (names.TRUST_ANCHOR, names.TRUST_ANCHORS),
        (names.PROFILE, names.PROFILES),
        (names.WORKLOAD_IDENTITY, names.WORKLOAD_IDENTITIES),
    ],
)
def test_a_kind_has_a_plural(kind: str, plural: str) -> None:
    """Lower case, as resources are named in URLs."""
    assert plural == (f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s").lower()


@pytest.mark.parametrize(
    ("words", "shape"), [(KeyAlgorithm, "KeyAlgorithm"), (SigningAlgorithm, "SigningAlgorithm")]
)
def test_algorithms_are_spelled_as_acm_pca_does(words: type[StrEnum], shape: str) -> None:
    """They go to AWS as users wrote them."""
    model = Loader().load_service_model("acm-pca", "service-2")
    assert set(words) <= set(model["shapes"][shape]["enum"])


def test_what_a_secret_holds_is_told_apart() -> None:
    """Three kinds of Secret, and four keys in the one a pod mounts."""
    kinds = {names.SECRET_OF_IDENTITY, names.SECRET_OF_ISSUANCE, names.SECRET_OF_AUTHORITY}
    keys = {names.TLS_KEY, names.TLS_CRT, names.CA_CRT, names.AGENT_JSON, names.REQUEST}
    assert (len(kinds), len(keys)) == (3, 5)
