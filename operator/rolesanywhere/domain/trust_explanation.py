"""Why a role's trust policy does not let an identity in: what AWS only calls AccessDenied."""

from rolesanywhere.api.names import ROLES_ANYWHERE_PRINCIPAL
from rolesanywhere.domain.observed import PolicyDocument
from rolesanywhere.domain.policy_evaluation import AccessRequest, Principal, evaluate
from rolesanywhere.domain.trust_policy import ACTIONS, TrustTerms, predicted_tags

_PRINCIPAL = Principal("Service", ROLES_ANYWHERE_PRINCIPAL)


def refusals(policy: PolicyDocument, terms: TrustTerms) -> tuple[str, ...]:
    """Give what keeps the identity out, a sentence each; nothing when the policy lets it in.

    Raises ``Refusal`` as ``predicted_tags`` does.
    """
    context = _context(terms)
    for action in ACTIONS:
        verdict = evaluate([policy], AccessRequest(action, None, _PRINCIPAL, context))
        if not verdict.allowed:
            return verdict.reasons
    return ()


def explain(policy: PolicyDocument, terms: TrustTerms) -> str:
    """Say in one line why a policy is not right: it keeps the identity out, or lets others in."""
    found = refusals(policy, terms)
    return "; ".join(found) if found else "it says more or other than the operator wrote"


def _context(terms: TrustTerms) -> dict[str, tuple[str, ...]]:
    """Give the condition keys a session request comes with, as far as they can be foretold."""
    tags = {f"aws:PrincipalTag/{tag}": (value,) for tag, value in predicted_tags(terms).items()}
    return {
        **tags,
        "aws:SourceArn": (terms.anchor_arn,),
        "aws:SourceAccount": (terms.anchor_arn.split(":")[4],),
        "sts:SourceIdentity": (f"CN={terms.common_name}",),
    }
