"""What a Profile in AWS shall be, from spec and admitted roles; and whether AWS's already is."""

import json
from collections.abc import Collection
from typing import Final

from rolesanywhere.api.profile import ProfileSpec
from rolesanywhere.domain import admission, moments, naming
from rolesanywhere.domain.observed import ProfileSettings

MOST_ROLES: Final = 250  # per profile, not adjustable
# https://docs.aws.amazon.com/general/latest/gr/rolesanywhere.html


def settings(name: str, spec: ProfileSpec, role_arns: Collection[str]) -> ProfileSettings:
    """Give the settings of a Profile. Raises ``Refusal`` for a session policy that is none."""
    policy = None
    if spec.session_policy is not None:
        parsed = admission.policy_json(spec.session_policy, "spec.sessionPolicy")
        policy = json.dumps(parsed, separators=(",", ":"))
    return ProfileSettings(
        name=naming.roles_anywhere_name(name),
        role_arns=tuple(sorted(role_arns)),
        duration_seconds=moments.duration_seconds(spec.session_duration),
        session_policy=policy,
    )


def fitting(wanted: Collection[str], listed: Collection[str]) -> frozenset[str]:
    """Give the roles a profile can list: all, or those it lists already before any other."""
    order = sorted(wanted, key=lambda arn: (arn not in listed, arn))
    return frozenset(order[:MOST_ROLES])


def same(wanted: ProfileSettings, observed: ProfileSettings) -> bool:
    """Compare settings; a session policy by what it says."""
    return (
        wanted.name == observed.name
        and wanted.role_arns == observed.role_arns
        and wanted.duration_seconds == observed.duration_seconds
        and _meaning(wanted.session_policy) == _meaning(observed.session_policy)
    )


def must_be_replaced(wanted: ProfileSettings, observed: ProfileSettings) -> bool:
    """Tell whether an update cannot do it: AWS takes no empty session policy in an update."""
    return wanted.session_policy is None and observed.session_policy is not None


def _meaning(policy: str | None) -> object:
    try:
        return json.loads(policy) if policy else None
    except json.JSONDecodeError:
        return policy
