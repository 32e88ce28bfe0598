"""Fixtures of the tests of ``kube``: an API server that answers as it is told, and a way to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.flow.scripted_control_plane import ScriptedControlPlane
from tests.unit.kube.answering import kubeconfig

from rolesanywhere.kube.client import ApiServer, connect


@pytest.fixture
def plane() -> Iterator[ScriptedControlPlane]:
    server = ScriptedControlPlane()
    yield server
    server.close()


@pytest.fixture
def server(plane: ScriptedControlPlane, tmp_path: Path) -> Iterator[ApiServer]:
    api = connect(kubeconfig=kubeconfig(tmp_path, plane.url))
    yield api
    api.close()
