"""What a request needs: actions on resources, with what else conditions may ask about."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Context = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Access:
    """One action on one resource (an ARN, or ``*`` for actions without).

    ``context`` holds the keys that come from the request itself: ``aws:RequestTag/…``,
    ``iam:PassedToService``, ``s3:prefix``.
    """

    action: str
    resource: str = "*"
    context: Context = field(default_factory=dict)


def request_tags(tags: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Give the context of tags that a request would set."""
    keys = {f"aws:RequestTag/{key}": (value,) for key, value in tags.items()}
    return {**keys, **({"aws:TagKeys": tuple(tags)} if tags else {})}


def resource_tags(tags: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Give the context of tags that a resource has."""
    return {f"aws:ResourceTag/{key}": (value,) for key, value in tags.items()}
