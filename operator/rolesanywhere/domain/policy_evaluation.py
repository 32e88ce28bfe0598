"""What IAM makes of policies: allowed or not, and why not, in words.

AWS itself only says AccessDenied; here each statement that might have allowed a request names
what kept it from doing so. An explicit Deny wins, nothing is allowed by default:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

A malformed policy, which IAM would not have stored, allows nothing and is named; nothing raises.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rolesanywhere.domain.observed import PolicyDocument
from rolesanywhere.domain.policy_conditions import Miss
from rolesanywhere.domain.policy_conditions import misses as condition_misses
from rolesanywhere.domain.policy_elements import (
    Principal,
    Statement,
    action_miss,
    principal_miss,
    resource_miss,
)
from rolesanywhere.domain.policy_patterns import Context

__all__ = ["AccessRequest", "Principal", "Verdict", "evaluate"]

WITH_VARIABLES: Final = "2012-10-17"
WITHOUT_VARIABLES: Final = "2008-10-17"  # the default too


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """One action asked for. ``context`` maps condition keys, in any case, to values.

    ``principal`` is None for policies of identities, which have no Principal element;
    ``resource`` None for a trust policy and for actions without resources.
    """

    action: str
    resource: str | None
    principal: Principal | None
    context: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request is allowed; ``reasons`` are sentences for people."""

    allowed: bool
    explicitly_denied: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A statement with its name for people, and what its policy's version makes of variables."""

    label: str
    statement: Statement
    variables: Context | None


def evaluate(policies: Sequence[PolicyDocument], request: AccessRequest) -> Verdict:
    """Judge a request by policies of one kind, as IAM would: any Deny, else any Allow, else no."""
    context = {key.lower(): held for key, held in request.context.items()}
    allowing: str | None = None
    reasons: list[str] = []
    for entry in _entries(policies, context, reasons):
        effect = entry.statement.get("Effect")
        misses = tuple(_misses(entry, effect, request, context))
        if not misses and effect == "Deny":
            return Verdict(
                allowed=False,
                explicitly_denied=True,
                reasons=(f"{entry.label} denies {request.action} explicitly",),
            )
        if not misses:
            allowing = allowing or entry.label
        told = (miss.text for miss in misses if miss.malformed or effect != "Deny")
        reasons.extend(f"{entry.label}: {text}" for text in told)
    if allowing:
        return Verdict(
            allowed=True,
            explicitly_denied=False,
            reasons=(f"{allowing} allows {request.action}",),
        )
    nothing = f"no statement allows {request.action}"
    return Verdict(allowed=False, explicitly_denied=False, reasons=tuple(reasons) or (nothing,))


def _entries(
    policies: Sequence[PolicyDocument], context: Context, reasons: list[str]
) -> Iterator[_Entry]:
    """Give the statements of all policies; what is no statement goes to the reasons."""
    for number, policy in enumerate(policies, start=1):
        prefix = f"policy {number}, " if len(policies) > 1 else ""
        version, held = _parts(policy)
        if version not in (WITH_VARIABLES, WITHOUT_VARIABLES):
            reasons.append(f"{prefix}the policy is malformed: there is no Version {version}")
            continue
        listed = held if isinstance(held, list | tuple) else [held]
        for place, one in enumerate(listed, start=1):
            if not isinstance(one, Mapping):
                reasons.append(f"{prefix}statement {place} is no object")
                continue
            name = f'"{one["Sid"]}"' if one.get("Sid") else str(place)
            variables = context if version == WITH_VARIABLES else None
            yield _Entry(f"{prefix}statement {name}", one, variables)


def _parts(policy: object) -> tuple[object, object]:
    """Give Version and Statement; what is no object has neither."""
    if not isinstance(policy, Mapping):
        return None, None
    return policy.get("Version", WITHOUT_VARIABLES), policy.get("Statement")


def _misses(
    entry: _Entry, effect: object, request: AccessRequest, context: Context
) -> Iterator[Miss]:
    """Give what keeps a statement from applying; its conditions only when all else fits."""
    if effect not in ("Allow", "Deny"):
        yield Miss(f"its Effect is {effect}, not Allow or Deny", malformed=True)
        return
    statement = entry.statement
    elements = (
        principal_miss(statement, request.principal),
        action_miss(statement, request.action),
        resource_miss(
            statement,
            request.resource,
            of_identity=request.principal is None,
            variables=entry.variables,
        ),
    )
    found = [miss for miss in elements if miss]
    yield from found
    if not found and "Condition" in statement:
        yield from condition_misses(statement["Condition"], context, entry.variables)
