"""IAM as moto remembers it, in our words: keys, users, roles and the policies that bind them."""

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote

from rolesanywhere.domain.observed import PolicyDocument
from rolesanywhere.emulator.authentication.principal import Credential, Principal
from rolesanywhere.emulator.moto_side.state import MotoState
from rolesanywhere.emulator.role import Role

_Entity = Any  # moto's Role, User and ManagedPolicy


class Identities:
    """Users, roles and policies of one account."""

    def __init__(self, state: MotoState) -> None:
        self._state = state

    def find(self, access_key_id: str, session_token: str | None) -> Credential | None:  # noqa: ARG002 - moto knows keys by id
        """Give a user's access key."""
        key = self._state.iam.access_keys.get(access_key_id)
        return None if key is None or key.user_name is None else self._user_key(key)

    def role(self, arn: str) -> Role | None:
        """Give the role of this ARN; None: there is none."""
        found = next((each for each in _values(self._state.iam.roles) if each.arn == arn), None)
        return None if found is None else _role(found)

    def user_tags(self, user_name: str) -> dict[str, str]:
        """Give a user's tags."""
        user = self._state.iam.users.get(user_name)
        if user is None:
            return {}
        tags = self._state.iam.tagger.list_tags_for_resource(user.arn)["Tags"]
        return {tag["Key"]: tag["Value"] for tag in tags}

    def identity_policies(self, principal: Principal) -> list[PolicyDocument]:
        """Give what is attached to a principal's user (and its groups) or role, inline or not."""
        holders = list(self._holders(principal))
        documents = [text for holder in holders for text in _inline(holder)]
        documents += [
            _document_of(policy)
            for holder in holders
            for policy in _values(holder.managed_policies)
        ]
        return [_parsed(text) for text in documents]

    def permissions_boundary(self, principal: Principal) -> PolicyDocument | None:
        """Give the boundary of a principal's user or role; None: it has none."""
        holder = next(self._holders(principal), None)
        arn = getattr(holder, "permissions_boundary_arn", None)
        return None if arn is None else self.managed_policy(arn) or {}

    def managed_policy(self, arn: str) -> PolicyDocument | None:
        """Give a managed policy's default version; None: there is no such policy."""
        policy = self._state.iam.managed_policies.get(arn)
        return None if policy is None else _parsed(_document_of(policy))

    def _holders(self, principal: Principal) -> Iterator[_Entity]:
        """Give the role, or the user and then its groups."""
        iam = self._state.iam
        if principal.role_name is not None:
            identifier = principal.user_id.partition(":")[0]  # a role made anew is another one
            yield from (r for r in _values(iam.roles) if r.id == identifier)
        elif principal.user_name in iam.users:
            yield iam.users[principal.user_name]
            yield from (g for g in _values(iam.groups) if _has_member(g, principal.user_name))

    def _user_key(self, key: _Entity) -> Credential | None:
        user = self._state.iam.users.get(key.user_name)
        if user is None or key not in user.access_keys:
            return None
        return Credential(
            access_key_id=key.access_key_id,
            secret_access_key=key.secret_access_key,
            is_active=key.status == "Active",
            principal=Principal(
                arn=user.arn,
                user_id=user.id,
                account=self._state.account,
                user_name=user.name,
                tags=self.user_tags(user.name),
            ),
        )


def _role(found: _Entity) -> Role:
    return Role(
        name=found.name,
        arn=found.arn,
        role_id=found.id,
        trust_policy=_parsed(found.assume_role_policy_document),
        max_session_duration_seconds=int(found.max_session_duration or 3600),
        tags={tag["Key"]: tag["Value"] for tag in _tags(found.tags)},
    )


def _tags(tags: Any) -> Iterable[dict[str, str]]:  # noqa: ANN401 - moto has a list here, or a dict
    return tags.values() if isinstance(tags, dict) else tags or ()


def _inline(holder: _Entity) -> Iterator[str]:
    """Moto keeps a role's and a user's inline policies by name; a document may be quoted."""
    policies = holder.policies
    yield from list(policies.values()) if isinstance(policies, dict) else list(policies)


def _document_of(policy: _Entity) -> str:
    return next(str(each.document) for each in policy.versions if each.is_default)


def _parsed(document: str | PolicyDocument) -> PolicyDocument:
    """Read a policy; what is no JSON object allows nothing."""
    if not isinstance(document, str):
        return document
    try:
        read = json.loads(document)
    except ValueError:
        try:
            read = json.loads(unquote(document))
        except ValueError:
            return {}
    return read if isinstance(read, dict) else {}


def _has_member(group: _Entity, user_name: str | None) -> bool:
    return any(user.name == user_name for user in group.users)


def _values(mapping: dict[str, _Entity]) -> list[_Entity]:
    return list(mapping.values())  # a copy: other threads may add to it
