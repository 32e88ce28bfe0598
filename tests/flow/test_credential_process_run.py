"""``rolesanywhere credential-process`` as a process: what it prints, keeps, and says."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from tests.flow.agent_process import key_and_certificate
from tests.flow.scripted_aws import (
    ROLE_ARN,
    Behaviour,
    ScriptedAws,
    granted,
    granted_when_fresh,
    raw,
    refused,
)

ACCOUNT = "arn:aws:rolesanywhere:eu-west-1:111122223333"
CALL = "import sys; from rolesanywhere.cli.main import main; main()"
DENIED = refused(403, "AccessDeniedException", "no")

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


class Files:
    """Key and certificate as a person keeps them."""

    def __init__(self, folder: Path) -> None:
        self.key, self.certificate = folder / "key.pem", folder / "certificate.pem"
        self.rotate()

    def rotate(self) -> None:
        """Write new ones."""
        key, certificate = key_and_certificate()
        self.key.write_bytes(key)
        self.certificate.write_bytes(certificate)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


@pytest.fixture
def run(tmp_path: Path, aws: ScriptedAws, files: Files) -> Run:
    def call(*words: str, **environment: str) -> Done:
        given = [
            *("--certificate", str(files.certificate), "--private-key", str(files.key)),
            *("--trust-anchor-arn", f"{ACCOUNT}:trust-anchor/a"),
            *("--profile-arn", f"{ACCOUNT}:profile/p", "--role-arn", ROLE_ARN),
            *("--endpoint", aws.url, *words),
        ]
        return subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", CALL, "credential-process", *given],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": os.pathsep.join(sys.path),
                "HOME": str(tmp_path),
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
            start_new_session=True,  # no terminal: nobody can be asked for a password
        )

    return call


def test_it_prints_what_sdks_read(run: Run, aws: ScriptedAws) -> None:
    """The five keys, a version that is a number, nothing behind them."""
    done = run()
    document = json.loads(done.stdout)
    end = datetime.fromisoformat(document.pop("Expiration"))
    assert timedelta(minutes=59) < end - datetime.now(UTC) < timedelta(minutes=61)
    assert document == {
        "Version": 1,
        "AccessKeyId": "ASIAFIRST",
        "SecretAccessKey": "secret-of-ASIAFIRST",
        "SessionToken": "token-of-ASIAFIRST",
    }
    assert done.stdout.endswith("}")
    assert aws.problems == []


def test_a_second_run_asks_nobody(run: Run, aws: ScriptedAws) -> None:
    """Twenty AWS CLI commands are one CreateSession."""
    first, second = run(), run("--debug")
    assert second.stdout == first.stdout
    assert "from cache" in second.stderr
    assert len(aws.requests) == 1


def test_runs_started_together_ask_once(run: Run, aws: ScriptedAws) -> None:
    """The first one asks, the others wait for its answer."""
    with ThreadPoolExecutor(6) as pool:
        dones = list(pool.map(lambda _: run(), range(6)))
    assert {done.returncode for done in dones} == {0}
    assert len({done.stdout for done in dones}) == 1
    assert len(aws.requests) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("--role-arn", f"{ROLE_ARN}-2"),
        ("--session-duration", "7200"),
        ("--role-session-name", "me"),
        ("--no-cache",),
    ],
)
def test_other_inputs_are_another_session(
    run: Run, aws: ScriptedAws, words: tuple[str, ...]
) -> None:
    """Nobody is given the session of another role, duration or name."""
    run()
    assert run(*words).returncode == 0
    assert len(aws.requests) == 2


def test_a_new_certificate_is_another_session(run: Run, aws: ScriptedAws, files: Files) -> None:
    """The old one may have been replaced for a reason."""
    run()
    files.rotate()
    assert run().returncode == 0
    certificates = {dict(request.headers)["X-Amz-X509"] for request in aws.requests}
    assert len(certificates) == 2


def age(folder: Path, *, left: float) -> None:
    """Make what is kept due for its successor, with so many seconds left."""
    (path,) = (each for each in folder.iterdir() if each.suffix != ".lock")
    answer = path.read_bytes().partition(b"\n")[2]
    path.write_bytes(f"{time.time() - 1} {time.time() + left}\n".encode() + answer)


def test_a_session_that_grows_old_is_replaced(run: Run, aws: ScriptedAws, tmp_path: Path) -> None:
    """Earlier than the SDKs' own windows, so that they do not run it for every call."""
    aws.then(granted("ASIAOLD"), granted("ASIANEW"))
    run()
    age(tmp_path / ".cache" / "rolesanywhere", left=1200)
    assert json.loads(run().stdout)["AccessKeyId"] == "ASIANEW"
    assert json.loads(run().stdout)["AccessKeyId"] == "ASIANEW"
    assert len(aws.requests) == 2


@pytest.mark.parametrize(("left", "status"), [(1200, 0), (61.5, 0), (50, 4), (-1, 4)])
def test_the_last_good_session_outlives_a_failure(
    run: Run, aws: ScriptedAws, tmp_path: Path, left: float, status: int
) -> None:
    """While AWS is away what was granted is good until its end, and not a moment longer."""
    run()
    age(tmp_path / ".cache" / "rolesanywhere", left=left)
    aws.then(raw(500, b""))
    done = run()
    assert done.returncode == status
    assert ("ASIAFIRST" in done.stdout) is (status == 0)
    assert "AWS could not answer" in done.stderr


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        (DENIED, 3, "AWS refused CreateSession for"),
        (refused(400, "ValidationException", "bad"), 3, "ValidationException: bad"),
        (refused(429, "TooMany", "slow"), 4, "AWS throttled CreateSession"),
        (raw(500, b""), 4, "AWS could not answer"),
        (raw(201, b'{"credentialSet": []}'), 4, "its credentialSet is empty"),
    ],
)
def test_a_failure_prints_nothing_and_says_why(
    run: Run, aws: ScriptedAws, fault: Behaviour, status: int, words: str
) -> None:
    """SDKs show standard error to people."""
    aws.then(fault)
    done = run()
    assert (done.returncode, done.stdout) == (status, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_failure_is_not_kept(run: Run, aws: ScriptedAws) -> None:
    """The next run asks again."""
    aws.then(DENIED, granted())
    assert run().returncode == 3
    assert run().returncode == 0


def test_a_wrong_clock_is_corrected(run: Run, aws: ScriptedAws) -> None:
    """As SDKs do: signed again with AWS's time; the cache counts by it too."""
    aws.ahead = timedelta(minutes=10)
    aws.then(granted_when_fresh)
    done = run("--debug")
    assert done.returncode == 0
    assert len(aws.requests) == 2


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (("--certificate", "/nowhere"), 1, "/nowhere cannot be read: No such file"),
        (("--private-key", "/nowhere"), 1, "/nowhere cannot be read: No such file"),
        (("--region",), 2, "--region lacks its value"),
        (("--trust-anchor-arn", "x"), 2, "'x' is not the ARN of a trust anchor"),
        (("--endpoint", "ftp://x"), 3, "the endpoint 'ftp://x' is not a URL"),
    ],
)
def test_what_cannot_work_is_said(
    run: Run, aws: ScriptedAws, words: tuple[str, ...], status: int, message: str
) -> None:
    """Before AWS is asked."""
    done = run(*words)
    assert (done.returncode, done.stdout) == (status, "")
    assert message in done.stderr
    assert aws.requests == []


def test_a_key_of_another_certificate_is_not_sent(run: Run, aws: ScriptedAws, files: Files) -> None:
    """AWS would only say that the signature is invalid."""
    files.key.write_bytes(key_and_certificate()[0])
    done = run()
    assert done.returncode == 1
    assert "the private key is not the certificate's" in done.stderr
    assert aws.requests == []


def encrypt(files: Files, password: bytes) -> None:
    key = load_pem_private_key(files.key.read_bytes(), None)
    files.key.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password))
    )


def test_an_encrypted_key_is_opened(run: Run, files: Files, tmp_path: Path) -> None:
    """By a password on the command line, as the helper has it, or better in a file."""
    encrypt(files, b"open sesame")
    (tmp_path / "password").write_text("open sesame\n")
    for words in (
        ("--pkcs8-password", "open sesame"),
        ("--password-file", str(tmp_path / "password")),
    ):
        assert run("--no-cache", *words).returncode == 0


def test_without_a_password_or_a_terminal_it_ends(run: Run, files: Files) -> None:
    """It says what to give; nobody waits for nobody."""
    encrypt(files, b"open sesame")
    done = run()
    assert done.returncode == 1
    assert "the private key is encrypted: give --password-file" in done.stderr


def test_the_cache_is_private(run: Run, tmp_path: Path) -> None:
    """In the user's cache folder, for nobody else to read."""
    run()
    folder = tmp_path / ".cache" / "rolesanywhere"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_without_a_home_there_is_no_cache(run: Run, aws: ScriptedAws) -> None:
    """It works all the same."""
    assert [run(HOME="").returncode for _ in range(2)] == [0, 0]
    assert len(aws.requests) == 2
