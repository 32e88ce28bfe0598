"""Names derived for what the operator makes."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rolesanywhere.domain import naming

INNER = st.text("ab9-", max_size=61)
LABEL = st.builds("{}{}{}".format, st.sampled_from("a9"), INNER, st.sampled_from("b0"))
SUBDOMAIN = st.lists(LABEL, min_size=1, max_size=4).map(".".join).map(lambda name: name[:251] + "z")
DNS_SUBDOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
LONG = "a" * 253


def test_names_are_known() -> None:
    """Names are part of what is found in AWS later: they may not change between releases."""
    assert naming.role_name("shop", "report", cluster_id="c1") == "shop-report-c8bd3c4f"
    assert naming.role_name("Shop", "Report", cluster_id="c1").startswith("shop-report-")
    assert naming.identity_secret_name("report") == "report-aws-identity"
    assert naming.issuance_secret_name("u1") == "issuance-bb82030dbc2bcaba32a90bf2e207a84a"
    assert naming.statement_id("c1", "u1") == "RolesAnywhereb5832728ffe8fc82"
    assert naming.token("a", "b") == "59b271ae1bbcb1d31d41929817f4b16f"
    assert (
        naming.workload_uri("c.example", "shop", "report") == "spiffe://c.example/ns/shop/sa/report"
    )


@settings(max_examples=50, deadline=None)
@given(namespace=LABEL, name=SUBDOMAIN, cluster=st.text(max_size=40))
def test_a_role_name_is_one_iam_takes(namespace: str, name: str, cluster: str) -> None:
    """At most 64 characters, lower case: IAM tells names apart without regard to case."""
    role = naming.role_name(namespace, name, cluster_id=cluster)
    assert re.fullmatch(r"[a-z0-9-]{1,64}", role)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b"]), LABEL | st.just(LONG), LABEL | st.just(LONG)),
        unique=True,
        max_size=8,
    )
)
def test_role_names_differ_where_identities_do(identities: list[tuple[str, str, str]]) -> None:
    """Cluster, namespace and name each make a difference, however long and alike they are."""
    roles = {naming.role_name(space, name, cluster_id=c).lower() for c, space, name in identities}
    assert len(roles) == len(identities)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a-b", "c"), ("a", "b-c")),
        (("a", "b.c"), ("a", "b-c")),
        (("a", LONG + "1"), ("a", LONG + "2")),
    ],
)
def test_alike_identities_have_other_roles(one: tuple[str, str], other: tuple[str, str]) -> None:
    """What looks the same after cutting and cleaning is told apart by its hash."""
    first, second = (naming.role_name(*pair, cluster_id="c") for pair in (one, other))
    assert first != second


@pytest.mark.parametrize(
    ("parts", "others"), [(("ab", "c"), ("a", "bc")), (("a",), ("a", "")), ((), ("a",))]
)
def test_parts_are_kept_apart(parts: tuple[str, ...], others: tuple[str, ...]) -> None:
    """Where one part ends and the next begins is part of the hash."""
    assert naming.fingerprint(*parts) != naming.fingerprint(*others)


@settings(max_examples=50, deadline=None)
@given(name=SUBDOMAIN | st.integers(200, 253).map(lambda n: "a" * n + ".b" * ((253 - n) // 2)))
def test_a_secret_name_is_one_kubernetes_takes(name: str) -> None:
    """At most 253 characters, and still a name of labels where it had to be cut."""
    found = naming.identity_secret_name(name)
    assert len(found) <= 253
    assert DNS_SUBDOMAIN.fullmatch(found)


def test_names_use_the_space_there_is() -> None:
    """As much as possible of a long name is left readable."""
    assert len(naming.role_name("shop", LONG, cluster_id="c")) == 64
    assert len(naming.identity_secret_name(LONG)) == 253
    assert naming.identity_secret_name("a" * 240) == f"{'a' * 240}-aws-identity"


def test_a_cut_secret_name_ends_in_a_hash() -> None:
    """Two long names with the same start get two Secrets; a cut behind a dot leaves no dot."""
    one, other = ("a" * 243 + ".b" + end * 8 for end in "12")
    assert (
        naming.identity_secret_name(one)
        == f"{'a' * 243}-{naming.fingerprint(f'{one}-aws-identity')}"
    )
    assert naming.identity_secret_name(one) != naming.identity_secret_name(other)


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("onprem", "onprem"),
        ("on.prem/a:b", "on-prem-a-b"),
        ("Ä_ b", "-_ b"),
        ("a" * 300, "a" * 255),
    ],
)
def test_a_name_in_roles_anywhere(name: str, cleaned: str) -> None:
    """Only letters, digits, spaces, - and _; at most 255."""
    assert naming.roles_anywhere_name(name) == cleaned


@pytest.mark.parametrize(
    ("namespace", "owner"),
    [("shop", "WorkloadIdentity/shop/report"), (None, "WorkloadIdentity/report")],
)
def test_ownership_is_in_tags(namespace: str | None, owner: str) -> None:
    """Cluster and uid prove it, kind and name tell people."""
    tags = naming.ownership_tags("WorkloadIdentity", namespace, "report", "u1", cluster_id="c1")
    assert tags == {
        "rolesanywhere.dev/managed-by": "rolesanywhere-operator",
        "rolesanywhere.dev/cluster": "c1",
        "rolesanywhere.dev/owner": owner,
        "rolesanywhere.dev/owner-uid": "u1",
    }


def test_tag_values_are_short_enough() -> None:
    """AWS takes 256 characters."""
    tags = naming.ownership_tags("WorkloadIdentity", "n" * 63, LONG, "u", cluster_id="c")
    assert {len(value) <= 256 for value in tags.values()} == {True}
