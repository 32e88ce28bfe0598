"""Trust policies of roles: the statement an identity needs, put into, taken out of, compared.

Evaluation, as IAM does it, is ``policy_evaluation``'s, comparison ``policy_documents``'.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from rolesanywhere.api.conditions import Reason
from rolesanywhere.api.names import ROLES_ANYWHERE_PRINCIPAL
from rolesanywhere.domain.certificate import CertificateFacts, Name
from rolesanywhere.domain.observed import PolicyDocument
from rolesanywhere.domain.policy_conditions import values
from rolesanywhere.domain.policy_documents import same as same_policy
from rolesanywhere.domain.policy_documents import statements
from rolesanywhere.domain.principal_tags import TAG_VALUE_LENGTH, session_tags
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
    tags = session_tags(_leaf(terms))
    needed = REQUIRED_TAGS | ({"x509Subject/OU"} if terms.organizational_unit else set())
    if dropped := sorted(needed - tags.keys()):
        raise Refusal(
            Reason.INVALID_SPEC,
            f"AWS ignores the value of {', '.join(dropped)} in session tags, so no trust policy "
            f"could match it: use at most {TAG_VALUE_LENGTH} letters, digits, spaces and "
            "_.:/=+-@ only",
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


def document(said: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Build a policy of these statements."""
    return {"Version": VERSION, "Statement": [dict(one) for one in said]}


def with_statement(policy: PolicyDocument, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Give the policy with this statement, at the end, and without any other of its Sid."""
    others = [one for one in statements(policy) if one.get("Sid") != wanted["Sid"]]
    return {**policy, "Statement": [*others, dict(wanted)]}


def without_statement(policy: PolicyDocument, sid: str) -> dict[str, Any] | None:
    """Give the policy without the statement of this Sid; None when none other would be left.

    IAM keeps no empty policy: the caller leaves the last statement, or deletes the role.
    """
    others = [one for one in statements(policy) if one.get("Sid") != sid]
    return {**policy, "Statement": others} if others else None


def has_statement(policy: PolicyDocument, sid: str) -> bool:
    """Tell whether a statement of this Sid is there."""
    return any(one.get("Sid") == sid for one in statements(policy))


def same(one: PolicyDocument, other: PolicyDocument) -> bool:
    """Tell whether two trust policies mean the same."""
    return same_policy(one, other)


def _leaf(terms: TrustTerms) -> CertificateFacts:
    unit = terms.organizational_unit
    attributes = (("CN", terms.common_name), *((("OU", unit),) if unit else ()))
    return replace(
        terms.authority,
        issuer=terms.authority.subject,
        subject=Name(attributes, ""),
        san_uri=(terms.uri,),
    )


def _with_extra(
    generated: dict[str, dict[str, str | Sequence[str]]], extra: Conditions
) -> dict[str, dict[str, str | Sequence[str]]]:
    """Add the user's conditions. Case, which IAM ignores in keys, hides no second one."""
    merged = {operator: dict(keys) for operator, keys in generated.items()}
    for given, keys in extra.items():
        held = merged.setdefault(_spelled(given, merged), {})
        for key, value in keys.items():
            name = _spelled(key, held)
            if values(held.get(name, value)) != values(value):
                raise Refusal(
                    Reason.INVALID_SPEC,
                    f"spec.role.managed.trustConditions: {given} on {key} is there already, "
                    "generated from the certificate or in another case; conditions may be added, "
                    "not replaced. Remove it",
                )
            held[name] = value
    return merged


def _spelled(name: str, among: Iterable[str]) -> str:
    """Give the name as it is spelled already, if it is."""
    return next((each for each in among if each.lower() == name.lower()), name)
