"""The region a session is asked for in: named, or that of the ARNs.

Pure, and on the standard library alone: the agent's server and ``credential-process`` import it.
"""

from typing import Final

_PARTS: Final = 6  # arn:partition:service:region:account:resource
_REGION: Final = 3
_SERVICE: Final = "rolesanywhere"


def session_region(trust_anchor_arn: str, profile_arn: str, *, named: str | None = None) -> str:
    """Give the region to call and to sign for. ``named`` beats the trust anchor's own.

    Raises ``ValueError`` when an ARN is none of Roles Anywhere's, or the two are of different
    regions: AWS would only say AccessDenied.
    """
    anchor, profile = _region(trust_anchor_arn, "trust anchor"), _region(profile_arn, "profile")
    if anchor != profile:
        message = f"the trust anchor is in {anchor}, the profile in {profile}: both must be in one"
        raise ValueError(message)
    return named or anchor


def _region(arn: str, what: str) -> str:
    parts = arn.split(":", _PARTS - 1)
    if len(parts) != _PARTS or parts[0] != "arn" or parts[2] != _SERVICE or not parts[_REGION]:
        message = f"{arn!r} is not the ARN of a {what} of Roles Anywhere"
        raise ValueError(message)
    return parts[_REGION]
