"""Session credentials that carry themselves: sealed, opened, never forged."""

import base64
import zlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rolesanywhere.emulator.sessions.tokens import Grant, Tokens, new_access_key_id

GRANT = Grant(
    access_key_id="ASIAAAAAAAAAAAAAAAAA",
    account="123456789012",
    partition="aws",
    role_arn="arn:aws:iam::123456789012:role/app/reader",
    role_name="reader",
    role_id="AROA1",
    session_name="0123",
    source_identity="CN=web",
    tags={"x509Subject/CN": "web"},
    session_policies=[{"Statement": []}],
    issued_at=datetime(2030, 1, 1, tzinfo=UTC),
    expiration=datetime(2030, 1, 1, 1, tzinfo=UTC),
)


def test_what_is_sealed_is_opened() -> None:
    """The token gives back who the session is, and the same secret every time."""
    tokens = Tokens()
    sealed = tokens.seal(GRANT)
    opened = tokens.find(GRANT.access_key_id, sealed.session_token)
    assert opened == sealed
    assert opened is not None
    assert opened.principal.arn == "arn:aws:sts::123456789012:assumed-role/reader/0123"
    assert opened.principal.user_id == "AROA1:0123"
    assert opened.principal.session_policies == ({"Statement": []},)
    assert opened.expiration == GRANT.expiration
    assert len(opened.secret_access_key) == 40


def test_the_same_seal_honours_earlier_sessions() -> None:
    """A restart with the key knows them, another emulator does not."""
    first = Tokens()
    token = first.seal(GRANT).session_token
    assert Tokens(first.key).find(GRANT.access_key_id, token) is not None
    assert Tokens().find(GRANT.access_key_id, token) is None
    first.renew()
    assert first.find(GRANT.access_key_id, token) is None


def test_forgeries_are_unknown() -> None:
    """A changed token, or one of another key, opens nothing."""
    tokens = Tokens()
    token = str(tokens.seal(GRANT).session_token)
    content = zlib.compress(b'{"access_key_id": "ASIAAAAAAAAAAAAAAAAA"}')
    forged = base64.b64encode(b"\0" * 32 + content).decode()
    other = tokens.seal(replace(GRANT, access_key_id="ASIABBBBBBBBBBBBBBBB"))
    assert tokens.find(GRANT.access_key_id, f"A{token[1:]}B") is None
    for each in ("", "nothing", forged, None, other.session_token):
        assert tokens.find(GRANT.access_key_id, each) is None
    assert tokens.find("AKIAAAAAAAAAAAAAAAAA", token) is None


def test_credentials_do_not_show_their_secrets() -> None:
    """What a log would print is harmless."""
    sealed = Tokens().seal(GRANT)
    assert sealed.secret_access_key not in repr(sealed)
    assert str(sealed.session_token) not in repr(sealed)


@pytest.mark.parametrize("_", range(3))
def test_access_key_ids_look_like_aws_s(_: int) -> None:
    """ASIA, and 16 of base32's characters."""
    made = new_access_key_id()
    assert len(made) == 20
    assert made.startswith("ASIA")
    assert made != new_access_key_id()
