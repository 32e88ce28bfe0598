"""Tags, source identity and session name AWS takes from a certificate."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.unit.domain.facts import URI, Subject, leaf, name

from rolesanywhere.domain.certificate import CertificateFacts
from rolesanywhere.domain.principal_tags import (
    default_session_name,
    is_tag_value,
    session_tags,
    source_identity,
)

ISSUER = {"x509Issuer/O": "Example", "x509Issuer/OU": "tech", "x509Issuer/CN": "sample CA"}
FULL = replace(
    leaf(),
    subject=name(("OU", "Security"), ("OU", "Research"), ("CN", "web"), ("2.5.4.99", "x")),
    san_dns=("first.example", "second.example"),
    san_uri=(URI, "spiffe://other"),
    san_directory_names=(name(("CN", "alias"), ("O", "Other")), name(("CN", "ignored"))),
)
SUBJECT = {
    "x509Subject/OU": "Security/Research",
    "x509Subject/CN": "web",
    "x509Subject/2.5.4.99": "x",
}
ALTERNATIVES = {
    "x509SAN/DNS": "first.example",
    "x509SAN/URI": URI,
    "x509SAN/Name/CN": "alias",
    "x509SAN/Name/O": "Other",
}


def test_a_certificate_becomes_tags() -> None:
    """Subject, issuer and the first name of each kind; repeated attributes are joined."""
    assert session_tags(FULL) == {**SUBJECT, **ISSUER, **ALTERNATIVES}


def test_a_plain_certificate_has_few_tags() -> None:
    """Without alternative names there are no tags of them."""
    assert session_tags(leaf(Subject("web", uri=None))) == {"x509Subject/CN": "web", **ISSUER}


@pytest.mark.parametrize(
    ("mapping", "tags"),
    [
        ({}, {}),
        ({"x509Subject": ("*",)}, SUBJECT),
        ({"x509Subject": ("CN",)}, {"x509Subject/CN": "web"}),
        ({"x509Subject": ("CN", "O")}, {"x509Subject/CN": "web"}),
        (
            {"x509Issuer": ("OU",), "x509SAN": ("URI",)},
            {"x509Issuer/OU": "tech", "x509SAN/URI": URI},
        ),
        ({"x509SAN": ("Name/*",)}, {"x509SAN/Name/CN": "alias", "x509SAN/Name/O": "Other"}),
        ({"x509SAN": ("Name/CN",)}, {"x509SAN/Name/CN": "alias"}),
        ({"x509SAN": ("*",)}, {"x509SAN/DNS": "first.example", "x509SAN/URI": URI}),
    ],
)
def test_a_profile_maps_what_it_names(
    mapping: Mapping[str, tuple[str, ...]], tags: dict[str, str]
) -> None:
    """What no rule names becomes no tag: a condition on it cannot hold."""
    assert session_tags(FULL, mapping) == tags


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        ("report.shop", True),
        ("spiffe://a/b_c+d=e@f-g", True),
        ("大阪 ٣", True),  # letters, digits and spaces of any script
        ("", True),
        ("a" * 256, True),
        ("a" * 257, False),
        ("a,b", False),
        ("a*b", False),
        ("a\nb", False),
        ("a(b)", False),
        ("a\u0301", False),  # a combining mark is no letter
    ],
)
def test_sts_takes_some_values(value: str, *, taken: bool) -> None:
    """Others are dropped without a word, so the tag is not there at all."""
    assert is_tag_value(value) is taken
    tags = session_tags(leaf(Subject(value)))
    assert tags.get("x509Subject/CN") == (value if taken else None)


@pytest.mark.parametrize(
    ("certificate", "identity"),
    [
        (leaf(Subject("web")), "CN=web"),
        (leaf(Subject("w" * 61)), "CN=" + "w" * 61),
        (leaf(Subject("w" * 62)), "w" * 62),  # no room for the prefix
        (leaf(Subject("w" * 64)), "w" * 64),
        (replace(leaf(), subject=name(("O", "x")), serial=291), "ID=0123"),
    ],
)
def test_a_source_identity_is_the_common_name(certificate: CertificateFacts, identity: str) -> None:
    """With its prefix where that fits, and the serial where there is no common name."""
    assert source_identity(certificate) == identity


def test_a_session_is_named_by_serial() -> None:
    """Lower-case hex of even length."""
    assert default_session_name(replace(leaf(), serial=0xABC)) == "0abc"
