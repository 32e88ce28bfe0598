"""AWS is away for forty minutes: what a process that serves credentials does meanwhile.

Real processes and the real emulator, whose clock is moved together with the agent's.
"""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.flow.agent_fixtures import has_credentials, wait_for
from tests.flow.agent_process import Agent, MountedSecret, Reply
from tests.flow.emulated_aws import client, leaf
from tests.flow.emulated_session import REGION, World
from tests.flow.moved_clock import MovedClock
from tests.flow.relays import Relay, whole_request

from rolesanywhere.emulator.control.faults import Fault, FaultRule
from rolesanywhere.emulator.running import Emulator

STEP_MINUTES = 4
SESSION_MINUTES = 60
AWAY_MINUTES = 40


class Front(Relay):
    """Dates what the emulator answers by the emulator's clock, as AWS would."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self.calls = 0
        super().__init__()

    def serve(self, client: socket.socket) -> None:
        """Carry one request and its answer."""
        self.calls += 1
        request = whole_request(client).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
        url = urlsplit(self._emulator.url)
        with socket.create_connection((str(url.hostname), url.port or 0), 5) as backend:
            backend.sendall(request)
            answer = b""
            while data := backend.recv(65536):
                answer += data
        head, _, body = answer.partition(b"\r\n\r\n")
        lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"date:")]
        date = format_datetime(self._emulator.clock.now(), usegmt=True)
        client.sendall(b"\r\n".join([*lines, b"Date: " + date.encode(), b"", body]))


@dataclass
class Day:
    """An agent and its AWS, and the one clock of both."""

    agent: Agent
    emulator: Emulator
    front: Front
    clock: MovedClock

    def pass_minutes(self, minutes: int) -> Iterator[Reply]:
        """Let time pass; gives what the agent says after each step, having done what was due."""
        for _ in range(minutes // STEP_MINUTES):
            step = timedelta(minutes=STEP_MINUTES)
            self.emulator.clock.advance(step)
            self.clock.advance(step.total_seconds())
            self.agent.ask()  # wakes it up: it starts what is due by now before it sleeps again
            wait_for(lambda: self.agent.is_asleep() and self._children() == 0)
            yield self.agent.ask()

    def _children(self) -> int:
        number = len(self.agent.children())
        assert number <= 1
        return number

    def is_known_to_aws(self, reply: Reply) -> bool:
        """Tell whether AWS takes these credentials now; it refuses expired ones."""
        given = reply.json
        keys = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["Token"],
        }
        identity = client(self.emulator, "sts", keys).get_caller_identity()
        return ":assumed-role/reader/" in identity["Arn"]


@pytest.fixture
def day(tmp_path: Path, emulator: Emulator) -> Iterator[Day]:
    arns = World(emulator).attempt().arns
    front = Front(emulator)
    endpoint = f"http://127.0.0.1:{front.port}"
    secret = MountedSecret(tmp_path / "orders", endpoint)
    configuration = json.loads((secret.root / "agent.json").read_text())
    text = json.dumps({**configuration, **arns, "region": REGION}).encode()
    made = leaf()
    secret.rotate(tls_key=made.key_pem, tls_crt=made.pem, agent_json=text)
    clock = MovedClock(tmp_path)
    agent = Agent(tmp_path, "--identity-dir", str(secret.root), wrapper=clock.wrapper)
    with closing(front), closing(agent):
        agent.until(has_credentials)
        yield Day(agent, emulator, front, clock)


@pytest.mark.parametrize(
    "away_from", [pytest.param(12, id="back in time"), pytest.param(32, id="back too late")]
)
def test_aws_may_be_away_for_forty_minutes(day: Day, away_from: int) -> None:
    """The last good session is served to its end, then 503 says why; AWS back, all is well."""
    first = day.agent.ask().json["AccessKeyId"]
    for reply in day.pass_minutes(away_from):
        assert reply.json["AccessKeyId"] == first
    day.emulator.faults.add(FaultRule(fault=Fault.UNAVAILABLE, service="rolesanywhere"))
    before = day.front.calls
    for step, reply in enumerate(day.pass_minutes(AWAY_MINUTES), 1):
        if away_from + step * STEP_MINUTES < SESSION_MINUTES:
            assert reply.json["AccessKeyId"] == first
            assert day.is_known_to_aws(reply)
        else:
            assert reply.status == 503
            assert reply.json["code"] == "AWSUnavailable"
            assert "the credentials expired: " in reply.json["message"]
    assert 1 < day.front.calls - before <= AWAY_MINUTES
    day.emulator.faults.reset()
    (reply,) = day.pass_minutes(STEP_MINUTES)
    assert reply.json["AccessKeyId"] != first
    assert day.is_known_to_aws(reply)
