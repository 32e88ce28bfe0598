"""What the agent prints for SDKs."""

import json
import socket
from pathlib import Path
from selectors import DefaultSelector

import pytest
from tests.unit.agent.desks import Desk

from rolesanywhere.agent.announcement import announce
from rolesanywhere.agent.gate import Gate
from rolesanywhere.agent.options import parse


def test_paths_hold_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever uses them may have been started elsewhere than the agent."""
    monkeypatch.chdir(tmp_path)
    files = ("--token-file", "token", "--credentials-file", "credentials", "--process-dir", "aws")
    options = parse([*files, "--output", "json"])
    with DefaultSelector() as selector, socket.create_server(("127.0.0.1", 0)) as listener:
        gate = Gate("credentials", listener, Desk(), selector=selector, clock=lambda: 0.0)
        announce(options, {"credentials": gate})
        url = gate.url
    assert json.loads(capsys.readouterr().out) == {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{url}/v1/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(tmp_path / "token"),
        "AWS_CONFIG_FILE": str(tmp_path / "aws" / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }
