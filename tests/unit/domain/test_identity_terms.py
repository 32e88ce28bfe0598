"""What an identity's certificate and role must be."""

from dataclasses import replace

import pytest
from tests.unit.domain.facts import ANCHOR, AUTHORITY

from rolesanywhere.api.authority import UsageMode
from rolesanywhere.api.conditions import Reason
from rolesanywhere.api.profile import CertificateSubject, ManagedRoles, ProfileSpec, Reference
from rolesanywhere.api.workload_identity import (
    CertificateRequest,
    KeyFamily,
    ManagedRole,
    PrivateKey,
    RoleChoice,
    WorkloadIdentitySpec,
)
from rolesanywhere.domain import identity_terms, trust_policy
from rolesanywhere.domain.identity_terms import Terms, Who, managed_role
from rolesanywhere.domain.rotation import WantedCertificate
from rolesanywhere.domain.trouble import Refusal

WHO = Who(namespace="shop", name="report", uid="u1", cluster_id="c1", trust_domain="c.example")
PROFILE = ProfileSpec(
    trust_anchor_ref=Reference(name="onprem"),
    subject=CertificateSubject(organizational_unit="tech", organization="Example"),
)
EXTRA: dict[str, dict[str, str | list[str]]] = {"Bool": {"aws:SecureTransport": "true"}}


def spec(
    certificate: CertificateRequest | None = None, managed: ManagedRole | None = None
) -> WorkloadIdentitySpec:
    return WorkloadIdentitySpec(
        profile_ref=Reference(name="default"),
        service_account_name="reporter",
        role=RoleChoice(managed=managed) if managed else RoleChoice(arn="arn"),
        certificate=certificate or CertificateRequest(),
    )


def terms(wanted: WorkloadIdentitySpec, usage_mode: UsageMode | None = None) -> Terms:
    return identity_terms.terms(
        WHO, wanted, PROFILE, anchor_arn=ANCHOR, authority=AUTHORITY, usage_mode=usage_mode
    )


def test_terms_come_from_identity_and_profile() -> None:
    """The spec decides what it may, the Profile the rest of the subject, the operator the URI."""
    found = terms(spec())
    assert found.certificate == WantedCertificate(
        common_name="reporter.shop",
        organizational_unit="tech",
        organization="Example",
        uri="spiffe://c.example/ns/shop/sa/reporter",
        key_algorithm="EC_prime256v1",
        duration_seconds=7 * 86400,
        renew_at=0.67,
        identity_uid="u1",
    )
    assert found.trust.common_name == found.certificate.common_name
    assert found.trust.organizational_unit == found.certificate.organizational_unit
    assert found.trust.uri == found.certificate.uri
    assert found.trust.anchor_arn == ANCHOR
    assert found.trust.extra == {}


def test_a_managed_role_may_have_conditions() -> None:
    """They go into the statement; an existing role's trust policy has none of them."""
    assert terms(spec(managed=ManagedRole(trust_conditions=EXTRA))).trust.extra == EXTRA


@pytest.mark.parametrize(
    ("duration", "usage_mode", "seconds"),
    [
        ("168h", UsageMode.SHORT_LIVED, 7 * 86400),
        ("169h", UsageMode.GENERAL_PURPOSE, 169 * 3600),
        ("169h", None, 169 * 3600),  # an own CA
    ],
)
def test_a_certificate_may_live(duration: str, usage_mode: UsageMode | None, seconds: int) -> None:
    """Only a short-lived Private CA has a limit of a week."""
    found = terms(spec(CertificateRequest(duration=duration)), usage_mode)
    assert found.certificate.duration_seconds == seconds


@pytest.mark.parametrize(
    ("certificate", "told"),
    [
        (CertificateRequest(duration="168h1s"), "duration 168h1s is more than the 168h a short"),
        (CertificateRequest(common_name="c" * 62), "has 62 characters"),
        (CertificateRequest(private_key=PrivateKey(algorithm=KeyFamily.RSA, size=1)), "no size 1"),
    ],
)
def test_what_cannot_be_issued_is_refused(certificate: CertificateRequest, told: str) -> None:
    """The refusal names the field before anything is sent to AWS."""
    with pytest.raises(Refusal, match=told) as refusal:
        terms(spec(certificate), UsageMode.SHORT_LIVED)
    assert refusal.value.reason is Reason.INVALID_SPEC


def test_a_managed_role_is_within_bounds() -> None:
    """Path, boundary and session length are the Profile's, policies the identity's."""
    wanted = ManagedRole(policy_arns=("p2", "p1"), inline_policies={"read": '{"Statement": []}'})
    bounds = ManagedRoles(path="/ra/", permissions_boundary_arn="b", max_session_duration="2h")
    trust = terms(spec()).trust
    role = managed_role(WHO, wanted, bounds, trust, {"a": "b"})
    assert role.name == "shop-report-c8bd3c4f"
    assert (role.path, role.permissions_boundary_arn) == ("/ra/", "b")
    assert role.max_session_duration_seconds == 7200
    assert role.policy_arns == {"p1", "p2"}
    assert role.inline_policies == {"read": {"Statement": []}}
    assert role.tags == {"a": "b"}
    expected = trust_policy.document([trust_policy.statement(WHO.sid, trust)])
    assert role.trust_policy == expected


def test_a_managed_role_may_have_a_name() -> None:
    """A given name is taken as it is."""
    role = managed_role(WHO, ManagedRole(name="Mine"), ManagedRoles(), terms(spec()).trust, {})
    assert role.name == "Mine"


def test_a_broken_inline_policy_is_refused() -> None:
    """The refusal says which of them."""
    wanted = ManagedRole(inline_policies={"read": "{"})
    with pytest.raises(Refusal, match=r"^spec\.role\.managed\.inlinePolicies\.read is not JSON"):
        managed_role(WHO, wanted, ManagedRoles(), terms(spec()).trust, {})


def test_statements_of_identities_differ() -> None:
    """Cluster and uid make a statement's id; a name used again is another identity."""
    assert len({WHO.sid, replace(WHO, uid="u2").sid, replace(WHO, cluster_id="c2").sid}) == 3
    assert replace(WHO, name="renamed").sid == WHO.sid


@pytest.mark.parametrize(("longest", "allowed"), [(3600, True), (3599, False)])
def test_a_session_is_no_longer_than_its_role_allows(longest: int, *, allowed: bool) -> None:
    """AWS does not cut it: CreateSession would fail, so it is said before."""
    if allowed:
        identity_terms.check_session_duration("reports", longest, "default", "1h")
        return
    told = "role reports allows sessions of 3599 s, Profile default asks for 1h: raise"
    with pytest.raises(Refusal, match=told) as refusal:
        identity_terms.check_session_duration("reports", longest, "default", "1h")
    assert refusal.value.reason is Reason.ROLE_NOT_ALLOWED
