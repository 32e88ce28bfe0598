"""``rolesanywhere serve`` and ``update``: the Go helper's commands, by the agent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.flow.agent_fixtures import wait_for
from tests.flow.agent_process import arrives, key_and_certificate
from tests.flow.credential_process import AT_TERMINAL, Terminal, encrypt
from tests.flow.scripted_aws import ROLE_ARN, ScriptedAws, granted, refused

ACCOUNT = "arn:aws:rolesanywhere:eu-west-1:111122223333"
CALL = "import sys; from rolesanywhere.cli.main import main; main()"

Begin = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    key, certificate = key_and_certificate()
    (tmp_path / "key.pem").write_bytes(key)
    (tmp_path / "certificate.pem").write_bytes(certificate)
    paths = (str(tmp_path / "certificate.pem"), str(tmp_path / "key.pem"))
    return ["--certificate", paths[0], "--private-key", paths[1]]


@pytest.fixture
def begin(tmp_path: Path, aws: ScriptedAws, files: list[str]) -> Iterator[Begin]:
    processes = []

    def run(command: str, *words: str, terminal: Terminal | None = None) -> subprocess.Popen[str]:
        arns = ["--trust-anchor-arn", f"{ACCOUNT}:trust-anchor/a"]
        arns += ["--profile-arn", f"{ACCOUNT}:profile/p", "--role-arn", ROLE_ARN]
        call = [CALL] if terminal is None else [f"{AT_TERMINAL}\n{CALL}", terminal.name]
        process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [
                *(sys.executable, "-c", *call, command, *files, *arns),
                *("--endpoint", aws.url, *words),
            ],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": os.pathsep.join(sys.path),
                "HOME": str(tmp_path),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        processes.append(process)
        return process

    yield run
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=5)


def test_an_encrypted_keys_password_is_asked_for(
    tmp_path: Path, begin: Begin, files: list[str], aws: ScriptedAws
) -> None:
    """Once, at the terminal; it is read for each session, and stands in no file and no argument."""
    encrypt(Path(files[3]), b"open sesame")
    terminal = Terminal()
    process = begin("update", terminal=terminal)
    terminal.wait_for(b"Password of the private key: ")
    terminal.type(b"wrong")
    terminal.wait_for(b"It does not open the key. ")
    terminal.type(b"open sesame")
    credentials = tmp_path / ".aws" / "credentials"
    wait_for(lambda: credentials.exists() and "ASIAFIRST" in credentials.read_text())
    Path(files[1]).touch()
    wait_for(lambda: len(aws.requests) == 2)
    assert aws.problems == []
    assert b"sesame" not in Path(f"/proc/{process.pid}/cmdline").read_bytes() + terminal.shown
    terminal.close()


def test_who_is_asked_may_interrupt(begin: Begin, files: list[str]) -> None:
    """As at a shell: without a traceback."""
    encrypt(Path(files[3]), b"open sesame")
    terminal = Terminal()
    process = begin("serve", "--port", "0", terminal=terminal)
    terminal.wait_for(b"Password of the private key: ")
    terminal.type(b"\x03")
    _, log = process.communicate(timeout=20)
    assert (process.returncode, "Traceback" in log) == (130, False)
    terminal.close()


def test_nobody_to_ask_is_an_error(begin: Begin, files: list[str]) -> None:
    """Serving nothing, for ever, would be no answer."""
    encrypt(Path(files[3]), b"open sesame")
    process = begin("serve", "--port", "0")
    _, log = process.communicate(timeout=20)
    assert (process.returncode, "give --password-file" in log) == (1, True)


def printed(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Give the variable and the address that ``serve`` prints."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("export AWS_EC2_METADATA_SERVICE_ENDPOINT='http://127.0.0.1:")
    name, _, value = line.removeprefix("export ").strip().partition("=")
    return name, value.strip("'")


def test_serve_is_found_by_boto3(begin: Begin) -> None:
    """By the line it prints, as with the helper."""
    name, url = printed(begin("serve", "--port", "0"))
    code = (
        "from botocore.session import Session; "
        "print(Session().get_credentials().get_frozen_credentials().access_key)"
    )

    def found() -> bool:
        done = subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", code],
            env={"PATH": os.environ["PATH"], name: url},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout == "ASIAFIRST\n"

    wait_for(found)


@pytest.mark.parametrize(("words", "hops"), [((), 64), (("--hop-limit", "3"), 3)])
def test_replies_of_serve_pass_routers(begin: Begin, words: tuple[str, ...], hops: int) -> None:
    """As many as the helper's, unless asked otherwise."""
    _, url = printed(begin("serve", "--port", "0", *words))
    assert arrives(url, hops=hops)
    assert not arrives(url, hops=hops + 1, seconds=0.5)


def test_update_keeps_the_profile_fresh(tmp_path: Path, begin: Begin, aws: ScriptedAws) -> None:
    """In the home folder, the last line included, which the helper loses."""
    path = tmp_path / ".aws" / "credentials"
    path.parent.mkdir()
    path.write_text("[foo]\naws_access_key_id = old\nregion = us-east-1\n")
    aws.then(granted("ASIAOLD", seconds=4), granted("ASIANEW"))
    begin("update", "--profile", "foo")
    wait_for(lambda: "ASIANEW" in path.read_text())
    assert path.read_text().startswith("[foo]\naws_access_key_id = ASIANEW\n")
    assert path.read_text().endswith("region = us-east-1\n")
    assert "default" not in path.read_text()


def test_a_short_session_is_no_tight_loop(tmp_path: Path, begin: Begin, aws: ScriptedAws) -> None:
    """The helper asked AWS 378 times in two seconds for a session below five minutes."""
    aws.then(granted(seconds=60))
    begin("update")
    wait_for((tmp_path / ".aws" / "credentials").exists)
    time.sleep(1)  # for many more, did it not wait
    assert len(aws.requests) == 1


def test_update_once_ends(tmp_path: Path, begin: Begin) -> None:
    """With the file written."""
    assert begin("update", "--once").wait(timeout=10) == 0
    assert "ASIAFIRST" in (tmp_path / ".aws" / "credentials").read_text()


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        ((), 3, "AWS refused CreateSession"),
        (("--certificate", "/nowhere"), 4, "/nowhere cannot be read"),
        (("--endpoint", "ftp://x"), 2, "the endpoint 'ftp://x' is not a URL"),
    ],
)
def test_update_once_does_not_wait_for_people(
    begin: Begin, aws: ScriptedAws, words: tuple[str, ...], status: int, message: str
) -> None:
    """As the helper: whoever typed it sees at once what to mend."""
    aws.then(refused(403, "AccessDeniedException", "no"))
    process = begin("update", "--once", *words)
    _, log = process.communicate(timeout=20)
    assert process.returncode == status
    assert message in log
    assert len(aws.requests) <= 1


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        ("[default]\nendpoint_url = {url}\n", 0, "credentials-refreshed"),
        ("[default]\nuse_fips_endpoint = yes\n", 2, "AWS_USE_FIPS_ENDPOINT is 'yes'"),
        ("use_fips_endpoint = true\n", 2, "config is no AWS config"),
    ],
)
def test_the_aws_config_file_says_whom_to_ask(
    tmp_path: Path, begin: Begin, aws: ScriptedAws, text: str, status: int, message: str
) -> None:
    """As it does for the helper."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(text.format(url=aws.url))
    process = begin("update", "--once", "--endpoint=")
    _, log = process.communicate(timeout=20)
    assert (process.returncode, message in log) == (status, True), log


def test_update_once_rides_out_an_error(begin: Begin, aws: ScriptedAws) -> None:
    """Three attempts are the helper's; it has a minute of them."""
    aws.then(refused(503, "ServiceUnavailableException", "later"), granted())
    assert begin("update", "--once").wait(timeout=20) == 0


def test_update_rides_out_an_error(tmp_path: Path, begin: Begin, aws: ScriptedAws) -> None:
    """The helper ends at the first."""
    aws.then(refused(503, "ServiceUnavailableException", "later"), granted())
    begin("update")
    wait_for((tmp_path / ".aws" / "credentials").exists)
