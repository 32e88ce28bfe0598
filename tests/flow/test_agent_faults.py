"""What may go wrong, row by row: never an empty 200, never a crash, never two exchanges at once."""

import os
import resource
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from tests.flow.agent_fixtures import Start, has_credentials, wait_for
from tests.flow.agent_process import Agent, MountedSecret, Reply, key_and_certificate
from tests.flow.moved_clock import MovedClock
from tests.flow.scripted_aws import (
    Behaviour,
    Handler,
    ScriptedAws,
    granted,
    granted_when_fresh,
    hang,
    raw,
    refused,
    reset,
)

GRANT = b'{"credentialSet": [{"assumedRoleUser": {"arn": "a"}, "credentials": %b}]}'
KEY_AWAY_SECONDS = 5
KEY, CERTIFICATE = key_and_certificate()
CROWD = 80  # more than the second port has places
ROLES = "/latest/meta-data/iam/security-credentials/"
TOKEN_SECONDS = "x_aws_ec2_metadata_token_ttl_seconds"
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
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop, and check what must never be."""
        self._over.set()
        self.join()
        for reply in self.replies:
            assert reply.status in (200, 503)
            if reply.status == 200:
                assert all(reply.json[key] for key in ("AccessKeyId", "SecretAccessKey", "Token"))
        assert self.most_children <= 1
        assert self.agent.process.poll() is None


class Scene:
    """One agent for all rows, and what it depends on. Each row begins with good credentials."""

    def __init__(self, folder: Path) -> None:
        self.aws = ScriptedAws()
        self.secret = MountedSecret(folder / "orders", self.aws.url)
        self.agent = Agent(folder, "--identity-dir", str(self.secret.root))
        self._number = 0

    def close(self) -> None:
        """End it."""
        with closing(self.aws), closing(self.agent):
            assert self.agent.process.poll() is None

    def recover(self, *first: Behaviour) -> str:
        """Let AWS do ``first``, then grant; put a good certificate in place.

        Gives the access key that is to be seen.
        """
        self._number += 1
        key = f"ASIA{self._number}"
        self.aws.then(*first, granted(key))
        self.secret.rotate()
        return key

    def log_has(self, words: str) -> bool:
        """Tell whether the log says so."""
        return any(words in line.get("message", "") for line in self.agent.log)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with closing(Scene(tmp_path_factory.mktemp("scene"))) as running:
        running.agent.until(has_credentials)
        yield running


@pytest.fixture
def witness(scene: Scene) -> Iterator[Witness]:
    """Ask all the time; at the end every reply must have been good."""
    watching = Witness(scene.agent)  # of good credentials: each row ends with some
    yield watching
    key = scene.recover()
    wait_for(lambda: sees(watching, key))
    watching.stop()
    assert {reply.status for reply in watching.replies} == {200}


def sees(witness: Witness, key: str) -> bool:
    return bool(witness.replies) and witness.replies[-1].json.get("AccessKeyId") == key


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
def test_a_fault_of_aws_at_a_refresh(scene: Scene, witness: Witness, fault: Behaviour) -> None:
    """Clients notice nothing: the last good session is served, and then the next."""
    before = len(scene.aws.requests)
    scene.aws.then(fault)
    scene.secret.rotate()
    wait_for(lambda: len(scene.aws.requests) > before)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"tls_crt": key_and_certificate()[1]}, "do not belong together"),
        ({"tls_key": b""}, "is not readable PEM"),
        ({"tls_crt": b"-----BEGIN CERTIFICATE-----\n"}, "no readable PEM certificate"),
        (
            {"tls_key": KEY, "tls_crt": CERTIFICATE + CERTIFICATE[:-9]},
            "ends in the middle of a certificate",
        ),
        ({"agent_json": b'{"name": '}, "is not an agent's configuration"),
    ],
)
def test_a_bad_generation_is_skipped_and_said(
    scene: Scene, witness: Witness, files: dict[str, bytes], words: str
) -> None:
    """The old session lives on and AWS is not asked; the next generation is used."""
    before = len(scene.aws.requests)
    scene.secret.rotate(**files)
    wait_for(lambda: scene.log_has(words))
    assert len(scene.aws.requests) == before


def test_a_key_that_is_away_for_five_seconds(scene: Scene, witness: Witness) -> None:
    """Plain files are replaced one by one: between two of them there is no pair."""
    folder = scene.secret.root / "..data"
    key, certificate = key_and_certificate()
    away = time.monotonic()
    asked = len(scene.aws.requests)
    (folder / "tls.key").unlink()
    wait_for(lambda: scene.log_has("tls.key cannot be read"))
    (folder / "tls.crt").write_bytes(certificate)
    wait_for(lambda: time.monotonic() > away + KEY_AWAY_SECONDS)
    assert len(scene.aws.requests) == asked
    scene.aws.then(granted("ASIANEW"))
    (folder / "tls.key").write_bytes(key)
    wait_for(lambda: sees(witness, "ASIANEW"))


def test_a_new_key_may_be_of_another_kind(scene: Scene, witness: Witness) -> None:
    """The algorithm is the certificate's each time: from EC to RSA and back."""
    key, certificate = key_and_certificate(kind="RSA")
    scene.aws.then(granted("ASIARSA"))
    scene.secret.rotate(tls_key=key, tls_crt=certificate)
    wait_for(lambda: sees(witness, "ASIARSA"))
    assert "AWS4-X509-RSA-SHA256" in dict(scene.aws.requests[-1].headers)["Authorization"]
    assert scene.aws.problems == []


def test_changed_arns_take_effect(scene: Scene, witness: Witness) -> None:
    """Configuration travels with the certificate: nobody has to be restarted."""
    other = (scene.secret.root / "agent.json").read_bytes().replace(b"profile/p", b"profile/q")
    scene.aws.then(granted("ASIAQ"))
    scene.secret.rotate(agent_json=other)
    wait_for(lambda: sees(witness, "ASIAQ"))
    assert "profile%2Fq" in scene.aws.requests[-1].query


def test_aws_is_down_at_the_start(start: Start, aws: ScriptedAws, secret: MountedSecret) -> None:
    """Nobody listens: the reply names the endpoint; when AWS is there all is well."""
    there = (secret.root / "agent.json").read_bytes()
    secret.rotate(agent_json=there.replace(aws.url.encode(), b"http://127.0.0.1:9"))
    agent = start()
    agent.until(lambda reply: b"no answer from http://127.0.0.1:9" in reply.body)
    secret.rotate()
    agent.until(has_credentials)


def test_many_identities_take_turns(start: Start, tmp_path: Path, aws: ScriptedAws) -> None:
    """Two exchanges are started at a time, and those that wait for AWS hold up nobody for long."""
    more = [MountedSecret(tmp_path / f"more{number}", aws.url) for number in range(3)]
    came: list[float] = []

    def note_and_hang(handler: Handler) -> None:
        came.append(time.monotonic())
        hang(handler)

    aws.then(note_and_hang)
    agent = start(*(word for each in more for word in ("--identity-dir", str(each.root))))
    assert came[2] - came[1] > 1.5  # the first two had three seconds from their start
    assert len(aws.requests) == len(agent.children()) == 4  # the gates opened after five seconds
    aws.then(granted())
    for pid in agent.children():
        os.kill(pid, signal.SIGKILL)
    paths = [f"{agent.path}/{each}" for each in ("orders", *(one.root.name for one in more))]
    wait_for(lambda: all(agent.ask(path).status == 200 for path in paths), seconds=20)
    assert len(aws.requests) == 2 * len(paths)


def test_aws_hangs_at_a_refresh(start: Start, aws: ScriptedAws, secret: MountedSecret) -> None:
    """Clients notice nothing."""
    agent = start()
    agent.until(has_credentials)
    aws.then(hang)
    secret.rotate()
    wait_for(lambda: len(aws.requests) == 2)
    assert [agent.ask().status for _ in range(20)] == [200] * 20
    assert len(agent.children()) == 1


def test_an_expired_certificate_is_named(
    start: Start, aws: ScriptedAws, secret: MountedSecret
) -> None:
    """AWS only says AccessDenied; the reply says what to renew."""
    key, certificate = key_and_certificate(days=-1)
    secret.rotate(tls_key=key, tls_crt=certificate)
    aws.then(refused(403, "AccessDeniedException", "Untrusted certificate"))
    start().until(lambda reply: b"the certificate expired at" in reply.body)


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


def test_a_fast_clock_ends_no_session(start: Start, aws: ScriptedAws) -> None:
    """It is past each session's end already, and AWS's is not: that counts."""
    fast = timedelta(minutes=90)
    aws.ahead = -fast
    aws.then(granted(seconds=3600 - fast.total_seconds()))
    agent = start()
    agent.until(has_credentials)
    assert len(aws.requests) == 1


def test_a_wall_clock_that_is_set_ends_nothing(
    tmp_path: Path, start: Start, aws: ScriptedAws
) -> None:
    """Sessions last as long as time passes; set ahead it makes the agent ask AWS, for it may have.

    It is not set here to where an SDK would take the session for over.
    """
    clock = MovedClock(tmp_path)
    agent = start(wrapper=clock.wrapper)
    key = agent.until(has_credentials).json["AccessKeyId"]
    clock.set_wall(-2 * 3600)
    agent.ask()  # wakes it up: it starts what is due by now before it sleeps again
    wait_for(agent.is_asleep)
    assert agent.ask().json["AccessKeyId"] == key
    assert (agent.children(), len(aws.requests)) == ([], 1)
    aws.then(hang)
    clock.set_wall(1800)
    wait_for(lambda: len(aws.requests) == 2)
    assert agent.ask().json["AccessKeyId"] == key


@pytest.mark.parametrize(
    "ahead", [timedelta(), timedelta(days=-1)], ids=["by a right date", "by a wrong date"]
)
def test_what_the_machine_slept_through_is_nowhere(
    tmp_path: Path, start: Start, aws: ScriptedAws, ahead: timedelta
) -> None:
    """A pause that uptime does not count shows by the wall clock alone: in no way is it given."""
    clock = MovedClock(tmp_path)
    aws.ahead = ahead
    aws.then(granted(), hang)
    folder = tmp_path / "made"
    ports = ("--imds-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0")
    agent = start(*ports, "--process-dir", str(folder), wrapper=clock.wrapper)
    agent.until(has_credentials)
    token = agent.metadata("/latest/api/token", "PUT", **{TOKEN_SECONDS: "60"}).body.decode()
    wait_for(lambda: agent.admin("/readyz").status == 200)
    assert (folder / "orders.json").exists()
    clock.set_wall(3600)
    assert agent.ask().status == 503
    for path in (ROLES, f"{ROLES}orders"):
        assert agent.metadata(path, x_aws_ec2_metadata_token=token).status == 503
    wait_for(lambda: not (folder / "orders.json").exists())
    assert agent.admin("/readyz").status == 503
    wait_for(lambda: len(aws.requests) == 2)


@pytest.mark.parametrize("days", [-1, 1])
def test_a_gateways_wrong_date_makes_nothing_last(
    start: Start, aws: ScriptedAws, days: int
) -> None:
    """A proxy that opens TLS may date what it passes on: what AWS granted ends when it ends."""
    aws.ahead = timedelta(days=days)
    aws.then(granted(seconds=7), raw(500, b""))
    agent = start()
    agent.until(has_credentials)
    end = agent.until(lambda reply: reply.status == 503, seconds=9)
    assert "the credentials expired" in end.json["Message"]


@pytest.fixture
def serving(scene: Scene) -> Agent:
    return scene.agent


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


def test_slow_clients_in_all_places_of_the_second_port(start: Start) -> None:
    """Whoever comes again as soon as he is cut keeps no kubelet waiting for a second."""
    agent = start("--admin-listen", "127.0.0.1:0")
    host, port = agent.environment["ROLESANYWHERE_ADMIN_URL"].removeprefix("http://").split(":")
    over = threading.Event()

    def crowd_in() -> None:
        while not over.is_set():
            with socket.create_connection((host, int(port)), 10) as client:
                client.sendall(b"GET / HT")
                client.settimeout(0.5)
                with suppress(OSError):
                    client.recv(1)

    with ThreadPoolExecutor(CROWD) as pool:
        for _ in range(CROWD):
            pool.submit(crowd_in)
        time.sleep(0.3)  # for all of them to have come
        begin = time.monotonic()
        statuses = [agent.admin("/healthz").status for _ in range(5)]
        taken = time.monotonic() - begin
        over.set()
    assert statuses == [200] * 5
    assert taken < 5


def test_the_second_port_has_places_of_its_own(start: Start) -> None:
    """A few: who crowds it takes no more of the descriptors than that, and keeps nobody out."""
    agent = start("--admin-listen", "127.0.0.1:0")
    host, port = agent.environment["ROLESANYWHERE_ADMIN_URL"].removeprefix("http://").split(":")
    crowd = [socket.create_connection((host, int(port)), 10) for _ in range(CROWD)]
    for client in crowd:
        client.sendall(b"GET / HT")
    assert agent.metrics()['open_connections{endpoint="admin"}'] <= 64
    for client in crowd:
        client.close()


def test_out_of_descriptors(start: Start) -> None:
    """A crowd beyond what the process may open: no crash, no hot loop, and then all is well."""
    agent = start()
    agent.until(has_credentials)
    resource.prlimit(agent.process.pid, resource.RLIMIT_NOFILE, (40, 40))
    used = agent.cpu_seconds()
    crowd = [socket.create_connection((agent.host, agent.port), 10) for _ in range(60)]
    for client in crowd:
        client.sendall(b"GET / HT")
    time.sleep(0.5)
    assert agent.cpu_seconds() - used < 0.2
    for client in crowd:
        client.close()
    assert agent.ask().status == 200


def test_descriptors_are_back(start: Start) -> None:
    """Whoever waited outside is let in at once, not when the files are looked at again."""
    agent = start("--poll", "5")
    agent.until(has_credentials)
    wait_for(agent.is_asleep)
    before = resource.prlimit(agent.process.pid, resource.RLIMIT_NOFILE)
    opened = len(list(Path(f"/proc/{agent.process.pid}/fd").iterdir()))
    resource.prlimit(agent.process.pid, resource.RLIMIT_NOFILE, (opened, before[1]))
    client = agent.connect()
    client.request("GET", agent.path)
    time.sleep(0.3)
    resource.prlimit(agent.process.pid, resource.RLIMIT_NOFILE, before)
    back = time.monotonic()
    assert client.getresponse().status == 401
    assert time.monotonic() - back < 2
    client.close()


def test_the_log_and_the_folder_hold_no_credentials(serving: Agent) -> None:
    """After all this."""
    folder = Path(serving.token_file).parent
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert b"secret-of-" not in path.read_bytes()
