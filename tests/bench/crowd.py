"""Many identities, applied at once and watched until they are ready and proven."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Final, Self

from tests.cluster import story as stories
from tests.cluster.api_server import ApiServer
from tests.cluster.aws_account import AwsAccount
from tests.cluster.stage import condition, is_ready
from tests.cluster.story import Story, with_role, with_roles

from rolesanywhere.api import names

PATIENCE_SECONDS: Final = 900.0  # 1000 proofs at half of CreateSession's quota take 200
_CONNECTIONS: Final = 8  # that create identities
_REGION: Final = "ap-northeast-1"
_FIRST: Final = "first"
_EVERY_CERTIFICATE: Final = {  # a role's trust that nobody has to keep
    "Effect": "Allow",
    "Principal": {"Service": "rolesanywhere.amazonaws.com"},
    "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
}


class Crowd:
    """``size`` identities with certificates of an own CA, all on one existing role.

    The role's trust policy is not the operator's to keep. So neither Private CA's quotas nor IAM's
    decide how long it takes.
    """

    def __init__(self, size: int, server: ApiServer, account: AwsAccount) -> None:
        """Have TrustAnchor, Profile and a first identity ready, and begin to watch."""
        self.size = size
        self._server = server
        self._story = Story("crowd", _REGION, "crowd")
        self._changed = threading.Condition()
        self._ready: set[str] = set()
        self._proven: set[str] = set()
        self._watch = server.watch(names.WORKLOAD_IDENTITY)
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()
        role = account.make_role(self._story.name)
        account.trust(self._story.name, [_EVERY_CERTIFICATE])
        self._begin(role)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._watch.stop()
        self._thread.join()

    def apply(self) -> None:
        """Create all identities, as fast as the API server takes them."""
        manifests = (
            self._story.identity_of(f"web-{number}", with_role(self._role))
            for number in range(self.size)
        )
        with ThreadPoolExecutor(_CONNECTIONS) as pool:
            for _ in pool.map(self._server.create, manifests):
                pass

    def until_ready(self) -> None:
        """Wait until all identities are ready. Raises ``TimeoutError``."""
        self._until(self._ready, self.size + 1)

    def until_proven(self) -> None:
        """Wait until all identities had a session. Raises ``TimeoutError``."""
        self._until(self._proven, self.size + 1)

    def _begin(self, role: str) -> None:
        self._role = role
        self._server.create(stories.namespace(self._story.namespace))
        self._server.create(self._story.own_ca())
        self._server.create(self._story.profile_of(with_roles(role, managed_trust=False)))
        self._server.create(self._story.identity_of(_FIRST, with_role(role)))
        self._until(self._ready, 1)

    def _until(self, found: set[str], number: int) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        with self._changed:
            while len(found) < number:
                if not self._changed.wait(until - time.monotonic()):
                    message = f"{len(found)} of {number} after {PATIENCE_SECONDS:.0f} s"
                    raise TimeoutError(message)

    def _follow(self) -> None:
        for _change, seen in self._watch:
            name = seen["metadata"]["name"]
            with self._changed:
                if is_ready(seen):
                    self._ready.add(name)
                if condition(seen, "SessionVerified").get("status") == "True":
                    self._proven.add(name)
                self._changed.notify_all()
