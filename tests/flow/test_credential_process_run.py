"""``rolesanywhere credential-process`` as a process: what it prints, keeps, and says."""

import fcntl
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.flow.agent_process import key_and_certificate
from tests.flow.credential_process import Files, Run, Terminal, encrypt
from tests.flow.scripted_aws import ROLE_ARN, ScriptedAws, granted, granted_when_fresh, refused


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
    assert '"AccessKeyId":"ASIAFIRST"' in done.stdout, "as Go writes it: scripts grep"
    assert aws.problems == []


def test_a_second_run_asks_nobody(run: Run, aws: ScriptedAws) -> None:
    """Twenty AWS CLI commands are one CreateSession."""
    first, second = run(), run("--debug")
    assert second.stdout == first.stdout
    assert "from cache" in second.stderr
    assert len(aws.requests) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("--debug",),
        ("--with-proxy",),
        ("--no-cache=false",),
        ("--pkcs8-password", "from the password's hash in a file's name it could be guessed"),
    ],
)
def test_what_is_no_input_makes_no_other_session(
    run: Run, aws: ScriptedAws, words: tuple[str, ...]
) -> None:
    """AWS is not told of it; and what is kept tells nothing of a password."""
    first = run()
    assert run(*words).stdout == first.stdout
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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_ENDPOINT_URL_ROLESANYWHERE", "http://127.0.0.1:9"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("AWS_USE_FIPS_ENDPOINT", "true"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
    ],
)
def test_whom_we_ask_makes_another_session(
    run: Run, aws: ScriptedAws, name: str, value: str
) -> None:
    """Nobody is given an emulator's session for AWS's own, or the other way round."""
    run()
    assert run(**{name: value}).returncode == 0
    assert len(aws.requests) == 2


def test_the_aws_config_file_may_say_whom_to_ask(
    run: Run, tmp_path: Path, aws: ScriptedAws
) -> None:
    """The line that runs us stands in it; once it says something else, that is another session."""
    config = tmp_path / "config"
    text = "[default]\nuse_fips_endpoint = false\n[profile work]\nendpoint_url = "
    config.write_text(text + aws.url)
    environment = {"AWS_CONFIG_FILE": str(config), "AWS_PROFILE": "work"}
    for _ in range(2):
        assert run("--endpoint=", **environment).returncode == 0
    assert len(aws.requests) == 1
    config.write_text(text + "http://127.0.0.1:1")
    assert run("--endpoint=", **environment).returncode == 4
    config.write_text("use_fips_endpoint = true\n")
    done = run("--endpoint=", **environment)
    assert (done.returncode, f"{config} is no AWS config" in done.stderr) == (2, True)


def test_other_intermediates_are_another_session(
    run: Run, aws: ScriptedAws, tmp_path: Path
) -> None:
    """While the file is what it was nobody is asked again."""
    path = tmp_path / "chain.pem"
    path.write_bytes(key_and_certificate("ca")[1])
    for _ in range(2):
        assert run("--intermediates", str(path)).returncode == 0
    assert len(aws.requests) == 1
    os.utime(path, (0, 0))
    assert run("--intermediates", str(path)).returncode == 0
    assert len(aws.requests) == 2


def test_a_new_certificate_is_another_session(run: Run, aws: ScriptedAws, files: Files) -> None:
    """The old one may have been replaced for a reason."""
    run()
    files.rotate()
    assert run().returncode == 0
    certificates = {dict(request.headers)["X-Amz-X509"] for request in aws.requests}
    assert len(certificates) == 2


def test_a_session_that_grows_old_is_replaced(run: Run, aws: ScriptedAws) -> None:
    """Earlier than the SDKs' own windows, so that they do not run it for every call."""
    aws.then(granted("ASIAOLD"), granted("ASIANEW"))
    run()
    run.age(left=1200)
    assert json.loads(run().stdout)["AccessKeyId"] == "ASIANEW"
    assert json.loads(run().stdout)["AccessKeyId"] == "ASIANEW"
    assert len(aws.requests) == 2


def test_a_wrong_clock_is_corrected(run: Run, aws: ScriptedAws) -> None:
    """As SDKs do: signed again with AWS's time; the cache counts by it too."""
    aws.ahead = timedelta(minutes=10)
    aws.then(granted_when_fresh)
    done = run()
    assert (done.returncode, len(aws.requests)) == (0, 2)
    end, kept = datetime.fromisoformat(json.loads(done.stdout)["Expiration"]), run.kept()
    assert end.timestamp() - kept.until == pytest.approx(600, abs=60)
    assert kept.until - kept.refresh_at == pytest.approx(1200, abs=2), "for all runs alike"


def test_a_clock_ahead_keeps_nothing_beyond_its_end(run: Run, aws: ScriptedAws) -> None:
    """Once the clock is set back, that session is over: nobody is given it from the cache."""
    aws.ahead = timedelta(hours=-8)
    stale = refused(403, "RequestTimeTooSkewed", "Signature not yet current")
    aws.then(stale, granted("ASIAOLD", seconds=-7 * 3600), granted("ASIANEW"))
    assert json.loads(run().stdout)["AccessKeyId"] == "ASIAOLD"
    aws.ahead = timedelta()
    assert json.loads(run().stdout)["AccessKeyId"] == "ASIANEW"


def test_a_key_of_another_certificate_is_not_sent(run: Run, aws: ScriptedAws, files: Files) -> None:
    """AWS would only say that the signature is invalid."""
    files.key.write_bytes(key_and_certificate()[0])
    done = run()
    assert done.returncode == 1
    assert "the private key is not the certificate's" in done.stderr
    assert aws.requests == []


def test_empty_flags_are_none(run: Run, aws: ScriptedAws, tmp_path: Path) -> None:
    """As in the helper: scripts give them with variables that may be empty, or an empty file."""
    (tmp_path / "none.pem").touch()
    words = ("--region", "", "--role-session-name=", "--pkcs8-password=", "--intermediates")
    assert run(*words, "").returncode == 0
    assert run("--no-cache=1", *words, str(tmp_path / "none.pem")).returncode == 0
    first, second = aws.requests
    assert first.body == second.body == b'{"durationSeconds":3600}'
    assert aws.problems == []


def test_an_encrypted_key_is_opened(run: Run, files: Files, tmp_path: Path) -> None:
    """By a password on the command line, as the helper has it, or better in a file."""
    encrypt(files.key, b"open sesame")
    (tmp_path / "password").write_text("open sesame\n")
    for words in (
        ("--pkcs8-password", "open sesame"),
        ("--password-file", str(tmp_path / "password")),
    ):
        assert run("--no-cache", *words).returncode == 0


def test_a_comment_asks_for_no_password(run: Run, files: Files) -> None:
    """A key is encrypted when its own lines say so, not when somebody's note has the word."""
    files.key.write_bytes(b"no longer ENCRYPTED\n" + files.key.read_bytes())
    assert run().returncode == 0


def test_without_a_password_or_a_terminal_it_ends(run: Run, files: Files) -> None:
    """It says what to give; nobody waits for nobody."""
    encrypt(files.key, b"open sesame")
    done = run()
    assert done.returncode == 1
    assert "the private key is encrypted: give --password-file" in done.stderr


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal()
    yield made
    made.close()


def test_who_types_a_password_holds_up_nobody(
    run: Run, aws: ScriptedAws, files: Files, terminal: Terminal
) -> None:
    """Others with the same inputs ask meanwhile; then their session is the answer here too."""
    encrypt(files.key, b"open sesame")
    process = run.start(terminal=terminal)
    terminal.wait_for(b"Password of the private key: ")
    done = run("--pkcs8-password", "open sesame")
    assert done.returncode == 0
    terminal.type(b"open sesame")
    assert process.communicate(timeout=10) == (done.stdout, "")
    assert len(aws.requests) == 1


def test_a_password_that_was_typed_opens_the_key(
    run: Run, aws: ScriptedAws, files: Files, terminal: Terminal
) -> None:
    """It is not shown."""
    encrypt(files.key, b"open sesame")
    process = run.start(terminal=terminal)
    terminal.wait_for(b"Password of the private key: ")
    terminal.type(b"open sesame")
    out, err = process.communicate(timeout=10)
    assert ("ASIAFIRST" in out, err, len(aws.requests)) == (True, "", 1)
    assert b"sesame" not in terminal.shown


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--trust-anchor-arn", "x"), "'x' is not the ARN of a trust anchor"),
        (("--profile-arn", "arn:aws:rolesanywhere:us-east-1:1:profile/p"), "both must be in one"),
        ((), "is no AWS config"),
    ],
)
def test_nobody_types_a_password_for_nothing(
    run: Run, files: Files, terminal: Terminal, words: tuple[str, ...], message: str
) -> None:
    """What is wrong with the flags, or with the AWS config file, is said before."""
    encrypt(files.key, b"open sesame")
    config = files.key.with_name("config")
    config.write_text("" if words else "use_fips_endpoint = true\n")
    process = run.start(*words, terminal=terminal, AWS_CONFIG_FILE=str(config))
    out, err = process.communicate(timeout=40)
    assert (process.returncode, out, message in err) == (2, "", True)


def test_with_a_session_kept_nobody_is_asked_for_a_password(
    run: Run, aws: ScriptedAws, files: Files, terminal: Terminal
) -> None:
    """It is printed until its end; who wants to know why is told."""
    encrypt(files.key, b"open sesame")
    first = run("--pkcs8-password", "open sesame")
    run.age(left=1200)
    out, err = run.start("--debug", terminal=terminal).communicate(timeout=10)
    assert (out, len(aws.requests)) == (first.stdout, 1)
    assert "the private key is encrypted: give --password-file" in err
    assert "from cache" in err


def test_at_a_terminal_people_are_told(run: Run, aws: ScriptedAws, terminal: Terminal) -> None:
    """What else is said with ``--debug`` alone: no SDK reads a terminal."""
    first = run()
    run.age(left=1200)
    aws.then(refused(403, "AccessDeniedException", "no"))
    out, _ = run.start(stderr=terminal.descriptor).communicate(timeout=40)
    assert out == first.stdout
    terminal.wait_for(b"printing the last session, until its end: AWS refused")


def test_the_cache_is_private(run: Run) -> None:
    """In the user's cache folder, for nobody else to read."""
    run()
    assert run.cache.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in run.cache.iterdir()} == {0o600}


@pytest.mark.parametrize(("mode", "named"), [(0o777, True), (0o1777, False)])
def test_a_cache_that_others_can_write_to_is_not_used(
    run: Run, aws: ScriptedAws, mode: int, *, named: bool
) -> None:
    """A lock that somebody holds there holds up nobody; who wants to know is told."""
    words = ("--cache-dir", str(run.cache)) if named else ()
    run(*words)
    run.age(left=-1)
    run.cache.chmod(mode)
    (lock,) = run.cache.glob("*.lock")
    with lock.open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert run(*words).stderr == ""
        done = run(*words, "--debug")
    assert (done.returncode, len(aws.requests)) == (0, 3)
    assert f"others can write to {run.cache}; give another --cache-dir" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
def test_root_leaves_nothing_in_a_home_of_another_user(run: Run) -> None:
    """It works all the same, and who wants to know is told."""
    os.chown(run.cache.parents[1], 1000, -1)
    done = run("--debug")
    assert done.returncode == 0
    assert f"{run.cache.parents[1]} is another user's; give another --cache-dir" in done.stderr
    assert not run.cache.parent.exists()


def test_without_a_home_there_is_no_cache(run: Run, aws: ScriptedAws) -> None:
    """It works all the same."""
    assert [run(HOME="").returncode for _ in range(2)] == [0, 0]
    assert len(aws.requests) == 2
