"""What the agent's flow tests stand on: a scripted AWS, a mounted Secret, agents that are ended.

``aws``, ``secret`` and ``start`` are fixtures; ``tests/flow/conftest.py`` hands them out.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from tests.flow.agent_process import Agent, MountedSecret, Reply
from tests.flow.scripted_aws import ScriptedAws

ASK_BOTO3 = """
import json
from botocore.session import Session
found = Session().get_credentials()
frozen = found.get_frozen_credentials()
print(json.dumps([found.method, frozen.access_key, frozen.secret_key, frozen.token]))
"""

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
    agents = ExitStack()

    def run(
        *arguments: str,
        environment: dict[str, str] | None = None,
        wrapper: Sequence[str] = (),
    ) -> Agent:
        words = ("--identity-dir", str(secret.root), *arguments)
        agent = Agent(tmp_path, *words, environment=environment, wrapper=wrapper)
        return agents.enter_context(closing(agent))

    with agents:
        yield run


def has_credentials(reply: Reply) -> bool:
    return reply.status == 200


def found_by_boto3(environment: Mapping[str, str]) -> list[str]:
    """Give how an unmodified SDK found credentials, and which, with these variables alone."""
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", ASK_BOTO3],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[str] = json.loads(done.stdout)
    return found


def wait_for(wanted: Callable[[], bool], *, seconds: float = 10) -> None:
    """Wait until something is so; fails when it is not in time."""
    end = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < end
        time.sleep(0.02)
