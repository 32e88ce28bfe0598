"""What the agent prints for SDKs."""

import json
import socket
from pathlib import Path

import pytest
from tests.unit.agent.desks import Desk

from rolesanywhere.agent.announcement import announce
from rolesanywhere.agent.gate import Gate
from rolesanywhere.agent.options import parse
from rolesanywhere.agent.poller import Poller
from rolesanywhere.agent.server import listen


def test_paths_hold_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever uses them may have been started elsewhere than the agent."""
    monkeypatch.chdir(tmp_path)
    files = ("--token-file", "token", "--credentials-file", "credentials", "--process-dir", "aws")
    options = parse([*files, "--output", "json"])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        gate = Gate("credentials", listener, Desk(), poller=Poller(), clock=lambda: 0.0)
        announce(options, {"credentials": gate})
        url = gate.url
    assert json.loads(capsys.readouterr().out) == {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{url}/v1/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(tmp_path / "token"),
        "AWS_CONFIG_FILE": str(tmp_path / "aws" / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }


@pytest.mark.parametrize(("host", "shown"), [("0.0.0.0", "127.0.0.1"), ("::", "[::1]")])  # noqa: S104 - what is shown for it
def test_of_all_addresses_one_is_told(
    host: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that whoever reads it can connect to."""
    with listen(host, 0) as listener:
        port = listener.getsockname()[1]
        gate = Gate("admin", listener, Desk(), poller=Poller(), clock=lambda: 0.0)
        announce(parse(["--no-endpoint", "--output", "json"]), {"admin": gate})
    assert json.loads(capsys.readouterr().out) == {
        "ROLESANYWHERE_ADMIN_URL": f"http://{shown}:{port}"
    }
