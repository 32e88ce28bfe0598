"""``rolesanywhere credential-process`` when things go wrong: how often it asks, what it says."""

import signal
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from ssl import DER_cert_to_PEM_cert

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from tests.flow.agent_fixtures import wait_for
from tests.flow.credential_process import Files, Run
from tests.flow.scripted_aws import (
    Behaviour,
    Handler,
    ScriptedAws,
    granted,
    hang,
    raw,
    refused,
    reset,
)

DENIED = refused(403, "AccessDeniedException", "no")
BUSY = refused(429, "TooMany", "slow", {"Retry-After": "1"})
BUSY_FOR_LONG = refused(429, "TooMany", "slow", {"Retry-After": "25"})
# Python tells of each connection that is about to be made
TELL_PATIENCE = """
import sys
tell = lambda made: sys.stderr.write(f"waits {made.gettimeout()} seconds\\n")
sys.addaudithook(lambda event, about: event == "socket.connect" and tell(about[0]))
"""


@pytest.mark.parametrize(
    "fault", [refused(503, "ServiceUnavailableException", "x"), BUSY, reset, raw(500, b"")]
)
def test_one_fault_is_ridden_out(run: Run, aws: ScriptedAws, fault: Behaviour) -> None:
    """As the helper does: an AWS CLI command does not fail by one lost answer."""
    aws.then(fault, granted())
    assert run().returncode == 0
    assert len(aws.requests) == 2


@pytest.mark.parametrize(
    ("fault", "requests"), [(DENIED, 1), (raw(500, b""), 3), (BUSY_FOR_LONG, 1)]
)
def test_it_asks_three_times_and_a_refusal_once(
    run: Run, aws: ScriptedAws, fault: Behaviour, requests: int
) -> None:
    """Who was refused would be refused again; nor is there a wait beyond the 25 seconds it has."""
    aws.then(fault)
    run()
    assert len(aws.requests) == requests


def test_three_waits_for_aws_fit_into_its_time(run: Run, aws: ScriptedAws) -> None:
    """Which is 25 seconds: the first answer that is lost does not use it up."""
    aws.then(raw(500, b""))
    _, err = run.start(first=TELL_PATIENCE).communicate(timeout=40)
    assert err.count("waits 8.0 seconds\n") == len(aws.requests) == 3


def dribble(handler: Handler) -> None:
    """Answer a byte now and then, for ever: no single wait is long."""
    with suppress(OSError):  # nobody reads it any more
        while not handler.aws.closing.wait(0.5):
            handler.wfile.write(b"H")


def test_with_a_session_kept_a_slow_aws_has_eight_seconds(run: Run, aws: ScriptedAws) -> None:
    """However it is slow; then the kept session is printed."""
    first = run()
    run.age(left=1200)
    aws.then(dribble)
    done = run("--debug")
    assert (done.returncode, done.stdout, len(aws.requests)) == (0, first.stdout, 2)
    assert "no answer from AWS within 8 seconds" in done.stderr


@pytest.mark.parametrize(("left", "status"), [(1200, 0), (61.5, 0), (50, 4), (-1, 4)])
def test_the_last_good_session_outlives_a_failure(
    run: Run, aws: ScriptedAws, left: float, status: int
) -> None:
    """While AWS is away what was granted is good until its end, and not a moment longer."""
    run()
    run.age(left=left)
    aws.then(raw(500, b""))
    done = run()
    assert done.returncode == status
    assert ("ASIAFIRST" in done.stdout) is (status == 0)
    assert ("AWS could not answer" in done.stderr) is (status != 0)


@pytest.mark.parametrize(("stream", "status"), [("stdout", 1), ("stderr", 0)])
def test_the_last_good_session_needs_no_standard_error(
    run: Run, aws: ScriptedAws, stream: str, status: int
) -> None:
    """Under a parent that closes descriptors; where it cannot be printed, that is an error."""
    run()
    run.age(left=1200)
    aws.then(DENIED)
    process = run.start("--debug", first=f"import sys; sys.{stream} = None")
    out, err = process.communicate(timeout=20)
    assert (process.returncode, "ASIAFIRST" in out) == (status, status == 0), err


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


@pytest.mark.parametrize(("fault", "words"), [(DENIED, "AWS refused"), (raw(500, b""), "answer")])
def test_with_a_session_kept_a_failure_is_remembered(
    run: Run, aws: ScriptedAws, fault: Behaviour, words: str
) -> None:
    """The next runs print the session at once and ask nobody; people may hear why.

    Not beside each answer: there are SDKs that read both as one.
    """
    run()
    run.age(left=1200)
    aws.then(fault)
    for _ in range(2):
        assert words in run("--debug").stderr
        done = run()
        assert "ASIAFIRST" in done.stdout
        assert done.stderr == ""
    assert len(aws.requests) == 2


def slow_fault(handler: Handler) -> None:
    time.sleep(1)
    raw(500, b"")(handler)


def test_who_waited_for_a_failure_shares_it(run: Run, aws: ScriptedAws) -> None:
    """One of them asks three times; the others do not ask one after the other."""
    aws.then(slow_fault)
    processes = [run.start() for _ in range(4)]
    errors = {process.communicate(timeout=40)[1] for process in processes}
    assert {process.returncode for process in processes} == {4}
    assert len(errors) == 1
    assert len(aws.requests) == 3


@pytest.mark.parametrize(
    ("words", "environment"),
    [
        (("--endpoint", "https://aws.invalid"), {"AWS_CA_BUNDLE": "/nowhere"}),
        (("--endpoint", "https://aws.invalid"), {"HTTPS_PROXY": "ftp://proxy"}),
        (("--endpoint=",), {"AWS_ENDPOINT_URL": "x"}),
        (("--endpoint=", "--region", "no region"), {}),
    ],
)
def test_a_mistake_here_is_no_refusal(
    run: Run, words: tuple[str, ...], environment: dict[str, str]
) -> None:
    """Status 2: AWS was not asked."""
    done = run(*words, **environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


def certificate(key: Ed25519PrivateKey, *, serial: int) -> bytes:
    """Give DER."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "orders")])
    end = datetime.now(UTC) + timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), serial, end - timedelta(2), end)
    return builder.sign(key, None).public_bytes(Encoding.DER)


def test_beside_credentials_a_library_says_nothing(
    run: Run, aws: ScriptedAws, tmp_path: Path
) -> None:
    """It warns of a serial number of 0, which some CAs have: there are SDKs that read both as one.

    Nobody here looks at the certificate's signature.
    """
    version = bytes.fromhex("a003020102")
    one, zero = version + bytes.fromhex("020101"), version + bytes.fromhex("020100")
    der = certificate(Ed25519PrivateKey.generate(), serial=1).replace(one, zero)
    (tmp_path / "chain.pem").write_text(DER_cert_to_PEM_cert(der))
    done = run("--intermediates", str(tmp_path / "chain.pem"))
    assert (done.returncode, done.stderr, len(aws.requests)) == (0, "", 1)


def test_a_key_aws_does_not_take_is_no_refusal(run: Run, aws: ScriptedAws, files: Files) -> None:
    """Status 1, as for any key that will not do: nobody was asked."""
    key = Ed25519PrivateKey.generate()
    files.certificate.write_bytes(DER_cert_to_PEM_cert(certificate(key, serial=7)).encode())
    files.key.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )
    done = run()
    assert (done.returncode, done.stdout, aws.requests) == (1, "", [])
    assert "Roles Anywhere takes RSA, EC and ML-DSA keys only" in done.stderr


def test_ctrl_c_ends_it_without_a_trace(run: Run, aws: ScriptedAws) -> None:
    """Whoever pressed it knows why; and the next run has its turn at once."""
    aws.then(hang, granted())
    ours = signal.signal(signal.SIGINT, signal.default_int_handler)  # an ignored one is inherited
    process = run.start()
    signal.signal(signal.SIGINT, ours)
    wait_for(lambda: len(aws.requests) == 1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=5)
    assert (process.returncode, out, err) == (130, "", "")
    assert run().returncode == 0


def test_a_process_with_a_key_is_secluded(run: Run, aws: ScriptedAws) -> None:
    """As the agent's processes: no core dump, and what else ``seclude`` does."""
    aws.then(hang)
    process = run.start()
    wait_for(lambda: len(aws.requests) == 1)
    limits = Path(f"/proc/{process.pid}/limits").read_text()
    process.kill()
    process.communicate()
    (line,) = (each for each in limits.splitlines() if each.startswith("Max core file size"))
    assert line.split()[4:6] == ["0", "0"]


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (("--certificate", "/nowhere"), 1, "/nowhere cannot be read: No such file"),
        (("--private-key", "/nowhere"), 1, "/nowhere cannot be read: No such file"),
        (("--region",), 2, "--region lacks its value"),
        (("--trust-anchor-arn", "x"), 2, "'x' is not the ARN of a trust anchor"),
        (("--endpoint", "ftp://x"), 2, "the endpoint 'ftp://x' is not a URL"),
        (("--debug=yes",), 2, "--debug=yes is neither true nor false"),
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
