"""``--context``: a cluster of the person's own. Nothing in it is touched that was there before."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import yaml
from hack.cluster import manifests
from hack.cluster.certificates import write_private
from hack.cluster.errors import ClusterError
from hack.cluster.kubectl import Kubectl
from hack.demo.cluster import CONTROLLER_NAMESPACE, Cluster
from hack.demo.errors import DemoError
from hack.demo.walkthroughs import NAMESPACE

_ACCOUNT: Final = Path(__file__).parent / "controller-account.yaml"
_CONTROLLER: Final = "rolesanywhere-controller"
_TOKEN_HOURS: Final = 8  # one may keep the demo for a day's work
_REMOVED_SECONDS: Final = 90
_KINDS: Final = "trustanchors,profiles,workloadidentities"
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
        document = _flattened(context)
        path = folder / "admin.kubeconfig"
        write_private(path, yaml.safe_dump(document).encode())
        return cls(context, document["clusters"][0]["cluster"]["server"], Kubectl(path))

    def require_free(self) -> None:
        """Raise ``DemoError`` when anything the demo would apply and remove is there already."""
        options = ("--ignore-not-found", "--output=name")
        answers = (
            self.kubectl("get", *_FILES, *options),
            self.kubectl("get", "namespaces", *_NAMESPACES, *options),
        )
        found = [line for answer in answers for line in answer.stdout.split()]
        if found:
            message = (
                f"the cluster of context {self.context} has {', '.join(found)} already, and the "
                "demo would remove it in the end. Where an operator is at work, use another "
                "cluster. What a killed demo left behind is removed by: kubectl --context "
                f"{self.context} delete {' '.join(found)}"
            )
            raise DemoError(message)

    def plan(self) -> str:
        """Say what is going to happen to the cluster."""
        return (
            f"This is going to use the cluster of context {self.context}, {self.server}.\n"
            "It applies there, and removes in the end:\n"
            "  CustomResourceDefinitions         trustanchors, profiles, workloadidentities\n"
            "                                    (rolesanywhere.dev), with all their objects\n"
            f"  ClusterRole, ClusterRoleBinding   {_CONTROLLER}\n"
            f"  Namespaces                        {', '.join(_NAMESPACES)}\n"
            "The operator and the emulated AWS run on this machine. No pod is started."
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
        """Remove what was applied. Raises ``ClusterError`` with what is left to do by hand."""
        options = ("--ignore-not-found", f"--timeout={_REMOVED_SECONDS}s")
        self._release()
        try:
            self.kubectl("delete", "namespaces", *_NAMESPACES, *options)
            self.kubectl("delete", *_FILES, *options)
        except ClusterError as error:
            message = (
                f"the demo is not wholly removed from the cluster of context {self.context}: "
                f"{error}; see `kubectl --context {self.context} get crds,namespaces`"
            )
            raise ClusterError(message) from error

    def _release(self) -> None:
        """Take the finalizers off our objects: operator and AWS, which they wait for, are gone."""
        found = self.kubectl("get", _KINDS, "--all-namespaces", "--output=json", check=False)
        for item in yaml.safe_load(found.stdout or "{}").get("items", ()):
            metadata = item["metadata"]
            place = (f"--namespace={metadata['namespace']}",) if "namespace" in metadata else ()
            patch = '--patch={"metadata":{"finalizers":null}}'
            words = ("patch", item["kind"], metadata["name"], *place, "--type=merge", patch)
            self.kubectl(*words, check=False)

    def _controller_kubeconfig(self, folder: Path) -> Path:
        """Make a kubeconfig with the controller's own rights and no more."""
        token = self.kubectl(
            "create",
            "token",
            _CONTROLLER,
            f"--namespace={CONTROLLER_NAMESPACE}",
            f"--duration={_TOKEN_HOURS}h",
        ).stdout.strip()
        document = yaml.safe_load(self.kubectl.kubeconfig.read_text())
        user = document["users"][0]["name"]
        document["users"] = [{"name": user, "user": {"token": token}}]
        path = folder / "controller.kubeconfig"
        write_private(path, yaml.safe_dump(document).encode())
        return path


def confirm(cluster: BorrowedCluster, ask: Callable[[], str] | None) -> None:
    """Show the plan and ask. Raises ``DemoError`` for anything but yes.

    ``ask`` None: there is nobody to ask.
    """
    print(cluster.plan(), file=sys.stderr)
    if ask is None:
        message = "nobody is there to be asked: give --yes to go on"
        raise DemoError(message)
    print("Go on? [y/N] ", end="", file=sys.stderr, flush=True)
    if ask().strip().lower() not in {"y", "yes"}:
        message = "nothing was touched"
        raise DemoError(message)


def _flattened(context: str) -> dict[str, Any]:
    run = subprocess.run(
        [
            Path(sys.executable).parent / "kubectl",
            "config",
            "view",
            "--minify",
            "--flatten",
            f"--context={context}",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        message = (
            f"there is no context {context} in your kubeconfig: {run.stderr.strip()}; "
            "`kubectl config get-contexts` lists them"
        )
        raise DemoError(message)
    document: dict[str, Any] = yaml.safe_load(run.stdout)
    return document
