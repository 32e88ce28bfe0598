"""The cluster the story is told in: one of this machine, started for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hack.cluster import build
from hack.cluster.control_plane import ControlPlane
from hack.cluster.kubectl import Kubectl

CONTROLLER_NAMESPACE: Final = "rolesanywhere-system"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster with our kinds: its administrator's kubectl, and the controller's kubeconfig."""

    kubectl: Kubectl
    controller_kubeconfig: Path
    description: str
    controller: str  # who the controller is there


@contextmanager
def local_cluster() -> Iterator[Cluster]:
    """Start a control plane on this machine; it goes with the context. Raises ``ClusterError``."""
    with ControlPlane.start() as plane:
        version = build.pinned("k8s.io/kubernetes")
        yield Cluster(
            kubectl=plane.kubectl,
            controller_kubeconfig=plane.controller_kubeconfig,
            description=f"kube-apiserver {version} at {plane.url}, on this machine",
            controller="user rolesanywhere-controller",
        )
