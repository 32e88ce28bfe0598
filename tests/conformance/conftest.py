"""Fixtures: one stage for all, a reader for each test."""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from tests.conformance.readers import CommandLine, Program, Reader
from tests.conformance.stage import Stage
from tests.conformance.toolchains import (
    Command,
    aws_cli,
    boto3_reader,
    go_reader,
    java_reader,
    javascript_reader,
)

SDKS: dict[str, Callable[[], Command]] = {
    "boto3": boto3_reader,
    "aws-cli": aws_cli,
    "go": go_reader,
    "javascript": javascript_reader,
    "java": java_reader,
}


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with closing(Stage(tmp_path_factory.mktemp("stage"))) as running:
        running.agent.until(lambda reply: reply.status == 200, seconds=20)
        yield running


@pytest.fixture
def reader(stage: Stage) -> Iterator[Callable[[str, str], Reader]]:
    """Start an SDK's program for one way of delivery."""
    started: list[Reader] = []

    def start(sdk: str, delivery: str) -> Reader:
        kind = CommandLine if sdk == "aws-cli" else Program
        started.append(kind(SDKS[sdk](), stage.environment(delivery)))
        return started[-1]

    yield start
    for each in started:
        each.close()
