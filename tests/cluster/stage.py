"""What the controller's tests play on: emulator, gate and controller, real processes, all shared.

The controller is the product's own program with the rights of its ClusterRole and no more.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final
from uuid import uuid4

from hack.cluster.control_plane import ControlPlane
from hack.stack.programs import ControllerProcess, EmulatorProcess
from tests.cluster import long_ago
from tests.cluster import story as stories
from tests.cluster.api_server import ApiServer, Manifest, Ref, RefusedError
from tests.cluster.aws_account import AwsAccount
from tests.cluster.aws_gate import AwsGate
from tests.cluster.story import Story
from tests.cluster.watched import Watched

from rolesanywhere.api import names

RESYNC_SECONDS: Final = 2
ARGUMENTS: Final = ("--resync", f"{RESYNC_SECONDS}s")
DEPENDENTS_FIRST: Final = (names.WORKLOAD_IDENTITY, names.PROFILE, names.TRUST_ANCHOR)
_REGIONS: Final = 99  # of two digits; the emulator answers in every region
_NOT_FOUND: Final = 404


class Stage:
    """One of each. ``close`` it; the controller runs from ``run`` to ``rest``."""

    def __init__(self, plane: ControlPlane, folder: Path) -> None:
        """Start all but the controller, in a cluster with no objects of ours but those of old."""
        self.plane = plane
        self.folder = folder
        self._controller: ControllerProcess | None = None
        self._logged = 0  # characters, when the controller started
        self._regions = itertools.cycle(range(1, _REGIONS + 1))
        with ExitStack() as stack:
            self.server = ApiServer(plane.admin_kubeconfig)
            stack.callback(self.server.close)
            self._clear_leftovers()
            self.emulator = stack.enter_context(EmulatorProcess(folder))
            self.account = AwsAccount(self.emulator.environment)
            stack.callback(self.account.close)
            self.gate = stack.enter_context(AwsGate(self.emulator.url))
            self.watched = stack.enter_context(Watched(self.server))
            stack.callback(self.rest)
            self.long_ago = {name: self.story() for name in long_ago.NAMES}
            for name, story in self.long_ago.items():
                self.apply(*long_ago.manifests(name, story, self.account))
            self._stack = stack.pop_all()

    def close(self) -> None:
        """Stop everything. What objects are left are deleted by force: AWS goes with them."""
        with self._stack:
            self.rest()
            self._clear_leftovers()

    @property
    def is_running(self) -> bool:
        """Tell whether a controller runs."""
        return self._controller is not None and self._controller.is_running

    @property
    def log(self) -> str:
        """Give what all controllers so far have logged."""
        return (self.folder / "controller.log").read_text(errors="replace")

    def until_logged(self, text: str) -> None:
        """Wait until the controller that runs has logged a text."""
        assert self._controller is not None
        self._controller.wait_for(lambda: text in self.log[self._logged :])

    def run(self, kubeconfig: Path | None = None, arguments: Sequence[str] = ARGUMENTS) -> None:
        """Start the controller, unless one runs."""
        if self.is_running:
            return
        log = self.folder / "controller.log"
        self._logged = len(self.log) if log.exists() else 0
        environment = {**self.emulator.environment, "AWS_ENDPOINT_URL": self.gate.url}
        self._controller = ControllerProcess(
            self.folder,
            kubeconfig or self.plane.controller_kubeconfig,
            environment,
            ("--session-endpoint", self.gate.url, *arguments),
        )

    def rest(self) -> None:
        """End the controller as a rolling update does, if one runs."""
        if self._controller is not None:
            self._controller.stop()

    def crash(self) -> None:
        """End the controller with kill -9, in the middle of whatever it does."""
        assert self._controller is not None
        self._controller.kill()
        self._controller.stop()  # closes what reads its output
        self.gate.release()

    def story(self) -> Story:
        """Begin a story: a new namespace, and a region few others use."""
        name = f"t{uuid4().hex[:8]}"
        self.server.create(stories.namespace(name))
        return Story(name, f"eu-test-{next(self._regions)}", name)

    @contextmanager
    def telling(self) -> Iterator[Story]:
        """Give a new story, and ask for the deletion of all of it afterwards."""
        story = self.story()
        try:
            yield story
        finally:
            self.end(story)

    def end(self, story: Story) -> None:
        """Ask for the deletion of all of a story, and do not wait."""
        place = Ref("Namespace", story.namespace)
        for ref in (place, story.profile, story.anchor, story.authority_secret):
            self.delete(ref)

    def apply(self, *manifests: Manifest) -> None:
        """Create objects, all at once."""
        for manifest in manifests:
            self.server.create(manifest)

    def delete(self, ref: Ref) -> None:
        """Ask for an object's deletion, if it is there."""
        try:
            self.server.delete(ref)
        except RefusedError as error:
            if error.status != _NOT_FOUND:
                raise

    def clear(self, refs: Sequence[Ref]) -> None:
        """Delete objects and wait until they are gone."""
        for ref in refs:
            self.delete(ref)
        for ref in refs:
            if self.watched.exists(ref):
                self.watched.until_gone(ref)

    def until_ready(self, *refs: Ref) -> list[Manifest]:
        """Wait until the controller calls these objects, as they are now, ready."""
        return [self.watched.until(ref, is_ready, "ready") for ref in refs]

    def _clear_leftovers(self) -> None:
        """Delete all objects of ours, in a cluster that may live on."""
        found = ((kind, each) for kind in DEPENDENTS_FIRST for each in self.server.list(kind))
        for kind, each in found:
            ref = Ref.of(each | {"kind": kind})
            with suppress(RefusedError):  # it was being deleted already, and is gone
                self.server.change(ref, {"metadata": {"finalizers": None}})
                self.server.delete(ref)


def condition(manifest: Manifest, type_: str = "Ready") -> Manifest:
    """Give a condition; an empty one when it is not there."""
    found = manifest.get("status", {}).get("conditions", [])
    return next((each for each in found if each["type"] == type_), {})


def is_current(manifest: Manifest) -> bool:
    """Tell whether the status speaks of the spec as it is now."""
    observed = manifest.get("status", {}).get("observedGeneration")
    return bool(observed == manifest["metadata"]["generation"])


def is_ready(manifest: Manifest) -> bool:
    """Tell whether an object is ready, as it is now."""
    return is_current(manifest) and condition(manifest).get("status") == "True"


def reason_of(manifest: Manifest, type_: str = "Ready") -> str | None:
    """Give the reason of a condition, None while it speaks of an older spec."""
    return condition(manifest, type_).get("reason") if is_current(manifest) else None


def lists(roles: int) -> Callable[[Manifest], bool]:
    """Tell whether a Profile lists so many roles."""

    def does(profile: Manifest) -> bool:
        entries = profile.get("status", {}).get("profiles", [])
        return bool(sum(each["roles"] for each in entries) == roles)

    return does
