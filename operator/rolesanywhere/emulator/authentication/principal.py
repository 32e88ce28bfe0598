"""Who a request is from, and the secret that proves it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from rolesanywhere.domain.observed import PolicyDocument


@dataclass(frozen=True, slots=True)
class Principal:
    """An IAM user, or a session of a role.

    ``session_policies`` None: none was given, so nothing narrows the role; with some, only what
    one of them allows is left. ``tags`` are the session's (or the user's), without prefix.
    """

    arn: str
    user_id: str
    account: str
    user_name: str | None = None
    role_name: str | None = None
    role_arn: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    source_identity: str | None = None
    session_policies: tuple[PolicyDocument, ...] | None = None
    issued_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Credential:
    """An access key. Its repr hides the secrets."""

    access_key_id: str
    secret_access_key: str
    principal: Principal
    session_token: str | None = None
    expiration: datetime | None = None
    is_active: bool = True

    def __repr__(self) -> str:
        """Name the key and whose it is, never a secret."""
        return f"Credential({self.access_key_id}, {self.principal.arn})"


class Keys(Protocol):
    """Where access keys are known."""

    def find(self, access_key_id: str, session_token: str | None) -> Credential | None:
        """Give the key of this id, expired or not; None: no such key.

        The caller compares the token: a place may need it to know the key at all.
        """
        ...


class AllKeys:
    """Several places, asked in order."""

    def __init__(self, *places: Keys) -> None:
        self._places = places

    def find(self, access_key_id: str, session_token: str | None) -> Credential | None:
        """Give the key of this id from the first place that knows it."""
        found = (place.find(access_key_id, session_token) for place in self._places)
        return next((credential for credential in found if credential is not None), None)
