"""An IAM role as those who hand out its sessions see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from rolesanywhere.domain.observed import PolicyDocument


@dataclass(frozen=True, slots=True)
class Role:
    """A role. ``trust_policy`` is empty, and lets nobody in, where it is no JSON object."""

    name: str
    arn: str
    role_id: str
    trust_policy: PolicyDocument
    max_session_duration_seconds: int
    tags: Mapping[str, str]


class Roles(Protocol):
    """IAM, as far as sessions need it."""

    def role(self, arn: str) -> Role | None:
        """Give a role by ARN; None: there is none."""
        ...

    def managed_policy(self, arn: str) -> PolicyDocument | None:
        """Give a managed policy's document; None: there is none."""
        ...
