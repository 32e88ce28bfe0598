"""Fixtures of the flow tests: what the agent needs, and an emulator emptied before each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.flow.agent_fixtures import aws, secret, start
from tests.flow.credential_process import files, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rolesanywhere.emulator.running import Emulator

__all__ = ["aws", "emulator", "emulator_server", "files", "run", "secret", "start"]


@pytest.fixture(scope="session")
def emulator_server() -> Iterator[Emulator]:
    from rolesanywhere.emulator import running  # noqa: PLC0415 - long; who hands out tests needs none

    with running.start() as emulator:
        yield emulator


@pytest.fixture
def emulator(emulator_server: Emulator) -> Emulator:
    emulator_server.reset()
    return emulator_server
