"""A shared credentials file: profiles of ours among those of others.

An SDK reads it only once for each session of its own. What an agent wrote is known by the end it
wrote beside it. Keys without one are a person's, who may have no others: unless there are valid
ones to put in their place, they stay.
"""

from collections.abc import Mapping
from math import inf
from typing import Final

from rolesanywhere.agent import atomic_file, instant, shared_credentials
from rolesanywhere.agent.outlets import Grants, Watch
from rolesanywhere.agent.owners import as_owner_of
from rolesanywhere.agent.report import Grant

_KEY_ID: Final = shared_credentials.KEYS[0]
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
_LONG_LIVED: Final = "AKIA"  # `aws configure` puts such a key over an agent's and leaves its end


class SharedFile:
    """Profiles in a shared credentials file; what others wrote in it stays."""

    def __init__(self, path: str, profiles: Mapping[str, str], *, mode: int) -> None:
        """``profiles`` gives the identity of each profile to keep."""
        self._path = path
        self._profiles = profiles
        self._mode = mode
        self._written: dict[str, Grant] = {}  # by this run, the last one of each profile
        self._watch = Watch()

    def deliver(self, grants: Grants, *, now: float) -> float:
        """See ``Outlet``. An expired profile loses the keys that an agent wrote."""
        self._watch.forget()
        with as_owner_of(self._path), atomic_file.Alone(self._path):
            before = atomic_file.read(self._path) or b""
            content, again = self._merged(before, grants, now)
            if content != before:
                # what is ours can be had again, what others wrote may be nowhere else
                alone, _ = self._merged(b"", grants, now)
                atomic_file.replace(self._path, content, mode=self._mode, sync=content != alone)
        for profile, name in self._profiles.items():
            if grant := grants.get(name):
                self._written[profile] = grant
        return again

    def lost(self, grants: Grants, *, now: float) -> str | None:
        """See ``Outlet``. What others do to the rest of the file is their business."""

        def judge(content: bytes) -> bool:
            return self._merged(content, grants, now)[0] == content

        return None if self._watch.is_right(self._path, judge) else self._path

    def _merged(self, content: bytes, grants: Grants, now: float) -> tuple[bytes, float]:
        """Give what is to be in the file, and until when."""
        again = inf
        for profile, name in self._profiles.items():
            grant = grants.get(name)
            if grant is not None:
                content = shared_credentials.merge(content, profile, _shared_values(grant))
            elif (end := self._end(content, profile)) > now:
                again = min(again, end)
            else:
                content = shared_credentials.merge(content, profile, None)
        return content, again

    def _end(self, content: bytes, profile: str) -> float:
        """Give when keys without a grant are to go: never, if they are not an agent's."""
        end = _end_in(content, profile)
        key_id = shared_credentials.value_of(content, profile, _KEY_ID) or ""
        if end == inf or key_id.startswith(_LONG_LIVED):
            return inf
        ours = self._written.get(profile)  # and expired
        if ours is not None and key_id == ours.access_key_id:
            return -inf
        if ours is not None and end == instant.read(ours.expiration):
            return inf  # our end beside another key: somebody put theirs over ours
        return end


def _shared_values(grant: Grant) -> dict[str, str]:
    values = (grant.access_key_id, grant.secret_access_key, grant.token, grant.expiration)
    return dict(zip(shared_credentials.KEYS, values, strict=True))


def _end_in(content: bytes, profile: str) -> float:
    """Give the end of what an agent wrote, epoch seconds; infinite for anything else."""
    try:
        end = shared_credentials.value_of(content, profile, shared_credentials.EXPIRES)
        return inf if end is None else instant.read(end)
    except ValueError:
        return inf
