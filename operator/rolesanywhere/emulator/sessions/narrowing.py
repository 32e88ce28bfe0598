"""Step 17: what narrows the session, and whether it still fits into one.

STS packs session policies and tags into a binary form of limited size and tells how much of it is
used. Its packing is AWS's secret; compressed text comes near it.
"""

import json
import math
import zlib
from collections.abc import Mapping
from typing import Any, Final

from rolesanywhere.emulator.role import Roles
from rolesanywhere.emulator.roles_anywhere.records import Profile
from rolesanywhere.emulator.sessions.refusals import cannot_assume, too_narrow

_PACKED_BYTES: Final = 2048
_MOST_MANAGED_POLICIES: Final = 10  # STS's limit; a profile takes more
_ALL: Final = 100  # per cent


def session_policies(profile: Profile, roles: Roles, role_arn: str) -> list[dict[str, Any]] | None:
    """Give the policies whose union bounds the session; None: the profile has none."""
    if profile.session_policy is None and not profile.managed_policy_arns:
        return None
    found: list[dict[str, Any]] = []
    if profile.session_policy is not None:
        found.append(json.loads(profile.session_policy))
    for arn in profile.managed_policy_arns:
        policy = roles.managed_policy(arn)
        if policy is None:
            raise cannot_assume(role_arn, f"managed policy {arn} of the profile does not exist")
        found.append(dict(policy))
    return found


def packed_size(profile: Profile, tags: Mapping[str, str]) -> int:
    """Give how much of the packed size is used, in per cent. Raises ``AwsError`` beyond all."""
    managed = profile.managed_policy_arns
    text = json.dumps([profile.session_policy, managed, sorted(tags.items())])
    used = math.ceil(len(zlib.compress(text.encode(), level=9)) * _ALL / _PACKED_BYTES)
    if used > _ALL or len(managed) > _MOST_MANAGED_POLICIES:
        because = f"{used} % packed, {len(managed)} managed policies"
        raise too_narrow(because)
    return used
