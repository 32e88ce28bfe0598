"""Whether two policies say the same, whatever IAM did to order, lists, case and types.

IAM gives policies back reordered, with one value where a list of one was sent; a comparison of
texts would never come to rest.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from rolesanywhere.domain.observed import PolicyDocument
from rolesanywhere.domain.policy_conditions import values
from rolesanywhere.domain.policy_evaluation import WITHOUT_VARIABLES

_IGNORING_CASE: Final = frozenset({"action", "notaction"})
_LISTS: Final = frozenset({"resource", "notresource"})
_PRINCIPALS: Final = frozenset({"principal", "notprincipal"})


def same(one: PolicyDocument, other: PolicyDocument) -> bool:
    """Tell whether two policies mean the same. What is malformed is the same as itself only."""
    return _canonical(one) == _canonical(other)


def statements(policy: PolicyDocument) -> list[Mapping[str, Any]]:
    """Give a policy's statements; IAM lets a single one stand without a list."""
    return [one for one in _listed(policy) if isinstance(one, Mapping)]


def _listed(policy: PolicyDocument) -> list[object]:
    held = policy.get("Statement")
    return list(held) if isinstance(held, list | tuple) else [held]


def _canonical(policy: PolicyDocument) -> tuple[object, list[str]]:
    normal = (json.dumps(_normal(one), sort_keys=True) for one in _listed(policy))
    return policy.get("Version", WITHOUT_VARIABLES), sorted(normal)


def _normal(statement: object) -> object:
    if not isinstance(statement, Mapping):
        return statement
    return {name.lower(): _element(name.lower(), held) for name, held in statement.items()}


def _element(name: str, held: object) -> object:
    if name in _IGNORING_CASE:
        return _set(held, ignoring_case=True)
    if name in _LISTS:
        return _set(held)
    if name in _PRINCIPALS and isinstance(held, Mapping):
        return {kind: _set(listed) for kind, listed in held.items()}
    if name == "condition" and isinstance(held, Mapping):
        return sorted(_tests(held))
    return held


def _tests(condition: Mapping[str, Any]) -> list[str]:
    """Give a text for each operator with each of its keys."""
    return [
        json.dumps([operator.lower(), key.lower(), _set(held)])
        for operator, keys in condition.items()
        for key, held in (keys.items() if isinstance(keys, Mapping) else [("", keys)])
    ]


def _set(held: object, *, ignoring_case: bool = False) -> object:
    """Give the values in order, each once; what holds other things than values as it is."""
    texts = values(held)
    if texts is None:
        return held
    return sorted({text.lower() if ignoring_case else text for text in texts})
