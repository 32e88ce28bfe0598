"""The agent as instance metadata service: over a socket, and with an unmodified SDK."""

import socket
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from tests.flow.agent_fixtures import Start, found_by_boto3, has_credentials
from tests.flow.agent_process import Agent, MountedSecret, Reply, arrives
from tests.flow.scripted_aws import ScriptedAws

LIST = "/latest/meta-data/iam/security-credentials/"


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    folder = tmp_path_factory.mktemp("agent")
    aws = ScriptedAws()
    secret = MountedSecret(folder / "orders", aws.url)
    words = ("--identity-dir", str(secret.root), "--imds-listen", "127.0.0.1:0")
    with closing(aws), closing(Agent(folder, *words)) as running:
        running.until(has_credentials)
        yield running


def url_of(agent: Agent, path: str) -> str:
    return agent.environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] + path


def token_of(agent: Agent) -> str:
    ttl = {"x_aws_ec2_metadata_token_ttl_seconds": "60"}
    return agent.metadata("/latest/api/token", "PUT", **ttl).body.decode()


def get(agent: Agent, path: str) -> Reply:
    return agent.metadata(path, x_aws_ec2_metadata_token=token_of(agent))


def test_unmodified_boto3_obtains_exactly_the_credentials(agent: Agent) -> None:
    """An SDK needs nothing but the one variable the agent prints."""
    assert found_by_boto3({"AWS_EC2_METADATA_SERVICE_ENDPOINT": url_of(agent, "")}) == [
        "iam-role",
        "ASIAFIRST",
        "secret-of-ASIAFIRST",
        "token-of-ASIAFIRST",
    ]


def test_the_role_is_listed_and_answers(agent: Agent) -> None:
    """The list's own name leads to the credentials."""
    role = get(agent, LIST).body.decode()
    assert role == "report+reader"
    for name in (role.replace(" ", "%20"), "orders"):
        assert get(agent, LIST + name).json["AccessKeyId"] == "ASIAFIRST"


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("PUT", {}, 400),
        ("PUT", {"x_aws_ec2_metadata_token_ttl_seconds": "21601"}, 400),
        ("PUT", {"x_aws_ec2_metadata_token_ttl_seconds": "9", "x_forwarded_for": "10.0.0.1"}, 403),
        ("GET", {}, 405),
    ],
)
def test_tokens_are_given_as_ec2_gives_them(
    agent: Agent, method: str, headers: dict[str, str], status: int
) -> None:
    """A time to live is required; what came through a proxy is refused."""
    assert agent.metadata("/latest/api/token", method, **headers).status == status


def test_without_a_token_nothing_is_told(agent: Agent) -> None:
    """Version 1 is not spoken."""
    assert agent.metadata(LIST).status == 401


@pytest.mark.parametrize(("words", "hops"), [((), 1), (("--hop-limit", "5"), 5)])
def test_replies_pass_as_many_routers_as_allowed(
    start: Start, words: tuple[str, ...], hops: int
) -> None:
    """None, unless asked otherwise: another machine's requests get no answer."""
    url = url_of(start("--imds-listen", "127.0.0.1:0", *words), "")
    assert arrives(url, hops=hops)
    assert not arrives(url, hops=hops + 1, seconds=0.5)


def test_two_gates_have_places_of_their_own(agent: Agent) -> None:
    """Whoever crowds instance metadata keeps nobody from the endpoint."""
    url = urlsplit(url_of(agent, ""))
    crowd = [socket.create_connection((url.hostname, url.port)) for _ in range(260)]
    try:
        for client in crowd:
            client.sendall(b"GET / HT")
        assert agent.ask().status == 200
    finally:
        for client in crowd:
            client.close()


def test_without_the_endpoint_there_is_no_token_file(start: Start, secret: MountedSecret) -> None:
    """What is not wanted is not opened; a session token is then good in the run that made it."""
    agent, other = (start("--no-endpoint", "--imds-listen", "127.0.0.1:0") for _ in range(2))
    assert "AWS_CONTAINER_CREDENTIALS_FULL_URI" not in agent.environment
    assert not agent.token_file.exists()
    token = {"x_aws_ec2_metadata_token": token_of(agent)}
    assert [each.metadata("/", **token).status for each in (agent, other)] == [404, 401]
