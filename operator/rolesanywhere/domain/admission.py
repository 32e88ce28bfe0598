"""May this identity have what it asks for? The administrator's Profile decides, nobody else.

Each refusal is a sentence for the tenant that names what to change, and whose hand can change it.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from rolesanywhere.api.authority import KeyAlgorithm
from rolesanywhere.api.conditions import Reason
from rolesanywhere.api.profile import (
    ExistingRole,
    LabelSelector,
    ManagedRoles,
    ProfileSpec,
    SelectorRequirement,
)
from rolesanywhere.api.workload_identity import (
    COMMON_NAME_LENGTH,
    KeyFamily,
    ManagedRole,
    PrivateKey,
    WorkloadIdentitySpec,
)
from rolesanywhere.domain.policy_patterns import Reach, fits
from rolesanywhere.domain.trouble import Refusal

_ARN_COLONS: Final = 5  # in front of what an ARN names
_STAR: Final = ("*", False)
_KEY_ALGORITHMS: Final = {
    (KeyFamily.RSA, None): KeyAlgorithm.RSA_2048,
    (KeyFamily.RSA, 2048): KeyAlgorithm.RSA_2048,
    (KeyFamily.RSA, 3072): KeyAlgorithm.RSA_3072,
    (KeyFamily.RSA, 4096): KeyAlgorithm.RSA_4096,
    (KeyFamily.ECDSA, None): KeyAlgorithm.EC_PRIME256V1,
    (KeyFamily.ECDSA, 256): KeyAlgorithm.EC_PRIME256V1,
    (KeyFamily.ECDSA, 384): KeyAlgorithm.EC_SECP384R1,
    (KeyFamily.ECDSA, 521): KeyAlgorithm.EC_SECP521R1,
}


def check_namespace(
    profile: str, spec: ProfileSpec, namespace: str, labels: Mapping[str, str]
) -> None:
    """Refuse a namespace the Profile neither names nor selects."""
    allowed = spec.allowed_namespaces
    if namespace in allowed.names:
        return
    if allowed.selector is not None and selects(allowed.selector, labels):
        return
    raise Refusal(
        Reason.NAMESPACE_NOT_ALLOWED,
        f"Profile {profile} does not allow namespace {namespace}: ask its administrator to add it "
        "to spec.allowedNamespaces, or use another Profile",
    )


def selects(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    """Tell whether labels meet a selector, as the API server would."""
    return all(labels.get(key) == value for key, value in selector.match_labels.items()) and all(
        _meets(requirement, labels) for requirement in selector.match_expressions
    )


def _meets(requirement: SelectorRequirement, labels: Mapping[str, str]) -> bool:
    value = labels.get(requirement.key)
    match requirement.operator:
        case "In":
            return value in requirement.values
        case "NotIn":
            return value not in requirement.values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case _:  # no word of Kubernetes': it must not open a door
            return False


def existing_role_rule(profile: str, spec: ProfileSpec, role_arn: str) -> ExistingRole:
    """Give the Profile's rule for an existing role: the longest that covers it, as the narrowest.

    Of two as long, the one that keeps hands off the trust policy. Raises ``Refusal`` when none
    covers the role.
    """
    rules = [rule for rule in spec.roles.existing if _covers(rule.arn, role_arn)]
    if rules:
        return max(rules, key=lambda rule: (len(rule.arn), not rule.manage_trust_policy))
    raise Refusal(
        Reason.ROLE_NOT_ALLOWED,
        f"Profile {profile} does not allow role {role_arn}: ask its administrator to add it to "
        "spec.roles.existing, or name a role that is there",
    )


def _covers(rule: str, role_arn: str) -> bool:
    """Compare ARNs exactly; only a ``*`` behind ``role/`` stands for any text, slashes included.

    So no rule reaches into another account or partition.
    """
    *account, pattern = rule.split(":", _ARN_COLONS)
    *its_account, role = role_arn.split(":", _ARN_COLONS)
    if account != its_account or len(account) != _ARN_COLONS or not pattern.startswith("role/"):
        return False
    texts = ((text, True) for text in pattern.split("*"))
    pieces = tuple(piece for text in texts for piece in (_STAR, text))[1:]
    return fits(role, pieces, Reach.TEXT)


def check_managed_role(profile: str, spec: ProfileSpec, wanted: ManagedRole) -> ManagedRoles:
    """Refuse a managed role beyond the Profile's bounds; give the bounds."""
    bounds = spec.roles.managed
    if bounds is None:
        raise Refusal(
            Reason.ROLE_NOT_ALLOWED,
            f"Profile {profile} allows no managed roles: ask its administrator for "
            "spec.roles.managed, or name an existing role in spec.role.arn",
        )
    if beyond := sorted(set(wanted.policy_arns) - set(bounds.allowed_policy_arns)):
        raise Refusal(
            Reason.ROLE_NOT_ALLOWED,
            f"Profile {profile} does not allow {', '.join(beyond)}: remove it from "
            "spec.role.managed.policyArns, or ask for it in spec.roles.managed.allowedPolicyArns",
        )
    if wanted.inline_policies and not bounds.allow_inline_policies:
        raise Refusal(
            Reason.ROLE_NOT_ALLOWED,
            f"Profile {profile} allows no inline policies: remove spec.role.managed.inlinePolicies,"
            " or ask for spec.roles.managed.allowInlinePolicies",
        )
    return bounds


def common_name(spec: WorkloadIdentitySpec, namespace: str) -> str:
    """Give the certificate's CN: given, or derived. Raises ``Refusal`` beyond 61 characters.

    Longer ones lose the ``CN=`` of the session's source identity
    (https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html).
    """
    name = spec.certificate.common_name or f"{spec.service_account_name}.{namespace}"
    if len(name) <= COMMON_NAME_LENGTH:
        return name
    raise Refusal(
        Reason.INVALID_SPEC,
        f"the certificate's common name {name} has {len(name)} characters, AWS takes "
        f"{COMMON_NAME_LENGTH}: set a shorter spec.certificate.commonName",
    )


def key_algorithm(wanted: PrivateKey) -> KeyAlgorithm:
    """Give the key algorithm a spec asks for. Raises ``Refusal`` for a size its family lacks."""
    if found := _KEY_ALGORITHMS.get((wanted.algorithm, wanted.size)):
        return found
    raise Refusal(
        Reason.INVALID_SPEC,
        f"spec.certificate.privateKey: {wanted.algorithm} has no size {wanted.size}",
    )


def policy_json(text: str, field: str) -> dict[str, Any]:
    """Parse a policy a user wrote. Raises ``Refusal`` that says where it breaks."""
    try:
        parsed = json.loads(text)
    except json.JSONDecodeError as error:
        raise Refusal(
            Reason.INVALID_SPEC,
            f"{field} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}",
        ) from None
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, deep lists
        raise Refusal(Reason.INVALID_SPEC, f"{field} cannot be read: {error}") from None
    if isinstance(parsed, dict) and "Statement" in parsed:
        return parsed
    raise Refusal(
        Reason.INVALID_SPEC, f"{field} is not an IAM policy: it needs an object with a Statement"
    )
