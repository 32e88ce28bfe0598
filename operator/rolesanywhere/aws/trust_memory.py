"""What we wrote into trust policies, for as long as IAM may still show what was there before.

IAM's reads lag behind its writes by seconds. A trust policy that several identities share is read,
changed and written: from a stale read, the statement written just before would be lost.
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rolesanywhere.domain.observed import PolicyDocument
from rolesanywhere.domain.policy_documents import same

SETTLE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class _Written:
    """Our last write of a role, and what earlier reads of the role had shown."""

    at: float
    policy: PolicyDocument
    before: tuple[PolicyDocument, ...]


class TrustMemory:
    """The last writes, by role. Thread-safe."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        """``clock`` gives monotonic seconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._written: dict[str, _Written] = {}

    def note(self, role: str, policy: PolicyDocument, replaced: PolicyDocument | None) -> None:
        """Remember a write, and the policy it replaced as far as it is known."""
        with self._lock:
            earlier = self._recent().get(role)
            before = (*earlier.before, earlier.policy) if earlier is not None else ()
            known = (*before, replaced) if replaced is not None else before
            self._written[role] = _Written(self._clock(), policy, known)

    def forget(self, role: str) -> None:
        """Drop a role that is deleted."""
        with self._lock:
            self._written.pop(role, None)

    def freshest(self, role: str, read: PolicyDocument) -> PolicyDocument:
        """Give what was read, or our own last write where the read shows what it replaced.

        A policy we have never seen is somebody's newer one, however soon after ours it comes.
        """
        with self._lock:
            written = self._recent().get(role)
        if written is not None and any(same(read, old) for old in written.before):
            return written.policy
        return read

    def _recent(self) -> dict[str, _Written]:
        horizon = self._clock() - SETTLE_SECONDS
        self._written = {role: each for role, each in self._written.items() if each.at > horizon}
        return self._written
