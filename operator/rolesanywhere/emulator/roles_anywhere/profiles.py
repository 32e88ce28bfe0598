"""Profiles: which roles may be assumed, for how long, narrowed by what; attribute mappings."""

import json
from dataclasses import replace
from typing import Final

from rolesanywhere.domain.principal_tags import ALTERNATIVE_NAME, DEFAULT_MAPPING
from rolesanywhere.emulator.roles_anywhere.aliases import alias_from
from rolesanywhere.emulator.roles_anywhere.context import Call
from rolesanywhere.emulator.roles_anywhere.paging import page
from rolesanywhere.emulator.roles_anywhere.quotas import Quota
from rolesanywhere.emulator.roles_anywhere.records import Profile
from rolesanywhere.emulator.roles_anywhere.refusals import invalid
from rolesanywhere.emulator.roles_anywhere.store import new_id
from rolesanywhere.emulator.roles_anywhere.tagging import tags_of
from rolesanywhere.emulator.roles_anywhere.wire import Shown, show_profile

DEFAULT_DURATION_SECONDS: Final = 3600
_ALTERNATIVE_NAMES: Final = ("*", "DNS", "URI", "Name/")


def create(call: Call) -> Shown:
    """CreateProfile. Attribute mappings begin as AWS's own and are changed afterwards."""
    given, profiles = call.parameters, call.region.profiles
    call.quotas.require_room(Quota.PROFILES, len(profiles), "profiles")
    identifier = new_id()
    profile = Profile(
        id=identifier,
        arn=call.arn("profile", identifier),
        name=given["name"],
        role_arns=tuple(given["roleArns"]),
        managed_policy_arns=tuple(given.get("managedPolicyArns", ())),
        session_policy=_session_policy(given.get("sessionPolicy")),
        duration_seconds=given.get("durationSeconds", DEFAULT_DURATION_SECONDS),
        enabled=given.get("enabled", False),
        accept_role_session_name=given.get("acceptRoleSessionName", False),
        require_instance_properties=given.get("requireInstanceProperties", False),
        created_by=call.caller.account,
        created_at=call.now,
        updated_at=call.now,
        mappings=dict(DEFAULT_MAPPING),
        alias=alias_from(given.get("aliasName"), profiles),
    )
    call.region.tags[profile.arn] = tags_of(given)
    return {"profile": show_profile(profiles.put(profile))}


def get(call: Call) -> Shown:
    """GetProfile."""
    return {"profile": show_profile(_named(call))}


def list_all(call: Call) -> Shown:
    """ListProfiles."""
    profiles, token = page(call.region.profiles, call.parameters)
    more = {} if token is None else {"nextToken": token}
    return {"profiles": [show_profile(each) for each in profiles], **more}


def update(call: Call) -> Shown:
    """UpdateProfile. A session policy can be replaced, never taken away."""
    profile, given = _named(call), call.parameters
    others = [each for each in call.region.profiles if each.id != profile.id]
    alias = alias_from(given["aliasName"], others) if "aliasName" in given else profile.alias
    changed = replace(
        profile,
        name=given.get("name", profile.name),
        role_arns=tuple(given.get("roleArns", profile.role_arns)),
        managed_policy_arns=tuple(given.get("managedPolicyArns", profile.managed_policy_arns)),
        session_policy=_session_policy(given.get("sessionPolicy", profile.session_policy)),
        duration_seconds=given.get("durationSeconds", profile.duration_seconds),
        accept_role_session_name=given.get(
            "acceptRoleSessionName", profile.accept_role_session_name
        ),
        alias=alias,
        updated_at=call.now,
    )
    previous = profile.alias if profile.alias != alias else None
    return {"profile": show_profile(call.region.profiles.put(changed), previous)}


def enable(call: Call) -> Shown:
    """EnableProfile."""
    return _switch(call, on=True)


def disable(call: Call) -> Shown:
    """DisableProfile: requests for sessions with it are refused."""
    return _switch(call, on=False)


def delete(call: Call) -> Shown:
    """DeleteProfile."""
    profile = call.region.profiles.remove(_named(call))
    call.region.tags.pop(profile.arn, None)
    return {"profile": show_profile(profile)}


def put_mapping(call: Call) -> Shown:
    """PutAttributeMapping: the field's rules become these."""
    profile, field = _named(call), call.parameters["certificateField"]
    specifiers = tuple(rule["specifier"] for rule in call.parameters["mappingRules"])
    for specifier in specifiers:
        _require_specifier(field, specifier)
    return _with_mappings(call, profile, {**profile.mappings, field: specifiers})


def delete_mapping(call: Call) -> Shown:
    """DeleteAttributeMapping: these specifiers, without any the whole field."""
    profile, field = _named(call), call.parameters["certificateField"]
    dropped = call.parameters.get("specifiers")
    kept = tuple(s for s in profile.mappings.get(field, ()) if dropped and s not in dropped)
    others = {name: held for name, held in profile.mappings.items() if name != field}
    return _with_mappings(call, profile, {**others, **({field: kept} if kept else {})})


def _named(call: Call) -> Profile:
    return call.region.profiles.get(call.parameters["profileId"])


def _switch(call: Call, *, on: bool) -> Shown:
    changed = replace(_named(call), enabled=on, updated_at=call.now)
    return {"profile": show_profile(call.region.profiles.put(changed))}


def _with_mappings(call: Call, profile: Profile, mappings: dict[str, tuple[str, ...]]) -> Shown:
    changed = replace(profile, mappings=mappings, updated_at=call.now)
    return {"profile": show_profile(call.region.profiles.put(changed))}


def _require_specifier(field: str, specifier: str) -> None:
    fits = (
        specifier.startswith(_ALTERNATIVE_NAMES)
        if field == ALTERNATIVE_NAME
        else "/" not in specifier
    )
    if not specifier or not fits:
        message = f"Invalid specifier {specifier} for certificate field {field}."
        raise invalid(message)


def _session_policy(text: str | None) -> str | None:
    """Give the policy as it is; STS would take nothing but a JSON object."""
    if not text:
        return None
    try:
        is_policy = isinstance(json.loads(text), dict)
    except ValueError:
        is_policy = False
    if not is_policy:
        message = "Session policy is not a valid JSON policy."
        raise invalid(message)
    return text
