"""Unmodified SDKs read from S3 with the agent's credentials, before and after a rotation."""

from collections.abc import Callable

import pytest
from tests.conformance.readers import Reader
from tests.conformance.stage import TEXT, Stage
from tests.flow.agent_fixtures import wait_for

StartReader = Callable[[str, str], Reader]


def check(stage: Stage, reader: Reader, *, anew: bool = False) -> None:
    """Read; rotate the certificate; read with the new one's session, in the same process."""
    first = reader.read()
    assert first.get("text") == TEXT, first
    assert stage.serial_of(first) == stage.serial
    stage.rotate()
    wait_for(lambda: stage.current_serial() == stage.serial)
    second: dict[str, str] = {}

    def is_seen() -> bool:
        second.update(reader.read(anew=anew))
        assert second.get("text") == TEXT, second
        return stage.serial_of(second) == stage.serial

    wait_for(is_seen, seconds=40)


@pytest.mark.parametrize("delivery", ["endpoint", "imds", "cat", "command", "file"])
def test_the_aws_cli(stage: Stage, reader: StartReader, delivery: str) -> None:
    """Each command finds the credentials of its moment."""
    check(stage, reader("aws-cli", delivery))


@pytest.mark.parametrize("delivery", ["endpoint", "cat", "command"])
def test_boto3(stage: Stage, reader: StartReader, delivery: str) -> None:
    """A client that lives on comes back for new credentials by itself."""
    check(stage, reader("boto3", delivery))


@pytest.mark.parametrize("delivery", ["imds", "file"])
def test_boto3_with_a_new_session(stage: Stage, reader: StartReader, delivery: str) -> None:
    """Botocore reads files once, and takes instance metadata for good for up to 25 minutes."""
    check(stage, reader("boto3", delivery), anew=True)


@pytest.mark.parametrize("delivery", ["endpoint", "imds", "cat", "command"])
def test_go(stage: Stage, reader: StartReader, delivery: str) -> None:
    """A client that lives on comes back for new credentials by itself."""
    check(stage, reader("go", delivery))


def test_go_with_a_new_configuration(stage: Stage, reader: StartReader) -> None:
    """The Go SDK reads the shared file once for each configuration."""
    check(stage, reader("go", "file"), anew=True)


def test_javascript(stage: Stage, reader: StartReader) -> None:
    """The default chain finds the endpoint and its token."""
    check(stage, reader("javascript", "endpoint"))


def test_java(stage: Stage, reader: StartReader) -> None:
    """The default chain finds the endpoint and its token file."""
    check(stage, reader("java", "endpoint"))
