"""What may be printed by accident shows no secret; troubles show all they know."""

import pytest

from rolesanywhere.api.agent_configuration import AgentConfiguration
from rolesanywhere.api.conditions import Reason
from rolesanywhere.domain.certificate import KeyPair
from rolesanywhere.domain.observed import SecretRecord
from rolesanywhere.domain.session import SessionRequest
from rolesanywhere.domain.trouble import AlreadyExists, Conflict, NotFound, Refusal, Trouble

KEY = b"-----BEGIN PRIVATE KEY-----"
CONFIGURATION = AgentConfiguration(
    name="report",
    namespace="shop",
    region="eu-west-1",
    trust_anchor_arn="a",
    profile_arn="p",
    role_arn="r",
    session_duration_seconds=3600,
)


@pytest.mark.parametrize(
    ("thing", "shown"),
    [
        (KeyPair(KEY, b"certificate"), "KeyPair(…)"),
        (SessionRequest(CONFIGURATION, KEY, b"chain"), "SessionRequest(shop/report)"),
        (
            SecretRecord(
                namespace="shop",
                name="report-aws-identity",
                type="kubernetes.io/tls",
                data={"tls.key": KEY, "ca.crt": b"root"},
                labels={},
                annotations={"note": "PRIVATE"},
            ),
            "SecretRecord(shop/report-aws-identity, keys=['ca.crt', 'tls.key'])",
        ),
    ],
)
def test_a_key_is_never_shown(thing: object, shown: str) -> None:
    """Neither repr nor str nor a format shows what is in it."""
    assert repr(thing) == str(thing) == f"{thing}" == shown


@pytest.mark.parametrize("kind", [Trouble, Refusal, NotFound, AlreadyExists, Conflict])
def test_a_trouble_tells_all(kind: type[Trouble]) -> None:
    """Reason and message reach people unchanged; when to come back is known where it was said."""
    trouble = kind(Reason.THROTTLED, "AWS throttles", retry_after=7.0)
    assert (trouble.reason, trouble.message, trouble.retry_after) == (
        Reason.THROTTLED,
        "AWS throttles",
        7.0,
    )
    assert str(trouble) == "AWS throttles"
    assert isinstance(trouble, Trouble)
    assert kind(Reason.THROTTLED, "AWS throttles").retry_after is None


def test_only_a_refusal_is_final() -> None:
    """What is not found or taken may change by itself; a refusal waits for a person."""
    final = [kind for kind in (NotFound, AlreadyExists, Conflict) if issubclass(kind, Refusal)]
    assert final == []
