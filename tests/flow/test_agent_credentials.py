"""The agent from a mounted Secret to an SDK: granted, refused, rotated, expired."""

import stat
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.flow.agent_fixtures import Start, found_by_boto3, has_credentials, wait_for
from tests.flow.agent_process import Agent, MountedSecret, key_and_certificate
from tests.flow.scripted_aws import (
    ROLE_ARN,
    Behaviour,
    Handler,
    ScriptedAws,
    granted,
    raw,
    refused,
    reset,
)

DENIED = refused(403, "AccessDeniedException", "Untrusted signing certificate")


def test_unmodified_boto3_obtains_exactly_the_credentials(start: Start, aws: ScriptedAws) -> None:
    """An SDK needs nothing but the two variables the agent prints."""
    agent = start()
    agent.until(has_credentials)
    assert found_by_boto3(agent.environment) == [
        "container-role",
        "ASIAFIRST",
        "secret-of-ASIAFIRST",
        "token-of-ASIAFIRST",
    ]
    assert aws.problems == []
    assert len(aws.requests) == 1


def test_the_reply_is_what_every_sdk_reads(start: Start) -> None:
    """Four keys, UTC whole seconds, exactly application/json, kept by nobody."""
    reply = start().until(has_credentials)
    assert list(reply.json) == ["AccessKeyId", "SecretAccessKey", "Token", "Expiration"]
    assert datetime.strptime(reply.json["Expiration"], "%Y-%m-%dT%H:%M:%S%z") > datetime.now(UTC)
    assert reply.json["Expiration"].endswith("Z")
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Cache-Control"] == "no-store"


def has_told(agent: Agent, event: str) -> bool:
    return any(line["event"] == event for line in agent.log)


class Poor:
    """An agent that never had credentials, and what it depends on; one for all rows."""

    def __init__(self, folder: Path) -> None:
        self.aws = ScriptedAws()
        self.aws.then(DENIED)
        self.secret = MountedSecret(folder / "orders", self.aws.url)
        self.agent = Agent(folder, "--identity-dir", str(self.secret.root))

    def close(self) -> None:
        """End it."""
        self.agent.close()
        self.aws.close()


@pytest.fixture(scope="module")
def poor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Poor]:
    running = Poor(tmp_path_factory.mktemp("poor"))
    yield running
    running.close()


@pytest.mark.parametrize(
    ("behaviour", "code", "words"),
    [
        (DENIED, "SessionRefused", f"refused CreateSession for {ROLE_ARN}: AccessDenied"),
        (refused(429, "TooMany", "slow"), "Throttled", "throttled CreateSession"),
        (raw(500, b""), "AWSUnavailable", "could not answer CreateSession"),
        (raw(201, b'{"credentialSet": []}'), "AWSUnavailable", "credentialSet is empty"),
        (raw(201, b"<html>"), "AWSUnavailable", "its answer is of no use"),
        (granted(seconds=-60), "AWSUnavailable", "set this machine's clock"),
        (reset, "AWSUnavailable", "no answer from http://127.0.0.1"),
    ],
)
def test_without_credentials_the_reply_says_why(
    poor: Poor, behaviour: Behaviour, code: str, words: str
) -> None:
    """Whatever AWS does, the endpoint answers 503 at once, with the reason."""
    poor.aws.then(behaviour)
    poor.secret.rotate()
    reply = poor.agent.until(lambda reply: words in reply.json["Message"])
    assert (reply.status, reply.json["Code"]) == (503, code)


@pytest.mark.parametrize(
    ("files", "code", "words"),
    [
        ({"tls_crt": key_and_certificate()[1]}, "Pending", "do not belong together"),
        ({"tls_key": b"no key"}, "Pending", "are of no use: the private key is not readable PEM"),
        ({"agent_json": b"{}"}, "InvalidSpec", "is not an agent's configuration"),
    ],
)
def test_a_secret_that_cannot_work_is_explained(
    poor: Poor, files: dict[str, bytes], code: str, words: str
) -> None:
    """The reply says what is wrong with it."""
    poor.secret.rotate(**files)
    reply = poor.agent.until(lambda reply: words in reply.json["Message"])
    assert (reply.status, reply.json["Code"]) == (503, code)


def granted_too_late(handler: Handler) -> None:
    """Grant, long after anybody who asked has gone."""
    if not handler.aws.closing.wait(20):
        granted()(handler)


def test_while_aws_is_being_asked_the_reply_says_so(start: Start, aws: ScriptedAws) -> None:
    """Nobody waits long for AWS: after some seconds "not yet" is the answer, soon "no answer"."""
    aws.then(granted_too_late)
    agent = start()
    reply = agent.ask()
    assert aws.requests
    assert (reply.status, reply.json["Code"]) == (503, "Pending")
    assert "AWS is being asked" in reply.json["Message"]
    reply = agent.until(lambda reply: b"Pending" not in reply.body, seconds=30)
    assert (reply.status, reply.json["Code"]) == (503, "AWSUnavailable")
    assert "timed out" in reply.json["Message"]


def test_a_missing_secret_is_waited_for(
    tmp_path: Path, start: Start, secret: MountedSecret
) -> None:
    """An agent may start before its Secret is there."""
    away = tmp_path / "away"
    secret.root.rename(away)
    agent = start()
    reply = agent.until(lambda reply: "is the Secret mounted" in reply.json["Message"])
    assert reply.status == 503
    away.rename(secret.root)
    agent.until(has_credentials)


def test_rotation_is_noticed_and_last_good_credentials_kept(
    start: Start, aws: ScriptedAws, secret: MountedSecret
) -> None:
    """A new certificate is seen at the next look; if AWS refuses it the old session lives on."""
    aws.then(granted("ASIAOLD"), DENIED, granted("ASIANEW"))
    agent = start()
    agent.until(has_credentials)
    certificates = [dict(aws.requests[0].headers)["X-Amz-X509"]]
    secret.rotate()
    wait_for(lambda: has_told(agent, "identity-changed"), seconds=1)  # looked for each 0.1 s
    agent.until(lambda _: has_told(agent, "refresh-failed"))
    certificates.append(dict(aws.requests[1].headers)["X-Amz-X509"])
    assert agent.ask().json["AccessKeyId"] == "ASIAOLD"
    secret.rotate()
    agent.until(lambda reply: reply.json["AccessKeyId"] == "ASIANEW")
    assert certificates[0] != certificates[1]
    assert aws.problems == []


def test_expired_credentials_are_never_served(start: Start, aws: ScriptedAws) -> None:
    """When AWS stays away the last reply before the end is good and the next is 503."""
    aws.then(granted(seconds=7), DENIED)
    agent = start()
    end = datetime.fromisoformat(agent.until(has_credentials).json["Expiration"])
    reply = agent.until(lambda reply: reply.status != 200)
    assert datetime.now(UTC) < end
    assert reply.status == 503
    assert "credentials expired" in reply.json["Message"]


def test_two_identities_of_a_pod(
    tmp_path: Path, start: Start, aws: ScriptedAws, secret: MountedSecret
) -> None:
    """The first is the default, each has a path of its own, and one may fail alone."""
    second = MountedSecret(tmp_path / "second", aws.url)
    second.rotate(agent_json=b"{}")
    agent = start("--identity-dir", f"audit={second.root}")
    agent.until(has_credentials)
    assert agent.ask("/v1/credentials/orders").body == agent.ask().body
    assert agent.ask("/v1/credentials/audit").status == 503


def test_the_ready_file_comes_with_the_credentials(
    tmp_path: Path, start: Start, aws: ScriptedAws
) -> None:
    """A startup probe sees the file when there are credentials, and never a stale one."""
    ready = tmp_path / "ready"
    ready.touch()
    aws.then(raw(500, b""), granted())
    agent = start("--ready-file", str(ready))
    assert not ready.exists()
    agent.until(has_credentials)
    end = time.monotonic() + 2
    while not ready.exists():
        assert time.monotonic() < end
        time.sleep(0.01)
    agent.terminate()
    assert not ready.exists()


def test_the_token_file_may_be_overwritten_or_removed(tmp_path: Path, start: Start) -> None:
    """SDKs read it again each time: what it holds then is taken, and it does not stay away.

    It is looked at as often as was asked for, and made for the same readers again.
    """
    agent = start("--token-mode", "0640")
    agent.until(has_credentials)
    assert stat.S_IMODE(agent.token_file.stat().st_mode) == 0o640
    new = tmp_path / "new"
    new.write_bytes(b"made-by-hand")
    new.rename(agent.token_file)
    agent.until(has_credentials, seconds=1)
    agent.token_file.unlink()
    wait_for(agent.token_file.exists, seconds=1)
    assert agent.token_file.read_bytes() == b"made-by-hand"
    assert stat.S_IMODE(agent.token_file.stat().st_mode) == 0o640
    assert has_credentials(agent.ask())
    events = [line["event"] for line in agent.log if line["event"].startswith("token")]
    assert events == ["token-changed", "token-file-restored"]
