"""The agent as a process: what it may hold, how small it is, how it ends."""

import http.client
import os
import shlex
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

import pytest
from tests.flow.agent_fixtures import Start, has_credentials, wait_for
from tests.flow.agent_process import Agent, MountedSecret, Reply, stat_of
from tests.flow.scripted_aws import Handler, ScriptedAws, granted, hang, refused

FORBIDDEN = {
    "asyncio",
    "boto3",
    "botocore",
    "cryptography",
    "dataclasses",
    "datetime",
    "h11",
    "hashlib",
    "_hashlib",
    "hmac",
    "inspect",
    "kopf",
    "kubernetes",
    "logging",
    "msgspec",
    "pathlib",
    "random",
    "ssl",
    "_ssl",
    "subprocess",
}
NEEDED = {
    "LD_LIBRARY_PATH": "/nowhere/lib",
    "SSL_CERT_DIR": "/nowhere/certs",
    "SSL_CERT_FILE": "/nowhere/cert.pem",
}
NOT_NEEDED = {
    "AWS_ACCESS_KEY_ID": "AKIALONGLIVED",
    "AWS_SECRET_ACCESS_KEY": "s3cr3t",
    "AWS_SESSION_TOKEN": "s3cr3t",
    "DATABASE_PASSWORD": "s3cr3t",
    "HTTPS_PROXY": "http://me:s3cr3t@127.0.0.1:9",
    "https_proxy": "http://me:s3cr3t@127.0.0.1:9",
    "LD_PRELOAD": "",
    "PYTHONWARNINGS": "error",
}
COMMAND = str(Path(sys.executable).with_name("rolesanywhere"))
LIBRARIES = ("cryptography/__init__.py", "msgspec/__init__.py")  # of the exchange alone
LARGEST_RESIDENT_KB = 15.5 * 1024
AT_A_TIME = 40  # requests


@pytest.fixture
def agent(start: Start) -> Agent:
    return start()


def with_credentials(agent: Agent) -> Agent:
    agent.until(lambda reply: reply.status == 200)
    return agent


def child_of(agent: Agent) -> Path:
    """Wait for the exchange; gives its folder in /proc."""
    end = time.monotonic() + 5
    while not (children := agent.children()):
        assert time.monotonic() < end, "no exchange was started"
        time.sleep(0.005)
    return Path(f"/proc/{children[0]}")


def waiting_exchange(agent: Agent, aws: ScriptedAws, secret: MountedSecret) -> Path:
    """Have AWS say nothing any more; gives the folder in /proc of the exchange that waits."""
    with_credentials(agent)
    asked = len(aws.requests)
    aws.then(hang)
    secret.rotate()
    child = child_of(agent)
    wait_for(lambda: len(aws.requests) > asked)
    return child


def environment_of(process: Path) -> dict[str, str]:
    pairs = (process / "environ").read_text().rstrip("\0").split("\0")
    return dict(pair.split("=", 1) for pair in pairs)


def is_gone(process: Path) -> bool:
    """Tell whether a process has ended; its parent may not have asked for its status yet."""
    try:
        return stat_of(process)[0] == "Z"
    except OSError:
        return True


def serves(address: str, token: Path) -> bool:
    """Tell whether an agent gives credentials there."""
    connection = http.client.HTTPConnection(address, timeout=5)
    with suppress(OSError), closing(connection):
        connection.request("GET", "/v1/credentials", headers={"Authorization": token.read_text()})
        return has_credentials(Reply(connection.getresponse()))
    return False


def test_no_cryptography_is_mapped(agent: Agent) -> None:
    """The server could not use a private key if it had one."""
    maps = Path(f"/proc/{with_credentials(agent).process.pid}/maps").read_text()
    assert "libpython" in maps or "python" in maps
    for library in ("libcrypto", "libssl", "cryptography", "_hashlib", "msgspec"):
        assert library not in maps


def test_nothing_heavy_is_imported() -> None:
    """Neither directly nor by way of what is imported."""
    roots = "from rolesanywhere.agent.launch import roots; print(roots())"
    where = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", roots], capture_output=True, text=True, check=True
    ).stdout.strip()
    code = (
        "import sys; sys.path[:0] = sys.argv[1].split(':'); import rolesanywhere.agent.main; "
        "print(*sys.modules)"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-I", "-S", "-c", code, where], capture_output=True, text=True, check=True
    )
    imported = set(done.stdout.split())
    assert "rolesanywhere.agent.server" in imported
    assert imported & FORBIDDEN == set()


def resident_kb(agent: Agent) -> int:
    status = Path(f"/proc/{agent.process.pid}/status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(resident.split()[1])


def ask_at_a_stretch(agent: Agent, count: int) -> None:
    """Ask so many times on one connection, some requests at a time."""
    head = f"GET {agent.path} HTTP/1.1\r\nHost: a\r\n"
    request = f"{head}Authorization: {agent.token_file.read_text()}\r\n\r\n".encode()
    address = (agent.host, agent.port)
    with socket.create_connection(address, 5) as client, client.makefile("rb") as replies:
        client.sendall(request)
        reply = client.recv(65536)
        for _ in range(count // AT_A_TIME):
            client.sendall(request * AT_A_TIME)
            assert replies.read(len(reply) * AT_A_TIME) == reply * AT_A_TIME


def test_the_server_is_small_and_stays_so(agent: Agent) -> None:
    """One of these stands beside each pod, for as long as that lives."""
    for _ in range(200):
        with_credentials(agent).ask()
    before = resident_kb(agent)
    assert before <= LARGEST_RESIDENT_KB
    ask_at_a_stretch(agent, 20_000)
    assert resident_kb(agent) < before * 1.05


def test_the_server_never_opens_the_key(start: Start, secret: MountedSecret) -> None:
    """With a pipe for a key whoever opens it hangs: the exchange does, the server goes on."""
    key = secret.root / "..data" / "tls.key"
    key.unlink()
    os.mkfifo(key)
    agent = start()
    child = child_of(agent)
    time.sleep(0.3)
    assert child.exists()
    assert agent.ask().json["Message"] == "there are no credentials yet; AWS is being asked"


def test_the_exchange_shows_nothing(agent: Agent, aws: ScriptedAws, secret: MountedSecret) -> None:
    """No secret in its arguments or environment."""
    child = waiting_exchange(agent, aws, secret)
    seen = (child / "cmdline").read_bytes() + (child / "environ").read_bytes()
    assert b"rolesanywhere.agent.exchange" in seen
    for private in (b"PRIVATE KEY", b"ASIAFIRST", agent.token_file.read_bytes()):
        assert private not in seen


def test_the_exchange_inherits_only_what_it_needs(
    start: Start, aws: ScriptedAws, secret: MountedSecret
) -> None:
    """What its libraries look for; others see no secret there, and no proxy's password."""
    agent = start(environment={**NEEDED, **NOT_NEEDED})
    environment = environment_of(waiting_exchange(agent, aws, secret))
    assert environment == {**NEEDED, "PATH": os.environ["PATH"]}


@pytest.mark.parametrize(
    ("length", "message"),
    [(60_000, None), (100_000, "more than a pipe takes")],
    ids=["all that a pipe takes", "more"],
)
def test_a_long_way_to_aws(start: Start, length: int, message: str | None) -> None:
    """NO_PROXY may name whole networks; what cannot be told is said, and nobody waits for ever."""
    agent = start(environment={"NO_PROXY": "x" * length}, wrapper=("timeout", "20"))
    reply = agent.ask()
    assert reply.status == 200 if message is None else message in reply.json["Message"]


@pytest.mark.parametrize("is_server", [True, False], ids=["server", "exchange"])
def test_no_core_dump_is_left(
    agent: Agent, aws: ScriptedAws, secret: MountedSecret, *, is_server: bool
) -> None:
    """The one holds credentials, the other a key; ``test_agent_confined`` tells of debuggers."""
    child = waiting_exchange(agent, aws, secret)
    process = Path(f"/proc/{agent.process.pid}") if is_server else child
    limits = (process / "limits").read_text().splitlines()
    (core,) = (line for line in limits if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]


def test_an_exchange_dies_with_its_server(
    agent: Agent, aws: ScriptedAws, secret: MountedSecret
) -> None:
    """However the server ends: nobody would read the report."""
    child = waiting_exchange(agent, aws, secret)
    agent.process.kill()
    agent.process.wait()
    wait_for(lambda: is_gone(child), seconds=4)  # AWS would be waited for eight


def test_the_token_file_has_no_newline_and_survives(start: Start) -> None:
    """SDKs refuse a newline; a restarted agent keeps the token they hold, and session tokens."""
    first = start("--imds-listen", "127.0.0.1:0")
    session = first.metadata("/latest/api/token", "PUT", x_aws_ec2_metadata_token_ttl_seconds="9")
    token = first.token_file.read_bytes()
    assert b"\n" not in token
    assert stat.S_IMODE(first.token_file.stat().st_mode) == 0o600
    first.terminate()
    second = start("--imds-listen", "127.0.0.1:0")
    assert second.token_file.read_bytes() == token
    assert second.ask().status in (200, 503)
    held = {"x_aws_ec2_metadata_token": session.body.decode()}
    assert second.metadata("/latest/meta-data/", **held).status == 404


@pytest.mark.parametrize(
    ("number", "is_asking"),
    [(signal.SIGHUP, False), (signal.SIGTERM, True)],
    ids=["idle", "asking"],
)
def test_signals_end_everything_within_a_second(
    start: Start,
    aws: ScriptedAws,
    secret: MountedSecret,
    number: signal.Signals,
    *,
    is_asking: bool,
) -> None:
    """An exchange under way is killed, idle connections are closed, the status is 0."""
    aws.then(granted(), hang)
    wrapper = ("env", "--default-signal=HUP")  # whatever the tests run under
    agent = with_credentials(start(wrapper=wrapper))
    if is_asking:
        secret.rotate()
    child = child_of(agent) if is_asking else None
    with socket.create_connection((agent.host, agent.port)) as idle:
        idle.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert idle.recv(65536).startswith(b"HTTP/1.1 401")
        assert agent.terminate(number) < 1
        assert idle.recv(1) == b""
    assert agent.process.returncode == 0
    assert child is None or not child.exists()
    assert agent.log[-1]["event"] == "stopped"


def test_nohup_outlives_its_terminal(start: Start) -> None:
    """Whoever has a hang-up ignored does not mean the agent to end by it."""
    agent = start(wrapper=("nohup",))
    agent.process.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        agent.process.wait(timeout=0.3)
    with_credentials(agent)


def test_sigterm_before_anybody_was_let_in(
    tmp_path: Path, aws: ScriptedAws, secret: MountedSecret
) -> None:
    """While the first session is awaited: nothing is printed, the exchange is killed."""
    aws.then(hang)
    words = ["--identity-dir", str(secret.root), "--token-file", str(tmp_path / "token")]
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "rolesanywhere.agent", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            wait_for(lambda: len(aws.requests) == 1)
            begin = time.monotonic()
            process.terminate()
            assert process.communicate(timeout=5)[0] == b""
            assert time.monotonic() - begin < 1
        finally:
            process.kill()
    assert process.returncode == 0


@pytest.mark.parametrize(
    "streams",
    [">&-", "2>&-", "<&- >&- 2>&-", ">&0", "2>&0", ">/dev/full", "2>/dev/full", ">/dev/full 2>&1"],
)
def test_nobody_has_to_listen(tmp_path: Path, secret: MountedSecret, streams: str) -> None:
    """Streams that are closed, full, or whose reader is gone: it serves, and ends with status 0."""
    reader, writer = os.pipe()
    os.close(reader)
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = "{}:{}".format(*free.getsockname())
    token = tmp_path / "token"
    words = ["--identity-dir", str(secret.root), "--token-file", str(token), "--listen", address]
    agent = [sys.executable, "-m", "rolesanywhere.agent", *words]
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        ["/bin/sh", "-c", f'exec "$@" {streams}', "sh", *agent],
        stdin=writer,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(writer)
        try:
            wait_for(lambda: serves(address, token))
        finally:
            process.terminate()
    assert process.returncode == 0


def test_ipv6_loopback_is_served(start: Start) -> None:
    """The printed URI has the brackets SDKs need."""
    agent = start("--listen", "[::1]:0")
    assert agent.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"].startswith("http://[::1]:")
    with_credentials(agent)


def test_text_output_is_for_a_shell(tmp_path: Path, secret: MountedSecret) -> None:
    """The lines can be evaluated as they are."""
    token = tmp_path / "it's a $token"
    words = ["--identity-dir", str(secret.root), "--token-file", str(token)]
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-m", "rolesanywhere.agent", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline(), process.stdout.readline()]
        process.terminate()
    assert lines[0].startswith("export AWS_CONTAINER_CREDENTIALS_FULL_URI='http://127.0.0.1:")
    assert shlex.split(lines[1]) == ["export", f"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE={token}"]


def test_a_taken_port_is_told(tmp_path: Path, secret: MountedSecret) -> None:
    """The agent ends with status 1 and one line, not with a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = ["--listen", f"127.0.0.1:{port}", "--token-file", str(tmp_path / "token")]
        done = subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-m", "rolesanywhere.agent", *words],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "Address already in use" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("code", ["AccessDeniedException", None], ids=["refused", "granted"])
def test_the_first_answer_is_worth_having(start: Start, aws: ScriptedAws, code: str | None) -> None:
    """Some SDKs ask once: nobody is let in, nor told where, before AWS has answered."""

    def answer_late(handler: Handler) -> None:
        time.sleep(0.5)
        (granted() if code is None else refused(403, code, "no"))(handler)

    aws.then(answer_late)
    reply = start().ask()
    assert reply.status == 200 if code is None else reply.json["Code"] == "SessionRefused"


def test_children_are_seen_to_end_whatever_the_parent_ignored(start: Start) -> None:
    """A supervisor may have SIGCHLD ignored, which a program inherits."""
    ignoring = "import os,signal,sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); "
    wrapper = [sys.executable, "-c", ignoring + "os.execv(sys.argv[1], sys.argv[1:])"]
    agent = with_credentials(start(wrapper=wrapper))
    agent.terminate()
    assert agent.process.returncode == 0


@pytest.mark.parametrize(
    ("command", "paths"),
    [
        ([COMMAND, "agent"], [*LIBRARIES, "types.py", "json.py", "rolesanywhere/__init__.py"]),
        ([sys.executable, "-m", "rolesanywhere.agent"], LIBRARIES),
    ],
    ids=["program", "module"],
)
def test_code_in_the_working_directory_is_not_run(
    tmp_path: Path, secret: MountedSecret, command: Sequence[str], paths: Sequence[str]
) -> None:
    """It would run beside the private key; a mere `types.py` would stop everything."""
    evil = tmp_path / "evil"
    for path in paths:
        (evil / path).parent.mkdir(parents=True, exist_ok=True)
        (evil / path).write_text("raise SystemExit(66)\n")
    words = ["--identity-dir", str(secret.root), "--process-dir", str(tmp_path / "aws"), "--once"]
    done = subprocess.run(  # noqa: S603 - our own program
        [*command, *words], cwd=evil, capture_output=True, check=False, timeout=30
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "aws" / "orders.json").exists()
