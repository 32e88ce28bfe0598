"""The agent's endpoint as a server: framing, bounds, deadlines, and nobody waits for anybody."""

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.flow.agent_process import Agent, MountedSecret
from tests.flow.scripted_aws import ScriptedAws


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """Give an agent that has credentials."""
    folder = tmp_path_factory.mktemp("agent")
    aws = ScriptedAws()
    secret = MountedSecret(folder / "orders", aws.url)
    with closing(aws), closing(Agent(folder, "--identity-dir", str(secret.root))) as running:
        running.until(lambda reply: reply.status == 200)
        yield running


def raw_exchange(agent: Agent, data: bytes) -> bytes:
    """Send bytes and read until the server closes."""
    with socket.create_connection((agent.host, agent.port), timeout=8) as client:
        client.sendall(data)
        return b"".join(iter(lambda: client.recv(65536), b""))


def token_of(agent: Agent) -> str:
    return agent.token_file.read_text()


def request(agent: Agent, *lines: str) -> bytes:
    token = f"Authorization: {token_of(agent)}"
    head = (f"GET {agent.path} HTTP/1.1", "Host: agent", token, *lines)
    return "\r\n".join((*head, "", "")).encode()


def test_a_connection_is_kept_alive(agent: Agent) -> None:
    """SDKs may ask again on the same connection."""
    connection = agent.connect()
    connection.connect()
    ours = connection.sock
    for _ in range(3):
        connection.request("GET", agent.path, headers={"Authorization": token_of(agent)})
        reply = connection.getresponse()
        assert (reply.status, reply.read() != b"") == (200, True)
        assert connection.sock is ours, "the server closed, the client opened another"
    connection.close()


def test_pipelined_requests_are_all_answered(agent: Agent) -> None:
    """In order, the last one with a goodbye."""
    answer = raw_exchange(agent, request(agent) * 2 + request(agent, "Connection: close"))
    assert answer.count(b"HTTP/1.1 200 ") == 3
    assert answer.count(b"AccessKeyId") == 3


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_only_get_is_answered(agent: Agent, method: str) -> None:
    """Anything else is 405 and names what is allowed."""
    reply = agent.ask(method=method)
    assert (reply.status, reply.headers["Allow"]) == (405, "GET")
    assert reply.json["Code"] == "MethodNotAllowed"


def test_head_has_no_body(agent: Agent) -> None:
    """A reply to HEAD ends with its headers."""
    token = agent.token_file.read_text()
    head = f"HEAD / HTTP/1.1\r\nHost: agent\r\nAuthorization: {token}\r\nConnection: close\r\n\r\n"
    answer = raw_exchange(agent, head.encode())
    assert answer.startswith(b"HTTP/1.1 405 ")
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("token", "status"), [("wrong", 403), ("", 403), ("x" * 4000, 403), ("caf\u00e9", 403)]
)
def test_a_wrong_token_gets_nothing(agent: Agent, token: str, status: int) -> None:
    """No part of the credentials, whatever the guess."""
    reply = agent.ask(token=token)
    assert reply.status == status
    assert b"ASIA" not in reply.body


def test_no_token_is_unauthorized(agent: Agent) -> None:
    """The message names the variable that is not set."""
    connection = agent.connect()
    connection.request("GET", agent.path)
    reply = connection.getresponse()
    assert reply.status == 401
    assert b"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" in reply.read()
    connection.close()


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 9000, b"431"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000, b"413"),
    ],
)
def test_malformed_requests_are_refused_and_cut(agent: Agent, data: bytes, status: bytes) -> None:
    """One reply in the shape SDKs read, then the connection ends."""
    answer = raw_exchange(agent, data)
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert b'"Code"' in answer


def test_a_small_body_is_ignored(agent: Agent) -> None:
    """It is read, so that the next request on the connection is understood."""
    with_body = request(agent, "Content-Length: 5") + b"hello"
    answer = raw_exchange(agent, with_body + request(agent, "Connection: close"))
    assert answer.count(b"HTTP/1.1 200 ") == 2


def test_many_idle_connections_lock_nobody_out(agent: Agent) -> None:
    """When all places are taken the one that waited longest gives way."""
    crowd = [socket.create_connection((agent.host, agent.port)) for _ in range(300)]
    try:
        for client in crowd:
            client.sendall(request(agent))
        assert agent.ask().status == 200
        status = Path(f"/proc/{agent.process.pid}/fd")
        assert len(list(status.iterdir())) < 280
    finally:
        for client in crowd:
            client.close()


def test_a_client_that_resets_harms_nobody(agent: Agent) -> None:
    """A connection may end in the middle of anything."""
    for data in (b"", b"GET / HT", request(agent)):
        client = socket.create_connection((agent.host, agent.port))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.sendall(data)
        client.close()
    assert agent.ask().status == 200
