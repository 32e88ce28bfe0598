"""A shared credentials file: profiles of ours among those of others.

An SDK reads it only once for each session of its own.
"""

from collections.abc import Mapping

from rolesanywhere.agent import atomic_file, instant, shared_credentials
from rolesanywhere.agent.outlets import Grants
from rolesanywhere.agent.report import Grant


class SharedFile:
    """Profiles in a shared credentials file; what others wrote in it stays."""

    def __init__(self, path: str, profiles: Mapping[str, str], *, mode: int) -> None:
        """``profiles`` gives the identity of each profile to keep."""
        self._path = path
        self._profiles = profiles
        self._mode = mode

    def deliver(self, grants: Grants, *, now: float) -> float | None:
        """See ``Outlet``. An expired profile loses its keys."""
        with atomic_file.Alone(self._path):
            return self._merge(grants, now)

    def _merge(self, grants: Grants, now: float) -> float | None:
        before = atomic_file.read(self._path)
        content = before or b""
        ends = []
        for profile, name in self._profiles.items():
            grant = grants.get(name)
            if grant is None and name not in grants:
                end = _end_in(content, profile)
                if end is not None and end > now:
                    ends.append(end)
                    continue
            values = None if grant is None else _shared_values(grant)
            content = shared_credentials.merge(content, profile, values)
        if content != (before or b""):
            atomic_file.replace(self._path, content, mode=self._mode)
        return min(ends, default=None)


def _shared_values(grant: Grant) -> dict[str, str]:
    values = (grant.access_key_id, grant.secret_access_key, grant.token, grant.expiration)
    return dict(zip(shared_credentials.KEYS, values, strict=True))


def _end_in(content: bytes, profile: str) -> float | None:
    end = shared_credentials.value_of(content, profile, shared_credentials.EXPIRES)
    try:
        return None if end is None else instant.read(end)
    except ValueError:
        return None
