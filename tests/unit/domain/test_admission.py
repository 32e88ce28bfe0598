"""What a Profile lets an identity have, and the sentence for what it does not."""

import json
import re

import pytest

from rolesanywhere.api.authority import KeyAlgorithm
from rolesanywhere.api.conditions import Reason
from rolesanywhere.api.profile import (
    AllowedNamespaces,
    ExistingRole,
    LabelSelector,
    ManagedRoles,
    ProfileSpec,
    Reference,
    RoleRules,
    SelectorRequirement,
)
from rolesanywhere.api.workload_identity import (
    CertificateRequest,
    KeyFamily,
    ManagedRole,
    PrivateKey,
    RoleChoice,
    WorkloadIdentitySpec,
)
from rolesanywhere.domain import admission
from rolesanywhere.domain.trouble import Refusal

READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
ROLE = "arn:aws:iam::123456789012:role"


def profile(
    allowed: AllowedNamespaces | None = None, roles: RoleRules | None = None
) -> ProfileSpec:
    return ProfileSpec(
        trust_anchor_ref=Reference(name="onprem"),
        allowed_namespaces=allowed or AllowedNamespaces(),
        roles=roles or RoleRules(),
    )


def identity(common_name: str | None = None, account: str = "report") -> WorkloadIdentitySpec:
    return WorkloadIdentitySpec(
        profile_ref=Reference(name="default"),
        service_account_name=account,
        role=RoleChoice(arn=f"{ROLE}/reports"),
        certificate=CertificateRequest(common_name=common_name),
    )


def selector(*requirements: SelectorRequirement, **labels: str) -> LabelSelector:
    return LabelSelector(match_labels=labels, match_expressions=requirements)


def requirement(operator: str, *values: str) -> SelectorRequirement:
    return SelectorRequirement(key="team", operator=operator, values=values)


@pytest.mark.parametrize(
    ("wanted", "labels", "selected"),
    [
        (selector(), {}, True),  # empty selects everything
        (selector(team="shop"), {"team": "shop", "tier": "web"}, True),
        (selector(team="shop"), {"team": "Shop"}, False),
        (selector(team="shop"), {}, False),
        (selector(team="shop", tier="web"), {"team": "shop"}, False),  # all of them
        (selector(requirement("In", "shop", "pay")), {"team": "pay"}, True),
        (selector(requirement("In", "shop")), {"team": "pay"}, False),
        (selector(requirement("In", "shop")), {}, False),
        (selector(requirement("NotIn", "shop")), {"team": "pay"}, True),
        (selector(requirement("NotIn", "shop")), {"team": "shop"}, False),
        (selector(requirement("NotIn", "shop")), {}, True),  # as the API server has it
        (selector(requirement("Exists")), {"team": ""}, True),
        (selector(requirement("Exists")), {}, False),
        (selector(requirement("DoesNotExist")), {}, True),
        (selector(requirement("DoesNotExist")), {"team": "shop"}, False),
        (selector(requirement("exists")), {"team": "shop"}, False),  # no word of Kubernetes'
        (selector(requirement("Gt", "1")), {}, False),
        (selector(requirement("Exists"), tier="web"), {"team": "shop"}, False),  # both parts
        (selector(requirement("Exists"), tier="web"), {"team": "shop", "tier": "web"}, True),
    ],
)
def test_selectors_select_as_the_api_server_does(
    wanted: LabelSelector, labels: dict[str, str], *, selected: bool
) -> None:
    """Labels and expressions must all hold; an unknown operator opens no door."""
    assert admission.selects(wanted, labels) is selected


@pytest.mark.parametrize(
    ("allowed", "admitted"),
    [
        (AllowedNamespaces(), False),
        (AllowedNamespaces(names=("shop",)), True),
        (AllowedNamespaces(names=("sho*", "shop-two")), False),  # names, not patterns
        (AllowedNamespaces(selector=selector()), True),
        (AllowedNamespaces(selector=selector(team="shop")), True),
        (AllowedNamespaces(selector=selector(team="pay")), False),
        (AllowedNamespaces(names=("shop",), selector=selector(team="pay")), True),
    ],
)
def test_a_namespace_is_named_or_selected(allowed: AllowedNamespaces, *, admitted: bool) -> None:
    """One of the two is enough, none of the two lets nobody in."""
    if admitted:
        admission.check_namespace("default", profile(allowed), "shop", {"team": "shop"})
        return
    with pytest.raises(Refusal, match="Profile default does not allow namespace shop: ask") as told:
        admission.check_namespace("default", profile(allowed), "shop", {"team": "shop"})
    assert told.value.reason is Reason.NAMESPACE_NOT_ALLOWED


@pytest.mark.parametrize(
    ("rule", "role", "admitted"),
    [
        (f"{ROLE}/reports", f"{ROLE}/reports", True),
        (f"{ROLE}/reports", f"{ROLE}/reports2", False),
        (f"{ROLE}/reports*", f"{ROLE}/reports2", True),
        (f"{ROLE}/reports*", f"{ROLE}/Reports2", False),
        (f"{ROLE}/team/*", f"{ROLE}/team/a/b", True),  # as in IAM's own policies
        (f"{ROLE}/*/reports", f"{ROLE}/team/reports", True),
        (f"{ROLE}/*", f"{ROLE}/anything", True),
        (f"{ROLE}/re?orts", f"{ROLE}/reports", False),  # only * is a wildcard
        (f"{ROLE}/[r]eports", f"{ROLE}/reports", False),
        (f"{ROLE}/[r]eports", f"{ROLE}/[r]eports", True),
        (f"{ROLE}/reports*", "arn:aws:iam::999999999999:role/reports", False),
        ("arn:aws:iam::*:role/reports", f"{ROLE}/reports", False),  # never across accounts
        ("arn:aws:iam::1*:role/reports", f"{ROLE}/reports", False),
        ("arn:*:iam::123456789012:role/reports", f"{ROLE}/reports", False),
        ("arn:aws:iam::123456789012:*", f"{ROLE}/reports", False),  # not behind role/
        ("arn:aws:iam::123456789012:r*", f"{ROLE}/reports", False),
        (f"{ROLE}/*", "arn:aws:iam::123456789012:user/a", False),
        (f"{ROLE}/*", "arn:aws-cn:iam::123456789012:role/a", False),
        ("*", f"{ROLE}/reports", False),
        ("role/*", "role/reports", False),
        (f"{ROLE}/*", f"{ROLE}/a:b", True),  # IAM's paths may hold a colon
    ],
)
def test_a_rule_covers_roles_of_its_account(rule: str, role: str, *, admitted: bool) -> None:
    """A star stands for text in the role's path or name, and for nothing else."""
    wanted = ExistingRole(arn=rule, manage_trust_policy=False)
    spec = profile(roles=RoleRules(existing=(ExistingRole(arn=f"{ROLE}/other"), wanted)))
    if admitted:
        assert admission.existing_role_rule("default", spec, role) is wanted
        return
    with pytest.raises(
        Refusal, match=f"Profile default does not allow role {re.escape(role)}: ask"
    ) as told:
        admission.existing_role_rule("default", spec, role)
    assert told.value.reason is Reason.ROLE_NOT_ALLOWED


@pytest.mark.parametrize(
    ("bounds", "wanted", "told"),
    [
        (None, ManagedRole(), "allows no managed roles: ask its administrator"),
        (
            ManagedRoles(allowed_policy_arns=(READ_ONLY,)),
            ManagedRole(policy_arns=("e", "d", READ_ONLY, "c", "b", "a")),
            "does not allow a, b, c, d, e: remove it",
        ),
        (
            ManagedRoles(allowed_policy_arns=(READ_ONLY,)),
            ManagedRole(policy_arns=(READ_ONLY.lower(),)),  # exactly as the administrator wrote it
            "does not allow",
        ),
        (
            ManagedRoles(),
            ManagedRole(inline_policies={"read": "{}"}),
            "allows no inline policies: remove spec.role.managed.inlinePolicies, or ask",
        ),
    ],
)
def test_a_managed_role_beyond_its_bounds_is_refused(
    bounds: ManagedRoles | None, wanted: ManagedRole, told: str
) -> None:
    """The refusal names what is too much and both ways out."""
    with pytest.raises(Refusal, match=told) as refusal:
        admission.check_managed_role("default", profile(roles=RoleRules(managed=bounds)), wanted)
    assert refusal.value.reason is Reason.ROLE_NOT_ALLOWED


@pytest.mark.parametrize(
    ("bounds", "wanted"),
    [
        (ManagedRoles(), ManagedRole()),
        (ManagedRoles(allowed_policy_arns=(READ_ONLY,)), ManagedRole(policy_arns=(READ_ONLY,))),
        (ManagedRoles(allow_inline_policies=True), ManagedRole(inline_policies={"read": "{}"})),
    ],
)
def test_a_managed_role_within_its_bounds(bounds: ManagedRoles, wanted: ManagedRole) -> None:
    """What the Profile allows is given, with the bounds the role will have."""
    spec = profile(roles=RoleRules(managed=bounds))
    assert admission.check_managed_role("default", spec, wanted) is bounds


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        (identity(), "report.shop"),
        (identity("sample"), "sample"),
        (identity("s" * 61), "s" * 61),
        (identity(account="a" * 56), f"{'a' * 56}.shop"),
    ],
)
def test_a_common_name_is_given_or_derived(spec: WorkloadIdentitySpec, name: str) -> None:
    """Without one in the spec it is the ServiceAccount's name and namespace."""
    assert admission.common_name(spec, "shop") == name


@pytest.mark.parametrize("spec", [identity("s" * 62), identity(account="a" * 57)])
def test_a_common_name_of_62_characters_is_refused(spec: WorkloadIdentitySpec) -> None:
    """From 62 on, the session's source identity would lose its prefix."""
    with pytest.raises(Refusal, match="has 62 characters, AWS takes 61: set a shorter") as told:
        admission.common_name(spec, "shop")
    assert told.value.reason is Reason.INVALID_SPEC


@pytest.mark.parametrize(
    ("family", "size", "algorithm"),
    [
        (KeyFamily.ECDSA, None, KeyAlgorithm.EC_PRIME256V1),
        (KeyFamily.ECDSA, 256, KeyAlgorithm.EC_PRIME256V1),
        (KeyFamily.ECDSA, 384, KeyAlgorithm.EC_SECP384R1),
        (KeyFamily.ECDSA, 521, KeyAlgorithm.EC_SECP521R1),
        (KeyFamily.RSA, None, KeyAlgorithm.RSA_2048),
        (KeyFamily.RSA, 2048, KeyAlgorithm.RSA_2048),
        (KeyFamily.RSA, 3072, KeyAlgorithm.RSA_3072),
        (KeyFamily.RSA, 4096, KeyAlgorithm.RSA_4096),
    ],
)
def test_keys_have_an_algorithm(family: KeyFamily, size: int | None, algorithm: str) -> None:
    """Family and size name one of acm-pca's algorithms."""
    assert admission.key_algorithm(PrivateKey(algorithm=family, size=size)) == algorithm


@pytest.mark.parametrize(("family", "size"), [(KeyFamily.RSA, 1024), (KeyFamily.ECDSA, 2048)])
def test_a_size_its_family_lacks_is_refused(family: KeyFamily, size: int) -> None:
    """The refusal names family and size."""
    with pytest.raises(Refusal, match=f"privateKey: {family} has no size {size}"):
        admission.key_algorithm(PrivateKey(algorithm=family, size=size))


def test_a_policy_is_read() -> None:
    """A JSON object with a Statement is a policy; what is in it is IAM's business."""
    assert admission.policy_json('{"Statement": []}', "spec.sessionPolicy") == {"Statement": []}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "spec.sessionPolicy is not JSON: Expecting .* at line 1, column 2"),
        ("", "spec.sessionPolicy is not JSON"),
        ("[]", "spec.sessionPolicy is not an IAM policy: it needs an object with a Statement"),
        ('{"Version": "2012-10-17"}', "is not an IAM policy"),
        (json.dumps("Statement"), "is not an IAM policy"),
        ("[" * 100_000, "spec.sessionPolicy cannot be read: .*recursion"),
        (f'{{"Statement": {"1" * 5000}}}', "spec.sessionPolicy cannot be read: .*digits"),
    ],
    ids=["brace", "empty", "list", "no statement", "text", "too deep", "too many digits"],
)
def test_what_is_no_policy_is_refused(text: str, told: str) -> None:
    """The refusal names the field and the place, however strange the text is."""
    with pytest.raises(Refusal, match=told) as refusal:
        admission.policy_json(text, "spec.sessionPolicy")
    assert refusal.value.reason is Reason.INVALID_SPEC
