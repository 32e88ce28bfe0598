"""Steps 10 to 15: the profile must give this role, under this name, for this long."""

from dataclasses import dataclass

from rolesanywhere.emulator.role import Role, Roles
from rolesanywhere.emulator.roles_anywhere.records import Profile
from rolesanywhere.emulator.roles_anywhere.store import Region
from rolesanywhere.emulator.sessions.parameters import SessionParameters
from rolesanywhere.emulator.sessions.refusals import (
    SESSION_NAME,
    cannot_assume,
    denied,
    lasts_too_long,
    missing,
)


@dataclass(frozen=True, slots=True)
class Entitlement:
    """What the profile grants before the role is asked."""

    role: Role
    duration_seconds: int


def require_profile(region: Region, asked: SessionParameters) -> Profile:
    """Give the profile, which must be there, enabled, and hold the role."""
    profile = next((each for each in region.profiles if each.arn == asked.profile_arn), None)
    if profile is None:
        what = "Profile"
        raise missing(what, asked.profile_arn)
    label = f"profile {profile.name} ({profile.arn})"
    if not profile.enabled:
        because = f"{label} is disabled"
        raise denied(because)
    if asked.role_arn not in profile.role_arns:
        because = f"{label} does not hold role {asked.role_arn}"
        raise denied(because)
    if asked.role_session_name is not None and not profile.accept_role_session_name:
        because = f"{label} does not accept a role session name"
        raise denied(because, SESSION_NAME)
    return profile


def require_role(profile: Profile, asked: SessionParameters, roles: Roles) -> Entitlement:
    """Give role and duration: the shorter of the profile's and the one asked for."""
    role = roles.role(asked.role_arn)
    if role is None:
        raise cannot_assume(asked.role_arn, "there is no such role")
    wanted = asked.duration_seconds or profile.duration_seconds
    duration = min(profile.duration_seconds, wanted)
    if duration > role.max_session_duration_seconds:
        because = f"{duration} s asked, {role.max_session_duration_seconds} s allowed by the role"
        raise lasts_too_long(asked.role_arn, because)
    return Entitlement(role, duration)
