"""IAM as JSON-able values, and back: users, groups, roles, policies, keys, ids and all.

Instance profiles, MFA devices, providers and service-specific credentials are not kept.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from moto.iam.models import PolicyVersion

from rolesanywhere.emulator.moto_side.state import MotoState

Values = dict[str, Any]
_Entity = Any  # moto's objects


def snapshot_iam(state: MotoState) -> Values:
    """Give everything of IAM but what AWS itself manages. It holds secret access keys."""
    iam = state.iam
    own = [policy for policy in iam.managed_policies.values() if ":aws:policy/" not in policy.arn]
    return {
        "policies": [_policy(policy) for policy in own],
        "roles": [_role(role) for role in iam.roles.values()],
        "users": [_user(user, iam) for user in iam.users.values()],
        "groups": [_group(group) for group in iam.groups.values()],
    }


def load_iam(state: MotoState, values: Mapping[str, Any]) -> None:
    """Put a snapshot into an empty IAM."""
    for policy in values["policies"]:
        _load_policy(state.iam, policy)
    for role in values["roles"]:
        _load_role(state.iam, role)
    for user in values["users"]:
        _load_user(state, user)
    for group in values["groups"]:
        _load_group(state.iam, group)


def _held(holder: _Entity) -> Values:
    """Give what users, groups and roles have in common."""
    return {
        "name": holder.name,
        "path": holder.path,
        "id": holder.id,
        "created_at": holder.create_date.isoformat(),
        "inline": dict(holder.policies),
        "attached": list(holder.managed_policies),
    }


def _load_held(iam: _Entity, holder: _Entity, values: Values) -> None:
    holder.id = values["id"]
    holder.create_date = datetime.fromisoformat(values["created_at"])
    holder.policies = dict(values["inline"])
    for arn in values["attached"]:
        iam.managed_policies[arn].attach_to(holder)


def _policy(policy: _Entity) -> Values:
    return {
        "name": policy.name,
        "path": policy.path,
        "id": policy.id,
        "description": policy.description,
        "created_at": policy.create_date.isoformat(),
        "updated_at": policy.update_date.isoformat(),
        "tags": {key: tag["Value"] for key, tag in policy.tags.items()},
        "next_version": policy.next_version_num,
        "default_version": policy.default_version_id,
        "versions": [
            {
                "id": version.version_id,
                "document": version.document,
                "created_at": version.create_date.isoformat(),
            }
            for version in policy.versions
        ],
    }


def _load_policy(iam: _Entity, values: Values) -> None:
    tags = _as_list(values["tags"])
    document = values["versions"][0]["document"]
    policy = iam.create_policy(
        values["description"], values["path"], document, values["name"], tags
    )
    policy.id = values["id"]
    policy.create_date = datetime.fromisoformat(values["created_at"])
    policy.update_date = datetime.fromisoformat(values["updated_at"])
    policy.next_version_num = values["next_version"]
    policy.default_version_id = values["default_version"]
    policy.versions = [
        PolicyVersion(
            policy_arn=policy.arn,
            document=version["document"],
            is_default=version["id"] == values["default_version"],
            version_id=version["id"],
            create_date=datetime.fromisoformat(version["created_at"]),
        )
        for version in values["versions"]
    ]


def _role(role: _Entity) -> Values:
    return {
        **_held(role),
        "trust_policy": role.assume_role_policy_document,
        "description": role.description,
        "max_session_duration": role.max_session_duration,
        "boundary": role.permissions_boundary_arn,
        "tags": {tag["Key"]: tag["Value"] for tag in _tags(role.tags)},
        "linked_service": role._linked_service,  # noqa: SLF001 - it has no public name
    }


def _load_role(iam: _Entity, values: Values) -> None:
    role = iam.create_role(
        role_name=values["name"],
        assume_role_policy_document=values["trust_policy"],
        path=values["path"],
        permissions_boundary=values["boundary"],
        description=values["description"],
        tags=_as_list(values["tags"]),
        max_session_duration=values["max_session_duration"],
        linked_service=values["linked_service"],
    )
    iam.roles[values["id"]] = iam.roles.pop(role.id)
    _load_held(iam, role, values)


def _user(user: _Entity, iam: _Entity) -> Values:
    tags = iam.tagger.list_tags_for_resource(user.arn)["Tags"]
    keys = [
        {"id": key.access_key_id, "secret": key.secret_access_key, "status": key.status}
        for key in user.access_keys
    ]
    return {**_held(user), "tags": {t["Key"]: t["Value"] for t in tags}, "keys": keys}


def _load_user(state: MotoState, values: Values) -> None:
    iam = state.iam
    tags = _as_list(values["tags"])
    user = iam.create_user(state.partition, values["name"], values["path"], tags)
    _load_held(iam, user, values)
    for given in values["keys"]:
        key = iam.create_access_key(values["name"], status=given["status"])
        iam.access_keys[given["id"]] = iam.access_keys.pop(key.access_key_id)
        key.access_key_id, key.secret_access_key = given["id"], given["secret"]


def _group(group: _Entity) -> Values:
    return {**_held(group), "members": [user.name for user in group.users]}


def _load_group(iam: _Entity, values: Values) -> None:
    group = iam.create_group(values["name"], values["path"])
    _load_held(iam, group, values)
    for member in values["members"]:
        iam.add_user_to_group(values["name"], member)


def _tags(tags: Any) -> Iterable[dict[str, str]]:  # noqa: ANN401 - moto has a list here, or a dict
    return tags.values() if isinstance(tags, dict) else tags or ()


def _as_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
