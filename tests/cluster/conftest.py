"""One control plane for all cluster tests of a run, and a namespace of its own for each test.

Tests of the controller share one emulator and one controller too, the ``stage``. The controller
rests while others have the cluster: it would reconcile what they make.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest
from hack.cluster.control_plane import ControlPlane
from hack.cluster.kubectl import Kubectl
from tests.cluster.stage import Stage
from tests.cluster.story import Story

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


@pytest.fixture(scope="session")
def stages(plane: ControlPlane) -> Iterator[list[Stage]]:
    """Keep the one stage of the run, once a test asked for it; it ends before its plane."""
    made: list[Stage] = []
    yield made
    for each in made:
        each.close()


@pytest.fixture(scope="module")
def stage(
    plane: ControlPlane, stages: list[Stage], tmp_path_factory: pytest.TempPathFactory
) -> Stage:
    """Give emulator, gate and running controller, shared by all tests of the controller."""
    if not stages:
        stages.append(Stage(plane, tmp_path_factory.mktemp("stage")))
    stages[0].run()
    return stages[0]


@pytest.fixture(scope="module", autouse=True)
def _nobody_reconciles(request: pytest.FixtureRequest, stages: list[Stage]) -> None:
    """Let the controller rest while a module without ``stage`` has the cluster."""
    tests = (each for each in request.session.items if each.path == request.path)
    if not any("stage" in getattr(each, "fixturenames", ()) for each in tests):
        for each in stages:
            each.rest()


@pytest.fixture(scope="module")
def story(stage: Stage) -> Iterator[Story]:
    """Give a story of the module's own; what is made of it is deleted afterwards."""
    with stage.telling() as story:
        yield story
