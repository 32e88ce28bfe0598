"""Accounts named in a resource's policy: they delegate to the account, and grant nothing alone.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rolesanywhere.domain.observed import PolicyDocument

_ACCOUNT: Final = re.compile(r"[0-9]{12}|arn:[^:]+:iam::[0-9]{12}:root")


def without_accounts(policy: PolicyDocument) -> PolicyDocument:
    """Give the policy without what its Allow statements say of whole accounts."""
    statements = policy.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    return {**policy, "Statement": list(_kept(listed))}


def _kept(statements: list[Any]) -> Iterator[Any]:
    for statement in statements:
        principal = statement.get("Principal") if isinstance(statement, Mapping) else None
        if not isinstance(principal, Mapping) or statement.get("Effect") != "Allow":
            yield statement
        elif rest := _without_accounts(principal):
            yield {**statement, "Principal": rest}


def _without_accounts(principal: Mapping[str, Any]) -> dict[str, Any]:
    given = principal.get("AWS", [])
    listed = given if isinstance(given, list) else [given]
    named = [each for each in listed if not _ACCOUNT.fullmatch(str(each))]
    others = {kind: value for kind, value in principal.items() if kind != "AWS"}
    return {**others, **({"AWS": named} if named else {})}
