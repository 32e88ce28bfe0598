"""Whether a trust policy that is not what it should be is somebody's doing, or our next step.

What somebody changed is first said (one pass), then repaired (the next): people see what happened,
and why their workload was refused in between.
"""

from rolesanywhere.api.conditions import ConditionStatus, ConditionType, Reason
from rolesanywhere.domain import conditions
from rolesanywhere.domain.conditions import Finding, fails
from rolesanywhere.domain.observed import RoleRecord
from rolesanywhere.domain.trust_explanation import explain
from rolesanywhere.reconcile.identity import Case


def changed_by_someone(case: Case, observed: RoleRecord) -> Finding | None:
    """Say that a policy was changed, if the last pass left this very role right for these terms."""
    if not _was_right(case, observed.arn):
        return None
    return fails(
        ConditionType.ROLE_READY,
        Reason.TRUST_POLICY_CHANGED,
        f"the trust policy of role {observed.name} is not what {case.path} needs: "
        f"{explain(observed.trust_policy, case.terms.trust)}; it is being repaired",
    )


def reason_when_well(case: Case) -> Reason:
    """Tell a role that was repaired from one that never needed it."""
    last = conditions.find(case.identity.status.conditions, ConditionType.ROLE_READY)
    repaired = last is not None and last.reason is Reason.TRUST_POLICY_CHANGED
    return Reason.TRUST_POLICY_REPAIRED if repaired else Reason.READY


def _was_right(case: Case, role_arn: str) -> bool:
    status = case.identity.status
    last = conditions.find(status.conditions, ConditionType.ROLE_READY)
    return (
        last is not None
        and last.status is ConditionStatus.TRUE
        and last.observed_generation == case.identity.generation
        and status.role_arn == role_arn
        and status.trust_anchor_arn == case.anchorage.arn
        and _says_the_same(case)
    )


def _says_the_same(case: Case) -> bool:
    """Tell whether the certificate in use says what these terms say.

    Else the Profile or the CA changed, and the trust policy has to follow.
    """
    held, wanted = case.identity.status.certificate, case.terms.certificate
    if held is None or held.issuer != case.anchorage.facts.subject.text:
        return False
    unit = wanted.organizational_unit
    asked = {f"CN={wanted.common_name}", *((f"OU={unit}",) if unit else ())}
    return asked == {part for part in held.subject.split(",") if part.startswith(("CN=", "OU="))}
