"""Who else may use a CA: its resource-based policy, evaluated for another account.

https://docs.aws.amazon.com/privateca/latest/userguide/pca-rbp.html
``policies`` sees to it that a policy has the form this module reads.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from rolesanywhere.emulator.caller import Caller
from rolesanywhere.emulator.private_ca.records import Authority

DEFAULT_TEMPLATE: Final = "EndEntityCertificate/V1"
_ISSUE: Final = "IssueCertificate"
_TEMPLATES_FOR_OTHERS: Final = frozenset(
    {
        "EndEntityCertificate/V1",
        "EndEntityClientAuthCertificate/V1",
        "EndEntityServerAuthCertificate/V1",
        "BlankEndEntityCertificate_APIPassthrough/V1",
        "BlankEndEntityCertificate_APICSRPassthrough/V1",
        "SubordinateCACertificate_PathLen0/V1",
    }
)


def template_arn(parameters: Mapping[str, Any], partition: str) -> str:
    """Give the template IssueCertificate is asked for; the plain end entity by default."""
    default = f"arn:{partition}:acm-pca:::template/{DEFAULT_TEMPLATE}"
    return str(parameters.get("TemplateArn") or default)


def is_shared(
    authority: Authority, operation: str, caller: Caller, parameters: Mapping[str, Any]
) -> bool:
    """Tell whether the CA's policy lets another account's caller do this."""
    if authority.policy is None:
        return False
    statements = json.loads(authority.policy)["Statement"]
    context = {"acm-pca:TemplateArn": template_arn(parameters, authority.partition)}
    if operation == _ISSUE and not _is_for_others(context["acm-pca:TemplateArn"]):
        return False
    return any(
        f"acm-pca:{operation}" in as_list(statement["Action"])
        and _names(statement["Principal"], caller)
        and _holds(statement.get("Condition", {}), context)
        for statement in statements
    )


def _is_for_others(template: str) -> bool:
    """Tell whether another account may issue by a template at all, whatever the policy says."""
    return template.rpartition("template/")[2] in _TEMPLATES_FOR_OTHERS


def as_list(value: object) -> list[Any]:
    """Give what a policy writes as one value or a list, as a list."""
    return value if isinstance(value, list) else [value]


def _names(principal: object, caller: Caller) -> bool:
    """Tell whether an account, its root or the caller itself is named."""
    named = principal.get("AWS") if isinstance(principal, dict) else principal
    accounts = {
        caller.account,
        f"arn:{caller.partition}:iam::{caller.account}:root",
        caller.principal_arn,
    }
    return any(each == "*" or each in accounts for each in as_list(named))


def _holds(condition: Mapping[str, Any], context: Mapping[str, str]) -> bool:
    """Evaluate StringEquals; any other operator, or a key not known here, does not hold."""
    return all(
        operator == "StringEquals"
        and all(context.get(key) in as_list(value) for key, value in wanted.items())
        for operator, wanted in condition.items()
    )
