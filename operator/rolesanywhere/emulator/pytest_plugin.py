"""AWS for tests of other projects: fixtures over one emulator per test session.

At the top of a ``conftest.py``: ``pytest_plugins = ["rolesanywhere.emulator.pytest_plugin"]``.
Needs pytest and this project's extra ``emulator``; boto3 is the test's own.
"""

from collections.abc import Iterator

import pytest

from rolesanywhere.emulator import running
from rolesanywhere.emulator.running import Emulator

# Named by the shells and CI machines tests run on; any of them would win over the emulator.
_OTHER_SOURCES = (
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
)


@pytest.fixture(scope="session")
def rolesanywhere_aws_server() -> Iterator[Emulator]:
    """Start the emulator once, and close it after the last test."""
    with running.start() as emulator:
        yield emulator


@pytest.fixture
def rolesanywhere_aws(rolesanywhere_aws_server: Emulator) -> Emulator:
    """Give the emulator, empty but for its administrator.

    ``boto3.client("s3", **rolesanywhere_aws.client_arguments())`` is a client of it.
    """
    rolesanywhere_aws_server.reset()
    return rolesanywhere_aws_server


@pytest.fixture
def rolesanywhere_aws_environment(
    rolesanywhere_aws: Emulator, monkeypatch: pytest.MonkeyPatch
) -> Emulator:
    """Give the emulator, and let every SDK of this process and its children find it."""
    for name in _OTHER_SOURCES:
        monkeypatch.delenv(name, raising=False)
    for name, value in rolesanywhere_aws.environment.items():
        monkeypatch.setenv(name, value)
    return rolesanywhere_aws
