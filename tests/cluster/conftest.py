"""One control plane for all cluster tests of a run, and a namespace of its own for each test."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest
from hack.cluster.control_plane import ControlPlane
from hack.cluster.kubectl import Kubectl

KUBECONFIG_VARIABLE: Final = "ROLESANYWHERE_KUBECONFIG"


@pytest.fixture(scope="session")
def plane() -> Iterator[ControlPlane]:
    """Start a control plane with our kinds and the controller's rights.

    ``ROLESANYWHERE_KUBECONFIG`` names one that runs already (``make cluster-up``), which saves
    seconds; the context's name guards every other cluster.
    """
    given = os.environ.get(KUBECONFIG_VARIABLE)
    with ControlPlane.attach(Path(given)) if given else ControlPlane.start() as running:
        yield running


@pytest.fixture(scope="session")
def kubectl(plane: ControlPlane) -> Kubectl:
    """Give the real kubectl with the administrator's rights: text in, text out."""
    return plane.kubectl


@pytest.fixture
def namespace(kubectl: Kubectl) -> Iterator[str]:
    """Give a new namespace, deleted afterwards without waiting."""
    name = f"test-{uuid4().hex[:10]}"
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")
