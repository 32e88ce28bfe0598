"""What the agent's flow tests stand on: a scripted AWS, a mounted Secret, agents that are ended.

``aws``, ``secret`` and ``start`` are fixtures; ``tests/flow/conftest.py`` hands them out.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.flow.agent_process import Agent, MountedSecret, Reply
from tests.flow.scripted_aws import ScriptedAws

Start = Callable[..., Agent]


@pytest.fixture
def aws() -> Iterator[ScriptedAws]:
    server = ScriptedAws()
    yield server
    server.close()


@pytest.fixture
def secret(tmp_path: Path, aws: ScriptedAws) -> MountedSecret:
    return MountedSecret(tmp_path / "orders", aws.url)


@pytest.fixture
def start(tmp_path: Path, secret: MountedSecret) -> Iterator[Start]:
    agents = []

    def run(*arguments: str, environment: dict[str, str] | None = None) -> Agent:
        words = ("--identity-dir", str(secret.root), *arguments)
        agents.append(Agent(tmp_path, *words, environment=environment))
        return agents[-1]

    yield run
    for agent in agents:
        agent.close()


def has_credentials(reply: Reply) -> bool:
    return reply.status == 200


def wait_for(wanted: Callable[[], bool], *, seconds: float = 10) -> None:
    """Wait until something is so; fails when it is not in time."""
    end = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < end
        time.sleep(0.02)
