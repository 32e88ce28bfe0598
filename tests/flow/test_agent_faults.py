"""What may go wrong, row by row: never an empty 200, never a crash, never two exchanges at once."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.flow.agent_fixtures import Start, has_credentials, wait_for
from tests.flow.agent_process import Agent, MountedSecret, Reply, key_and_certificate
from tests.flow.scripted_aws import (
    Behaviour,
    ScriptedAws,
    granted,
    granted_when_fresh,
    hang,
    raw,
    refused,
    reset,
)

GRANT = b'{"credentialSet": [{"assumedRoleUser": {"arn": "a"}, "credentials": %b}]}'
EMPTY = b'{"accessKeyId": "", "secretAccessKey": "", "sessionToken": "", "expiration": ""}'


class Witness(threading.Thread):
    """Asks all the time, and remembers what it was told."""

    def __init__(self, agent: Agent) -> None:
        super().__init__(daemon=True)
        self.agent = agent
        self.replies: list[Reply] = []
        self.most_children = 0
        self._over = threading.Event()
        self.start()

    def run(self) -> None:
        """Ask until told to stop."""
        while not self._over.is_set():
            self.replies.append(self.agent.ask())
            self.most_children = max(self.most_children, len(self.agent.children()))
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop, and check what must never be."""
        self._over.set()
        self.join()
        for reply in self.replies:
            assert reply.status in (200, 503)
            if reply.status == 200:
                assert all(reply.json[key] for key in ("AccessKeyId", "SecretAccessKey", "Token"))
                assert datetime.fromisoformat(reply.json["Expiration"]) > datetime.now(
                    UTC
                ) - timedelta(seconds=1)
        assert self.most_children <= 1
        assert self.agent.process.poll() is None


@pytest.fixture
def witnessed(start: Start) -> Iterator[Callable[[], Witness]]:
    witnesses = []

    def run() -> Witness:
        witnesses.append(Witness(start()))
        return witnesses[-1]

    yield run
    for witness in witnesses:
        witness.stop()


def saw(witness: Witness, status: int) -> bool:
    return any(reply.status == status for reply in witness.replies)


@pytest.mark.parametrize(
    "fault",
    [
        refused(403, "AccessDeniedException", "Untrusted signing certificate"),
        refused(429, "TooManyRequestsException", "slow", {"Retry-After": "1"}),
        refused(503, "ServiceUnavailableException", "later"),
        raw(201, b"<html>captive portal</html>"),
        raw(200, b""),
        raw(201, b'{"credentialSet": []}'),
        raw(201, GRANT % EMPTY),
        raw(201, b"\xff" * 2000),
        granted(seconds=-60),
        reset,
    ],
)
def test_a_fault_of_aws_at_the_start_and_later(
    witnessed: Callable[[], Witness], aws: ScriptedAws, secret: MountedSecret, fault: Behaviour
) -> None:
    """503 with a reason, then good credentials; a fault at a refresh takes nothing away."""
    aws.then(fault, granted("ASIAONE"), fault, granted("ASIATWO"))
    witness = witnessed()
    wait_for(lambda: saw(witness, 503))
    secret.rotate()  # a new certificate: no need to sit out a refusal's wait
    wait_for(lambda: saw(witness, 200))
    first = len(witness.replies)
    secret.rotate()
    wait_for(lambda: len(aws.requests) >= 3)
    secret.rotate()
    wait_for(lambda: witness.replies[-1].json.get("AccessKeyId") == "ASIATWO")
    assert all(reply.status == 200 for reply in witness.replies[first:])


def test_aws_is_down_at_the_start(
    witnessed: Callable[[], Witness], aws: ScriptedAws, secret: MountedSecret
) -> None:
    """Nobody listens: the reply names the endpoint; when AWS is there all is well."""
    away = ScriptedAws()
    away.close()
    secret.rotate(agent_json=(secret.root / "agent.json").read_bytes().replace(
        aws.url.encode(), away.url.encode()))  # fmt: skip
    witness = witnessed()
    wait_for(lambda: any(b"no answer from" in reply.body for reply in witness.replies))
    secret.rotate()
    wait_for(lambda: saw(witness, 200))


def test_aws_hangs_at_a_refresh(
    witnessed: Callable[[], Witness], aws: ScriptedAws, secret: MountedSecret
) -> None:
    """Clients notice nothing."""
    witness = witnessed()
    wait_for(lambda: saw(witness, 200))
    aws.then(hang)
    secret.rotate()
    wait_for(lambda: len(aws.requests) == 2)
    before = len(witness.replies)
    wait_for(lambda: len(witness.replies) > before + 20)
    assert all(reply.status == 200 for reply in witness.replies[before:])


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"tls_crt": key_and_certificate()[1]}, "do not belong together"),
        ({"tls_key": b""}, "is not readable PEM"),
        ({"tls_key": key_and_certificate()[0][:100]}, "is not readable PEM"),
        ({"tls_crt": b"-----BEGIN CERTIFICATE-----\n"}, "no readable PEM certificate"),
        ({"agent_json": b'{"name": '}, "is not an agent's configuration"),
    ],
)
def test_a_bad_generation_is_skipped_and_said(
    witnessed: Callable[[], Witness],
    aws: ScriptedAws,
    secret: MountedSecret,
    files: dict[str, bytes],
    words: str,
) -> None:
    """The old session lives on, AWS is not asked, and the next generation is used."""
    witness = witnessed()
    wait_for(lambda: saw(witness, 200))
    before = len(witness.replies)
    secret.rotate(**files)
    wait_for(lambda: any(words in line.get("message", "") for line in witness.agent.log))
    assert len(aws.requests) == 1
    aws.then(granted("ASIANEW"))
    secret.rotate()
    wait_for(lambda: witness.replies[-1].json.get("AccessKeyId") == "ASIANEW")
    assert all(reply.status == 200 for reply in witness.replies[before:])


def test_a_key_that_is_away_for_a_while(
    witnessed: Callable[[], Witness], aws: ScriptedAws, secret: MountedSecret
) -> None:
    """Plain files are replaced one by one: between two of them there is no pair."""
    witness = witnessed()
    wait_for(lambda: saw(witness, 200))
    folder = secret.root / "..data"
    key, certificate = key_and_certificate()
    (folder / "tls.key").unlink()
    wait_for(lambda: any("tls.key cannot be read" in str(line) for line in witness.agent.log))
    (folder / "tls.crt").write_bytes(certificate)
    aws.then(granted("ASIANEW"))
    (folder / "tls.key").write_bytes(key)
    wait_for(lambda: witness.replies[-1].json.get("AccessKeyId") == "ASIANEW")


def test_an_expired_certificate_is_named(
    witnessed: Callable[[], Witness], aws: ScriptedAws, secret: MountedSecret
) -> None:
    """AWS only says AccessDenied; the reply says what to renew."""
    key, certificate = key_and_certificate(days=-1)
    secret.rotate(tls_key=key, tls_crt=certificate)
    aws.then(refused(403, "AccessDeniedException", "Untrusted certificate"))
    witness = witnessed()
    wait_for(lambda: any(b"the certificate expired at" in reply.body for reply in witness.replies))


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_wrong_clock_is_corrected_and_told(start: Start, aws: ScriptedAws, minutes: int) -> None:
    """Credentials come all the same, and the log and the numbers say what is wrong."""
    aws.ahead = timedelta(minutes=minutes)
    aws.then(granted_when_fresh)
    agent = start("--admin-listen", "127.0.0.1:0")
    agent.until(has_credentials)
    told = next(line for line in agent.log if line["event"] == "clock-is-wrong")
    assert float(told["secondsBehindAws"]) == pytest.approx(minutes * 60, abs=5)
    assert agent.metrics()['clock_skew_seconds{identity="orders"}'] == pytest.approx(
        minutes * 60, abs=5
    )


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    folder = tmp_path_factory.mktemp("agent")
    aws = ScriptedAws()
    secret = MountedSecret(folder / "orders", aws.url)
    agent = Agent(folder, "--identity-dir", str(secret.root))
    agent.until(has_credentials)
    yield agent
    assert agent.process.poll() is None
    agent.close()
    aws.close()


def test_five_hundred_clients_at_once(serving: Agent) -> None:
    """All of them are answered, in a few seconds, well."""
    clients = [socket.create_connection((serving.host, serving.port), 10) for _ in range(500)]
    token = serving.token_file.read_text()
    head = f"GET {serving.path} HTTP/1.0\r\nAuthorization: {token}\r\n\r\n".encode()
    for client in clients:
        client.settimeout(10)
        client.sendall(head)
    answers = Counter(client.recv(65536)[:12] for client in clients)
    for client in clients:
        client.close()
    assert answers == {b"HTTP/1.1 200": 500}


def test_a_thousand_wrong_tokens(serving: Agent) -> None:
    """Each is refused alike; the right one still opens."""
    with ThreadPoolExecutor(4) as pool:
        replies = pool.map(lambda number: serving.ask(token=f"{number:064d}"), range(1000))
        assert Counter(reply.status for reply in replies) == {403: 1000}
    assert serving.ask().status == 200


def test_a_megabyte_of_headers(serving: Agent) -> None:
    """It is cut off early, and the client can read why."""
    with socket.create_connection((serving.host, serving.port), 5) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * (1 << 20))
        assert client.recv(65536).startswith(b"HTTP/1.1 431 ")
    assert serving.ask().status == 200


def test_slow_clients_in_all_places(serving: Agent) -> None:
    """Three hundred half requests keep nobody else waiting for more than a second or two."""
    crowd = [socket.create_connection((serving.host, serving.port), 10) for _ in range(300)]
    try:
        for client in crowd:
            client.sendall(b"GET / HT")
        begin = time.monotonic()
        assert serving.ask().status == 200
        assert time.monotonic() - begin < 3
    finally:
        for client in crowd:
            client.close()


def test_the_log_and_the_folder_hold_no_credentials(serving: Agent) -> None:
    """After all this."""
    folder = Path(serving.token_file).parent
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert b"secret-of-" not in path.read_bytes()
