"""The way to AWS: TLS with an authority of one's own, through a proxy, by IPv6, in time."""

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from tests.flow.agent_fixtures import Start, has_credentials
from tests.flow.agent_process import MountedSecret, agent_json, key_and_certificate
from tests.flow.relays import TODAY, Proxy, Relay, TlsFront, server_for
from tests.flow.scripted_aws import ScriptedAws
from tests.unit.pki.making import Made, make, make_ca

from rolesanywhere.api.agent_configuration import AgentConfiguration
from rolesanywhere.aws.create_session import create_session
from rolesanywhere.aws.session_answer import Session
from rolesanywhere.aws.session_transport import _tls
from rolesanywhere.domain.trouble import Trouble

NAME = "rolesanywhere.example"
KEY, CERTIFICATE = key_and_certificate()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Made, Path]:
    made = make_ca("CN=local authority", **TODAY)
    bundle = tmp_path_factory.mktemp("authority") / "bundle.pem"
    bundle.write_bytes(made.certificate.public_bytes(Encoding.PEM))
    return made, bundle


@pytest.fixture
def front(tmp_path: Path, aws: ScriptedAws, authority: tuple[Made, Path]) -> Iterator[TlsFront]:
    running = TlsFront(aws.url, server_for(authority[0], NAME), tmp_path)
    yield running
    running.close()


@pytest.fixture
def proxy(front: TlsFront) -> Iterator[Proxy]:
    running = Proxy(front.port)
    yield running
    running.close()


def ask(url: str, environment: dict[str, str], *, timeout: float = 5) -> Session:
    account = "arn:aws:rolesanywhere:eu-west-1:111122223333"
    return create_session(
        AgentConfiguration(
            name="orders",
            namespace="shop",
            region="eu-west-1",
            trust_anchor_arn=f"{account}:trust-anchor/a",
            profile_arn=f"{account}:profile/p",
            role_arn="arn:aws:iam::111122223333:role/r",
            session_duration_seconds=3600,
            endpoint=url,
        ),
        private_key=KEY,
        certificates=CERTIFICATE,
        now=partial(datetime.now, UTC),
        timeout_seconds=timeout,
        environment=environment,
    )


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
def test_a_tunnel_through_the_proxy(
    aws: ScriptedAws, front: TlsFront, proxy: Proxy, authority: tuple[Made, Path], variable: str
) -> None:
    """The proxy sees a name and nothing else; TLS ends at AWS, whose name is checked."""
    environment = {
        variable: f"http://127.0.0.1:{proxy.port}",
        "AWS_CA_BUNDLE": str(authority[1]),
    }
    assert ask(f"https://{NAME}", environment).access_key_id == "ASIAFIRST"
    (line,) = proxy.asked
    assert line.startswith(f"CONNECT {NAME}:443 HTTP/1.")
    assert front.names == [NAME]
    assert aws.problems == []


@pytest.mark.parametrize(("user", "works"), [("me:open%20sesame", True), ("me:wrong", False)])
def test_a_proxy_may_want_a_password(
    front: TlsFront, authority: tuple[Made, Path], user: str, *, works: bool
) -> None:
    """It stands in the URL, and in no message."""
    proxy = Proxy(front.port, password="me:open sesame")
    environment = {
        "HTTPS_PROXY": f"http://{user}@127.0.0.1:{proxy.port}",
        "AWS_CA_BUNDLE": str(authority[1]),
    }
    if works:
        assert ask(f"https://{NAME}", environment).access_key_id == "ASIAFIRST"
    else:
        with pytest.raises(Trouble, match="407 Proxy Authentication Required") as caught:
            ask(f"https://{NAME}", environment)
        assert "wrong" not in caught.value.message
    proxy.close()


@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
def test_what_is_exempt_goes_past_the_proxy(proxy: Proxy, variable: str) -> None:
    """In capitals or not, as the SDKs read it."""
    environment = {"HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}", variable: "0.0.0.2"}
    with pytest.raises(Trouble, match="no answer from"):
        ask("https://0.0.0.2", environment, timeout=0.3)
    assert proxy.asked == []


def test_an_unknown_authority_is_refused(proxy: Proxy) -> None:
    """Without the bundle the system's authorities decide, and they do not know this one."""
    with pytest.raises(Trouble, match="certificate verify failed"):
        ask(f"https://{NAME}", {"HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}"})


@pytest.mark.parametrize(
    "server",
    [
        lambda authority: server_for(authority, "other.example"),
        lambda authority: make(f"CN={NAME}", authority, **TODAY),
    ],
    ids=["another name", "a common name"],
)
def test_who_is_not_certified_for_the_name_is_refused(
    aws: ScriptedAws,
    tmp_path: Path,
    authority: tuple[Made, Path],
    server: Callable[[Made], Made],
) -> None:
    """A good certificate for someone else is no good, and a common name names no host.

    As browsers and the SDKs in Go have it: what a certificate is for, its extension says.
    """
    front = TlsFront(aws.url, server(authority[0]), tmp_path)
    proxy = Proxy(front.port)
    environment = {
        "HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}",
        "AWS_CA_BUNDLE": str(authority[1]),
    }
    with pytest.raises(Trouble, match="Hostname mismatch"):
        ask(f"https://{NAME}", environment)
    proxy.close()
    front.close()
    assert aws.requests == []


def test_an_old_tls_is_refused() -> None:
    """1.2 is the least, as with AWS.

    Said of the settings, since OpenSSL's security level keeps 1.1 from being spoken at all.
    """
    assert _tls(None).minimum_version >= ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
def test_loopback_is_reached_directly(
    aws: ScriptedAws,
    tmp_path: Path,
    authority: tuple[Made, Path],
    family: socket.AddressFamily,
    host: str,
) -> None:
    """A VPC endpoint's tunnel or a local stand-in: no proxy, by IPv4 or IPv6."""
    front = TlsFront(aws.url, server_for(authority[0], host), tmp_path, family=family)
    shown = f"[{host}]" if ":" in host else host
    environment = {"AWS_CA_BUNDLE": str(authority[1]), "HTTPS_PROXY": "http://127.0.0.1:1"}
    session = ask(f"https://{shown}:{front.port}", environment)
    assert session.access_key_id == "ASIAFIRST"
    front.close()


def test_a_bundle_that_is_not_there_is_named(front: TlsFront) -> None:
    """A typo in AWS_CA_BUNDLE is not "no answer"."""
    with pytest.raises(Trouble, match="AWS_CA_BUNDLE"):
        ask(f"https://127.0.0.1:{front.port}", {"AWS_CA_BUNDLE": "/nowhere.pem"})


class Silent(Relay):
    """Accepts and says nothing."""

    def serve(self, client: socket.socket) -> None:
        """Wait for the client to give up."""
        while client.recv(65536):
            pass


@pytest.mark.parametrize("way", ["tls", "proxy", "http"])
def test_silence_ends_in_time(way: str) -> None:
    """In the handshake, at the proxy, before the answer: each wait has its end."""
    silent = Silent()
    here = f"127.0.0.1:{silent.port}"
    url, environment = {
        "tls": (f"https://{here}", {}),
        "http": (f"http://{here}", {}),
        "proxy": (f"https://{NAME}", {"HTTPS_PROXY": f"http://{here}"}),
    }[way]
    with pytest.raises(Trouble, match="timed out"):
        ask(url, environment, timeout=0.2)
    silent.close()


def test_the_agent_goes_the_same_way(
    tmp_path: Path,
    start: Start,
    aws: ScriptedAws,
    secret: MountedSecret,
    front: TlsFront,
    authority: tuple[Made, Path],
) -> None:
    """Its exchange is given bundle and proxy, and the proxy's password."""
    proxy = Proxy(front.port, password="me:open sesame")
    secret.rotate(agent_json=agent_json(f"https://{NAME}"))
    environment = {
        "HTTPS_PROXY": f"http://me:open%20sesame@127.0.0.1:{proxy.port}",
        "AWS_CA_BUNDLE": str(authority[1]),
    }
    start(environment=environment).until(has_credentials)
    assert proxy.asked
    proxy.close()
