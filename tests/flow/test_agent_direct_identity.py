"""An identity from files and ARNs: plain, encrypted, PKCS#12, and rotated."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from tests.flow.agent_fixtures import has_credentials
from tests.flow.agent_process import Agent
from tests.flow.scripted_aws import ROLE_ARN, ScriptedAws, granted
from tests.unit.pki.making import Made, make, make_ca

ACCOUNT = "arn:aws:rolesanywhere:eu-west-1:111122223333"
SECRET = b"open sesame"
TODAY: dict[str, Any] = {
    "not_before": datetime.now(UTC) - timedelta(days=1),
    "not_after": datetime.now(UTC) + timedelta(days=1),
}
Start = Callable[..., Agent]


@pytest.fixture
def start_direct(tmp_path: Path, aws: ScriptedAws) -> Iterator[Start]:
    agents = ExitStack()

    def run(*words: str) -> Agent:
        arns = ("--trust-anchor-arn", f"{ACCOUNT}:trust-anchor/a", "--role-arn", ROLE_ARN)
        more = ("--profile-arn", f"{ACCOUNT}:profile/p", "--endpoint", aws.url)
        return agents.enter_context(closing(Agent(tmp_path, *arns, *more, *words)))

    with agents:
        yield run


def leaf(name: str = "leaf") -> tuple[Made, Made]:
    authority = make_ca("CN=authority", make_ca("CN=root", **TODAY), **TODAY)
    return make(f"CN={name}", authority, **TODAY), authority


def encrypted(made: Made) -> bytes:
    pem: bytes = made.key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(SECRET)
    )
    return pem


def chain_of(aws: ScriptedAws) -> str | None:
    return dict(aws.requests[-1].headers).get("X-Amz-X509-Chain")


def test_an_encrypted_key_and_intermediates(
    tmp_path: Path, aws: ScriptedAws, start_direct: Start
) -> None:
    """The password is read by the exchange alone; the chain is sent."""
    made, authority = leaf()
    for name, content in {
        "leaf.pem": made.pem,
        "key.pem": encrypted(made),
        "chain.pem": authority.pem,
        "password": SECRET + b"\n",
    }.items():
        (tmp_path / name).write_bytes(content)
    agent = start_direct(
        *("--certificate", str(tmp_path / "leaf.pem"), "--private-key", str(tmp_path / "key.pem")),
        *("--intermediates", str(tmp_path / "chain.pem")),
        *("--password-file", str(tmp_path / "password")),
    )
    agent.until(has_credentials)
    assert chain_of(aws) is not None
    assert aws.problems == []


def test_pkcs12(tmp_path: Path, aws: ScriptedAws, start_direct: Start) -> None:
    """One file with everything, its password given as the helper has it."""
    made, authority = leaf()
    path = tmp_path / "leaf.p12"
    path.write_bytes(
        serialize_key_and_certificates(
            b"leaf",
            made.key,
            made.certificate,
            [authority.certificate],
            BestAvailableEncryption(SECRET),
        )
    )
    agent = start_direct("--certificate", str(path), "--pkcs8-password", SECRET.decode())
    agent.until(has_credentials)
    assert chain_of(aws) is not None


def test_files_may_be_replaced_one_by_one(
    tmp_path: Path, aws: ScriptedAws, start_direct: Start
) -> None:
    """Between the two there is no pair: the old session lives on until there is."""
    (old, _), (new, _) = leaf("old"), leaf("new")
    certificate, key = tmp_path / "leaf.pem", tmp_path / "key.pem"
    certificate.write_bytes(old.pem)
    key.write_bytes(old.key_pem)
    agent = start_direct("--certificate", str(certificate), "--private-key", str(key))
    agent.until(has_credentials)
    aws.then(granted("ASIANEW"))
    certificate.write_bytes(new.pem)
    agent.until(lambda _: any("do not belong together" in str(line) for line in agent.log))
    assert agent.ask().json["AccessKeyId"] == "ASIAFIRST"
    key.write_bytes(new.key_pem)
    agent.until(lambda reply: reply.json["AccessKeyId"] == "ASIANEW")


def test_a_wrong_password_is_said(tmp_path: Path, aws: ScriptedAws, start_direct: Start) -> None:
    """And not repeated."""
    made, _ = leaf()
    (tmp_path / "both.pem").write_bytes(made.pem + encrypted(made))
    agent = start_direct("--certificate", str(tmp_path / "both.pem"), "--pkcs8-password", "guess")
    reply = agent.until(lambda reply: b"cannot be decrypted" in reply.body)
    assert reply.status == 503
    assert b"guess" not in reply.body
    assert aws.requests == []
