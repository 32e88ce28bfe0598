"""``--context``: a cluster of the person's own. Nothing in it is touched that was there before."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from hack.cluster import manifests
from hack.cluster.errors import ClusterError
from hack.cluster.kubectl import Kubectl
from hack.demo import kubeconfigs
from hack.demo.cluster import CONTROLLER_NAMESPACE, Cluster
from hack.demo.errors import DemoError
from hack.demo.objects import KINDS
from hack.demo.walkthroughs import NAMESPACE

_ACCOUNT: Final = Path(__file__).parent / "controller-account.yaml"
_LABEL: Final = "rolesanywhere.dev/demo"  # as in that file
_CONTROLLER: Final = "rolesanywhere-controller"
_TOKEN_HOURS: Final = 8  # one may keep the demo for a day's work
_REMOVED_SECONDS: Final = 90
_NAMESPACES: Final = (NAMESPACE, CONTROLLER_NAMESPACE)
_FILES: Final = (f"--filename={manifests.CUSTOM_RESOURCES}", f"--filename={manifests.RIGHTS}")


@dataclass(frozen=True, slots=True)
class BorrowedCluster:
    """The cluster of one context, reached by a kubeconfig that has nothing else in it."""

    context: str
    server: str
    kubectl: Kubectl

    @classmethod
    def take(cls, context: str, folder: Path) -> Self:
        """Copy a context of the person's kubeconfig. Raises ``DemoError`` when there is none."""
        path = folder / "admin.kubeconfig"
        server = kubeconfigs.copy_context(context, path)
        return cls(context, server, Kubectl(path))

    def require_free(self) -> None:
        """Raise ``DemoError`` when anything the demo would apply and remove is there already."""
        found = self._found("namespaces", *_NAMESPACES) + self._found(*_FILES)
        if not found:
            return
        lines = "".join(f"\n  {line}" for line in found)
        message = (
            f"the cluster of context {self.context} is not free, since a demo removes in the end "
            f"what it applies, and there is already:{lines}\n"
            + (
                "A demo is running there, or was killed: see `python -m hack.demo --help`, --remove"
                if self._is_marked()
                else "Use a cluster where no operator is at work"
            )
        )
        raise DemoError(message)

    def require_left_behind(self) -> None:
        """Raise ``DemoError`` unless a demo applied what is there."""
        if not self._is_marked():
            message = f"no demo left anything in the cluster of context {self.context}"
            raise DemoError(message)

    def plan(self) -> str:
        """Say what is going to happen to the cluster."""
        return (
            f"This is going to use the cluster of context {self.context}, {self.server}.\n"
            f"It applies there, and removes in the end:\n{_OURS}\n"
            "The operator and the emulated AWS run on this machine. No pod is started."
        )

    def removal(self) -> str:
        """Say what is going to be removed."""
        return (
            "This is going to remove what a demo left behind in the cluster of context "
            f"{self.context}, {self.server}:\n{_OURS}"
        )

    @contextmanager
    def in_use(self, folder: Path) -> Iterator[Cluster]:
        """Apply what the operator needs; remove it, and all it made, at the context's end."""
        try:
            manifests.apply(self.kubectl, account=_ACCOUNT)
            yield Cluster(
                kubectl=self.kubectl,
                controller_kubeconfig=self._controller_kubeconfig(folder),
                description=f"context {self.context}, {self.server}",
                controller=f"ServiceAccount {CONTROLLER_NAMESPACE}/{_CONTROLLER}",
            )
        finally:
            self.remove()

    def remove(self) -> None:
        """Remove what was applied. Raises ``ClusterError`` with where to look for what is left."""
        options = ("--ignore-not-found", f"--timeout={_REMOVED_SECONDS}s")
        self._release()
        try:
            self.kubectl("delete", *_FILES, *options)
            self.kubectl("delete", "namespaces", *_NAMESPACES, *options)  # the mark goes last
        except ClusterError as error:
            message = (
                f"the demo is not wholly removed from the cluster of context {self.context}: "
                f"{error}; see `kubectl --context {self.context} get crds,namespaces`"
            )
            raise ClusterError(message) from error

    def _release(self) -> None:
        """Take the finalizers off our objects: operator and AWS, which they wait for, are gone."""
        found = self.kubectl("get", KINDS, "--all-namespaces", "--output=json", check=False)
        for item in json.loads(found.stdout or "{}").get("items", ()):
            metadata, kind = item["metadata"], item["kind"].lower()
            group = item["apiVersion"].partition("/")[0]
            place = (f"--namespace={metadata['namespace']}",) if "namespace" in metadata else ()
            patch = json.dumps({"metadata": {"finalizers": None}})
            words = (f"{kind}.{group}/{metadata['name']}", *place, "--type=merge")
            self.kubectl("patch", *words, f"--patch={patch}", check=False)

    def _found(self, *what: str) -> list[str]:
        return self.kubectl("get", *what, "--ignore-not-found", "--output=name").stdout.split()

    def _is_marked(self) -> bool:
        return bool(self._found("namespaces", f"--selector={_LABEL}"))

    def _controller_kubeconfig(self, folder: Path) -> Path:
        """Make a kubeconfig with the controller's own rights and no more."""
        options = (f"--namespace={CONTROLLER_NAMESPACE}", f"--duration={_TOKEN_HOURS}h")
        token = self.kubectl("create", "token", _CONTROLLER, *options).stdout.strip()
        path = folder / "controller.kubeconfig"
        return kubeconfigs.with_token(self.kubectl.kubeconfig, token, path)


_OURS: Final = f"""\
  CustomResourceDefinitions         trustanchors, profiles, workloadidentities
                                    (rolesanywhere.dev), with all their objects
  ClusterRole, ClusterRoleBinding   {_CONTROLLER}
  Namespaces                        {", ".join(_NAMESPACES)}"""


def confirm(plan: str, ask: Callable[[], str] | None) -> None:
    """Show what is going to happen, and ask. Raises ``DemoError`` for anything but yes.

    ``ask`` None: there is nobody to ask.
    """
    print(plan, file=sys.stderr)
    if ask is None:
        message = "nobody is there to be asked: give --yes to go on"
        raise DemoError(message)
    print("Go on? [y/N] ", end="", file=sys.stderr, flush=True)
    if ask().strip().lower() not in {"y", "yes"}:
        message = "nothing was touched"
        raise DemoError(message)
