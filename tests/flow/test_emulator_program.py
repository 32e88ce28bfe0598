"""``python -m rolesanywhere.emulator``: what it prints, how it stops, what it keeps."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.flow.emulated_aws import NO_RETRIES
from tests.shared_session import session

from rolesanywhere.emulator.program import main

COMMAND = [sys.executable, "-m", "rolesanywhere.emulator"]
AT_ONCE_SECONDS = 5  # on a machine that is busy with other tests


@contextmanager
def program(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run the program; it is killed if the test does not end it."""
    process = subprocess.Popen(  # noqa: S603 - this Python
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def environment_of(process: subprocess.Popen[str]) -> dict[str, str]:
    """Read the one line of JSON output."""
    assert process.stdout is not None
    line = process.stdout.readline()
    read: dict[str, str] = json.loads(line)
    return read


def client(environment: dict[str, str], service: str) -> Any:  # noqa: ANN401 - boto3 ships no types
    return session().client(
        service,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        config=NO_RETRIES,
    )


def stop(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> float:
    """Send a signal, and give how long the end took."""
    start = time.monotonic()
    process.send_signal(number)
    assert process.wait(10) == 0
    return time.monotonic() - start


def test_what_it_prints_finds_it_and_the_state_is_kept(tmp_path: Path) -> None:
    """The environment works as it is; SIGTERM ends it at once; the next run goes on from there."""
    state = tmp_path / "state.json"
    arguments = ["--port", "0", "--output", "json", "--region", "eu-west-1", "--state", str(state)]
    with program(*arguments) as process:
        environment = environment_of(process)
        assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == "eu-west-1"
        client(environment, "rolesanywhere").create_profile(name="kept", roleArns=[])
        assert stop(process) < AT_ONCE_SECONDS
        assert process.communicate() == ("", "")
    assert state.stat().st_mode & 0o777 == 0o600
    with program(*arguments) as process:
        again = environment_of(process)
        assert again["AWS_SECRET_ACCESS_KEY"] == environment["AWS_SECRET_ACCESS_KEY"]
        (profile,) = client(again, "rolesanywhere").list_profiles()["profiles"]
        assert profile["name"] == "kept"
        assert stop(process, signal.SIGINT) < AT_ONCE_SECONDS


def test_text_is_for_a_shell() -> None:
    """The lines can be sourced, and the last one says that it answers; refusals go to stderr."""
    with program("--port", "0") as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(6)]
        shown = "".join(lines) + "env"
        run = subprocess.run(  # noqa: S603 - a shell, to see it read the lines
            ["/bin/sh", "-c", shown], capture_output=True, text=True, check=True, env={}
        )
        environment = dict(line.split("=", 1) for line in run.stdout.splitlines())
        assert lines[-1].startswith("# ready: AWS account 123456789012 answers at http://127.0.0.1")
        client({**os.environ, **environment}, "sts").get_caller_identity()
        forged = {**environment, "AWS_SECRET_ACCESS_KEY": "forged"}
        with pytest.raises(Exception, match="SignatureDoesNotMatch"):
            client(forged, "iam").list_roles()
        stop(process)
        _, errors = process.communicate()
        assert "iam:ListRoles refused: SignatureDoesNotMatch" in errors
        assert environment["AWS_SECRET_ACCESS_KEY"] not in errors


def test_a_taken_port_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 1, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        status = main(["--account", "444455556666", "--port", str(taken.getsockname()[1])])
    assert (status, "choose another --port" in capsys.readouterr().err) == (1, True)


@pytest.mark.parametrize(
    ("text", "words"), [("[]", "holds no state"), ("{", "no JSON"), ("{}", "no state of account")]
)
def test_a_state_that_is_none_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    """Exit status 1, and the file stays as it is."""
    state = tmp_path / "state.json"
    state.write_text(text)
    status = main(["--account", "444455556666", "--port", "0", "--state", str(state)])
    assert (status, words in capsys.readouterr().err) == (1, True)
    assert state.read_text() == text


def test_what_is_missing_is_told() -> None:
    """Without the extra the program names what to install."""
    code = (
        "import runpy, sys; sys.modules['moto'] = None; "
        "runpy.run_module('rolesanywhere.emulator', run_name='__main__')"
    )
    run = subprocess.run(  # noqa: S603 - this Python
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=20
    )
    assert (run.returncode, "[emulator]" in run.stderr) == (1, True)
