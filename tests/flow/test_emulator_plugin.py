"""The pytest plugin, used by another project's tests in a process of its own."""

import subprocess
import sys
from pathlib import Path

CONFTEST = 'pytest_plugins = ["rolesanywhere.emulator.pytest_plugin"]\n'
TESTS = """
import os
import boto3

def test_client(rolesanywhere_aws):
    anywhere = boto3.client("rolesanywhere", **rolesanywhere_aws.client_arguments())
    anywhere.create_profile(name="mine", roleArns=[])
    assert rolesanywhere_aws.journal.counts["rolesanywhere:CreateProfile"] == 1

def test_environment(rolesanywhere_aws_environment):
    assert boto3.client("rolesanywhere").list_profiles()["profiles"] == []
    assert "AWS_SESSION_TOKEN" not in os.environ

def test_nothing_is_left():
    assert "AWS_ENDPOINT_URL" not in os.environ
"""


def test_another_project_s_tests(tmp_path: Path) -> None:
    """A client, an environment, and an empty account for each test."""
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_mine.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    run = subprocess.run(  # noqa: S603 - this Python
        command,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"AWS_SESSION_TOKEN": "somebody's"},
    )
    assert "3 passed" in run.stdout, run.stdout
