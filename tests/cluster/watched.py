"""What became of each object, version by version, as watches tell it: tests wait for that.

A wait ends the moment its condition holds, and what happened meanwhile can be counted afterwards.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self

from tests.cluster.api_server import ApiServer, Manifest, Ref

from rolesanywhere.api import names

KINDS: Final = (
    names.TRUST_ANCHOR,
    names.PROFILE,
    names.WORKLOAD_IDENTITY,
    "Secret",
    "Event",
    "Namespace",
)
PATIENCE_SECONDS: Final = 60.0  # on a busy machine; idle most waits take a few
_JOIN_SECONDS: Final = 5.0
Condition = Callable[[Manifest], Any]  # as truth


class Watched:
    """All objects of ``KINDS``. Thread-safe."""

    def __init__(self, server: ApiServer) -> None:
        """Begin to watch; what is there already counts as a first version."""
        self._changed = threading.Condition()
        self._versions: dict[Ref, list[Manifest]] = defaultdict(list)
        self._gone: set[Ref] = set()
        self._server = server
        self._stopping = False
        self._watches = {kind: server.watch(kind) for kind in KINDS}
        self._threads = [
            threading.Thread(target=self._follow, args=(kind,), name=f"watch {kind}", daemon=True)
            for kind in KINDS
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._changed:
            self._stopping = True
            for watch in self._watches.values():
                watch.stop()
        for thread in self._threads:
            thread.join(_JOIN_SECONDS)

    def versions(self, ref: Ref) -> list[Manifest]:
        """Give all versions of an object so far, those of an earlier one of its name too."""
        with self._changed:
            return list(self._versions[ref])

    def latest(self, ref: Ref) -> Manifest:
        """Give an object as last seen. Raises ``KeyError`` when it is not there."""
        with self._changed:
            if ref in self._gone or not self._versions[ref]:
                raise KeyError(str(ref))
            return self._versions[ref][-1]

    def exists(self, ref: Ref) -> bool:
        """Tell whether an object is there."""
        with self._changed:
            return ref not in self._gone and bool(self._versions[ref])

    def all(self, kind: str) -> list[Manifest]:
        """Give all objects of a kind that are there."""
        with self._changed:
            return [
                seen[-1]
                for ref, seen in self._versions.items()
                if ref.kind == kind and seen and ref not in self._gone
            ]

    def everything(self, kind: str) -> list[Manifest]:
        """Give every version of every object of a kind there ever was."""
        with self._changed:
            return [
                version
                for ref, seen in self._versions.items()
                if ref.kind == kind
                for version in seen
            ]

    def events_of(self, manifest: Manifest) -> list[Manifest]:
        """Give the events about an object, oldest first."""
        uid = manifest["metadata"]["uid"]
        found = (each for each in self.all("Event") if each["involvedObject"].get("uid") == uid)
        return sorted(found, key=lambda each: int(each["metadata"]["resourceVersion"]))

    def until(
        self,
        ref: Ref,
        holds: Condition,
        what: str = "",
        *,
        seconds: float = PATIENCE_SECONDS,
    ) -> Manifest:
        """Wait until an object is as it should be, and give it."""
        found: list[Manifest] = []

        def is_so() -> bool:
            if ref in self._gone or not self._versions[ref]:
                return False
            found[:] = self._versions[ref][-1:]
            return bool(holds(found[0]))

        self._wait(
            is_so, lambda: f"{ref} did not become {what or 'so'}: {self._told(ref)}", seconds
        )
        return found[0]

    def until_gone(self, ref: Ref, *, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until an object is not there any more."""
        self._wait(
            lambda: ref in self._gone, lambda: f"{ref} is not gone: {self._told(ref)}", seconds
        )

    def until_event(
        self, manifest: Manifest, reason: str, *, seconds: float = PATIENCE_SECONDS
    ) -> Manifest:
        """Wait for an event of this reason about an object, and give it."""
        found: list[Manifest] = []

        def is_told() -> bool:
            found[:] = [each for each in self.events_of(manifest) if each["reason"] == reason]
            return bool(found)

        def complaint() -> str:
            told = [each["reason"] for each in self.events_of(manifest)]
            return f"no event {reason} about {Ref.of(manifest)}, only {told}"

        self._wait(is_told, complaint, seconds)
        return found[0]

    def until_so(self, is_so: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until something else is so that depends on what is watched."""
        self._wait(is_so, lambda: f"{is_so} is not so", seconds)

    def _wait(
        self, is_so: Callable[[], bool], complaint: Callable[[], str], seconds: float
    ) -> None:
        until = time.monotonic() + seconds
        with self._changed:
            while not is_so():
                left = until - time.monotonic()
                assert left > 0, f"after {seconds:g} s {complaint()}"
                self._changed.wait(left)

    def _told(self, ref: Ref) -> str:
        if not self._versions[ref]:
            return "never seen"
        held = self._versions[ref][-1]
        conditions = held.get("status", {}).get("conditions", [])
        told = [f"{c['type']}={c['status']} {c['reason']} ({c['message']})" for c in conditions]
        return "\n".join(told) or f"it has no status, {sorted(held['metadata'])}"

    def _follow(self, kind: str) -> None:
        """Read a kind's watch to its end, which the API server may set, and go on from there."""
        since = ""
        while not self._stopping:
            for change, manifest in self._watches[kind]:
                metadata = manifest["metadata"]
                since = metadata["resourceVersion"]
                ref = Ref(kind, metadata["name"], metadata.get("namespace", ""))
                with self._changed:
                    self._note(change, ref, {"kind": kind, **manifest})
                    self._changed.notify_all()
            with self._changed:
                if not self._stopping:
                    self._watches[kind] = self._server.watch(kind, since)

    def _note(self, change: str, ref: Ref, manifest: Manifest) -> None:
        assert change in ("ADDED", "MODIFIED", "DELETED"), f"the watch of {ref.kind}: {manifest}"
        if change == "DELETED":
            self._gone.add(ref)
        else:
            self._gone.discard(ref)
            self._versions[ref].append(manifest)
