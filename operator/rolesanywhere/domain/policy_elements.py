"""Whether Principal, Action and Resource of a statement, or their Not forms, name a request.

Each answer is what does not fit, or None.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rolesanywhere.domain.policy_conditions import Miss
from rolesanywhere.domain.policy_patterns import Context, Reach, expand, fits

_EVERYONE: Final = "*"
_NO_RESOURCE: Final = "*"  # what an action without resources is asked for
_ARN_PARTS: Final = 6
_ACCOUNT: Final = 4  # its place among an ARN's parts

Statement = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. ``kind`` as policies write it: Service, AWS, Federated, CanonicalUser."""

    kind: str
    value: str


def principal_miss(statement: Statement, principal: Principal | None) -> Miss | None:
    """Say why the statement does not speak of this principal. None: an identity's policy."""
    if principal is None:
        if "Principal" in statement or "NotPrincipal" in statement:
            return Miss("an identity's policy holds no Principal", malformed=True)
        return None
    found = _element(statement, "Principal")
    if isinstance(found, Miss):
        return found
    name, element = found
    named = _names(element, principal)
    if named is None:
        return Miss(f"its {name} is neither * nor lists by kind", malformed=True)
    if named is (name == "Principal"):
        return None
    return Miss(f"its {name} is {_shown(element)}, the request comes from {principal.value}")


def action_miss(statement: Statement, action: str) -> Miss | None:
    """Say why the statement does not speak of this action. Case does not matter."""
    found = _texts(statement, "Action")
    if isinstance(found, Miss):
        return found
    name, texts = found
    asked = action.lower()
    named = any(fits(asked, ((text.lower(), False),), Reach.TEXT) for text in texts)
    if named is (name == "Action"):
        return None
    return Miss(f"its {name} is {_shown(texts)}, the request is {action}")


def resource_miss(
    statement: Statement, resource: str | None, *, of_identity: bool, variables: Context | None
) -> Miss | None:
    """Say why the statement does not speak of this resource.

    Only an identity's policy must name resources: a trust policy hangs on its role and may not.
    """
    if not of_identity and not statement.keys() & {"Resource", "NotResource"}:
        return None
    if not of_identity and resource is None:
        return Miss("a trust policy holds no Resource", malformed=True)
    found = _texts(statement, "Resource")
    if isinstance(found, Miss):
        return found
    name, texts = found
    asked = resource or _NO_RESOURCE
    expanded = [expand(text, variables) for text in texts]
    named = any(fits(asked, pieces, Reach.RESOURCE) for pieces in expanded if pieces)
    unknown = name == "NotResource" and None in expanded  # a variable without a value
    if named is (name == "Resource") and not unknown:
        return None
    return Miss(f"its {name} is {_shown(texts)}, the request is for {asked}")


def _names(element: object, principal: Principal) -> bool | None:
    """Tell whether a Principal element names this one; None when it is malformed."""
    if element == _EVERYONE:
        return True
    if not isinstance(element, Mapping):
        return None
    named = False
    for kind, given in element.items():
        listed = _listed(given)
        if listed is None:
            return None
        named = named or (kind == "AWS" and _EVERYONE in listed)
        named = named or (kind == principal.kind and any(_is(one, principal) for one in listed))
    return named


def _is(written: str, principal: Principal) -> bool:
    """Compare exactly; an account, or its root's ARN, stands for everyone in it.

    A role's ARN stands for its sessions, whose ARNs lack the role's path.
    """
    if written == principal.value:
        return True
    parts = principal.value.split(":", _ARN_PARTS - 1)
    if principal.kind != "AWS" or len(parts) != _ARN_PARTS:
        return False
    partition, account, rest = parts[1], parts[_ACCOUNT], parts[-1]
    if written in {account, f"arn:{partition}:iam::{account}:root"}:
        return True
    kind, _, session = rest.partition("/")
    role = session.partition("/")[0]
    return (
        kind == "assumed-role"
        and written.startswith(f"arn:{partition}:iam::{account}:role/")
        and written.rpartition("/")[2] == role
    )


def _element(statement: Statement, name: str) -> tuple[str, Any] | Miss:
    """Give the one of two elements that is there, with its name."""
    there = [each for each in (name, f"Not{name}") if each in statement]
    if len(there) == 1:
        return there[0], statement[there[0]]
    many = "both" if there else "neither"
    return Miss(f"it has {many} of {name} and Not{name}", malformed=True)


def _texts(statement: Statement, name: str) -> tuple[str, tuple[str, ...]] | Miss:
    found = _element(statement, name)
    if isinstance(found, Miss):
        return found
    texts = _listed(found[1])
    if texts is None:
        return Miss(f"its {found[0]} is neither a text nor a list of texts", malformed=True)
    return found[0], texts


def _listed(given: object) -> tuple[str, ...] | None:
    listed = tuple(given) if isinstance(given, list | tuple) else (given,)
    return listed if listed and all(isinstance(one, str) for one in listed) else None


def _shown(element: object) -> str:
    """Show an element as a person would write it."""
    if isinstance(element, Mapping):
        return ", ".join(f"{kind} {_shown(one)}" for kind, one in element.items())
    return " or ".join(element) if isinstance(element, list | tuple) else str(element)
