"""Trust policies of roles: the statement an identity needs, put into, taken out of, compared.

Evaluation, as IAM does it, is ``policy_evaluation``'s.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from rolesanywhere.api.conditions import Reason
from rolesanywhere.api.names import ROLES_ANYWHERE_PRINCIPAL
from rolesanywhere.domain.certificate import CertificateFacts, Name
from rolesanywhere.domain.observed import PolicyDocument
from rolesanywhere.domain.principal_tags import session_tags
from rolesanywhere.domain.trouble import Refusal

# Roles Anywhere always tags the session and sets its source identity, so all three are needed:
# https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
ACTIONS: Final = ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")
MATCHED_TAGS: Final = (
    "x509Issuer/CN",
    "x509Issuer/OU",
    "x509Subject/CN",
    "x509Subject/OU",
    "x509SAN/URI",
)
REQUIRED_TAGS: Final = frozenset({"x509Subject/CN", "x509SAN/URI"})
VERSION: Final = "2012-10-17"

Conditions = Mapping[str, Mapping[str, str | Sequence[str]]]


@dataclass(frozen=True, slots=True)
class TrustTerms:
    """What a certificate will say, and the anchor it comes through."""

    authority: CertificateFacts  # the CA's own certificate
    anchor_arn: str
    common_name: str
    organizational_unit: str | None
    uri: str
    extra: Conditions = field(default_factory=dict)  # added by the user, never instead


def predicted_tags(terms: TrustTerms) -> dict[str, str]:
    """Give the tags AWS will take from the certificate, of those the policy matches.

    Raises ``Refusal`` when AWS would drop a value the policy must hold on to (its characters are
    not allowed in session tags): the role could never be assumed.
    """
    unit = terms.organizational_unit
    attributes = [("CN", terms.common_name), *([("OU", unit)] if unit else [])]
    leaf = replace(
        terms.authority,
        issuer=terms.authority.subject,
        subject=Name(tuple(attributes), ""),
        san_uri=(terms.uri,),
    )
    tags = session_tags(leaf)
    needed = REQUIRED_TAGS | ({"x509Subject/OU"} if unit else set())
    if dropped := sorted(needed - tags.keys()):
        raise Refusal(
            Reason.INVALID_SPEC,
            f"AWS ignores the value of {', '.join(dropped)} in session tags, so no trust policy "
            "could match it: use letters, digits, spaces and _.:/=+-@ only",
        )
    return {tag: tags[tag] for tag in MATCHED_TAGS if tag in tags}


def statement(sid: str, terms: TrustTerms) -> dict[str, Any]:
    """Build the statement that lets exactly this identity in. Raises ``Refusal``."""
    generated: dict[str, dict[str, str | Sequence[str]]] = {
        "StringEquals": {
            f"aws:PrincipalTag/{tag}": value for tag, value in predicted_tags(terms).items()
        },
        "ArnEquals": {"aws:SourceArn": terms.anchor_arn},
    }
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": ROLES_ANYWHERE_PRINCIPAL},
        "Action": list(ACTIONS),
        "Condition": _with_extra(generated, terms.extra),
    }


def document(statements: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Build a policy of these statements."""
    return {"Version": VERSION, "Statement": [dict(one) for one in statements]}


def with_statement(policy: PolicyDocument, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Give the policy with this statement in place of the one of its Sid, or at the end."""
    others = [one for one in _statements(policy) if one.get("Sid") != wanted["Sid"]]
    return {**policy, "Statement": [*others, dict(wanted)]}


def without_statement(policy: PolicyDocument, sid: str) -> dict[str, Any] | None:
    """Give the policy without the statement of this Sid; None when none other would be left.

    IAM keeps no empty policy: the caller leaves the last statement, or deletes the role.
    """
    others = [one for one in _statements(policy) if one.get("Sid") != sid]
    return {**policy, "Statement": others} if others else None


def has_statement(policy: PolicyDocument, sid: str) -> bool:
    """Tell whether a statement of this Sid is there."""
    return any(one.get("Sid") == sid for one in _statements(policy))


def same(one: PolicyDocument, other: PolicyDocument) -> bool:
    """Tell whether two policies say the same, whatever IAM did to order, lists and case."""
    return _canonical(one) == _canonical(other)


def _with_extra(
    generated: dict[str, dict[str, str | Sequence[str]]], extra: Conditions
) -> dict[str, dict[str, str | Sequence[str]]]:
    merged = {operator: dict(keys) for operator, keys in generated.items()}
    for operator, keys in extra.items():
        for key, value in keys.items():
            held = next((name for name in merged.get(operator, {}) if _is(name, key)), None)
            if held is not None and merged[operator][held] != value:
                raise Refusal(
                    Reason.INVALID_SPEC,
                    f"spec.role.managed.trustConditions: {operator} on {key} is generated from the "
                    "certificate; conditions may be added, not replaced. Remove it",
                )
            merged.setdefault(operator, {})[held or key] = value
    return merged


def _is(name: str, other: str) -> bool:
    return name.lower() == other.lower()


def _statements(policy: PolicyDocument) -> list[Mapping[str, Any]]:
    statements = policy.get("Statement", [])
    return [statements] if isinstance(statements, Mapping) else list(statements)


def _canonical(policy: PolicyDocument) -> list[str]:
    return sorted(json.dumps(_normal(one), sort_keys=True) for one in _statements(policy))


def _normal(one: Mapping[str, Any]) -> dict[str, Any]:
    given = {key.lower(): value for key, value in one.items()}
    return {
        "effect": given.get("effect"),
        "sid": given.get("sid", ""),
        "principal": _principals(given.get("principal")),
        "actions": sorted(action.lower() for action in _list(given.get("action", []))),
        "other": {
            key: value
            for key, value in given.items()
            if key not in {"effect", "sid", "principal", "action", "condition"}
        },
        "condition": {
            operator.lower(): {key.lower(): sorted(map(str, _list(v))) for key, v in keys.items()}
            for operator, keys in given.get("condition", {}).items()
        },
    }


def _principals(principal: object) -> object:
    if isinstance(principal, Mapping):
        return {kind: sorted(_list(value)) for kind, value in principal.items()}
    return principal


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
