"""Session credentials that carry themselves: nothing is kept, so nothing grows.

A session token holds what was granted under a seal of the emulator's; the secret access key is
derived from the access key id. So an expired session is still known to be one, and a restart with
the same seal honours what was handed out before.
"""

import base64
import hashlib
import hmac
import secrets
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from rolesanywhere.emulator.authentication.principal import Credential, Principal

_PREFIX: Final = "ASIA"  # of every temporary access key
_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_KEY_CHARACTERS: Final = 16  # after the prefix
_SEAL_BYTES: Final = 32
_LONGEST_GRANT_BYTES: Final = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a session is. ``session_policies`` None: nothing narrows the role."""

    access_key_id: str
    account: str
    partition: str
    role_arn: str
    role_name: str
    role_id: str
    session_name: str
    source_identity: str | None
    tags: dict[str, str]
    session_policies: list[dict[str, Any]] | None
    issued_at: datetime
    expiration: datetime

    @property
    def arn(self) -> str:
        """Give the assumed role's ARN."""
        name = f"{self.role_name}/{self.session_name}"
        return f"arn:{self.partition}:sts::{self.account}:assumed-role/{name}"

    @property
    def user_id(self) -> str:
        """Give the assumed role's id."""
        return f"{self.role_id}:{self.session_name}"


def new_access_key_id() -> str:
    """Make the id of a temporary access key."""
    return _PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(_KEY_CHARACTERS))


class Tokens:
    """Seals grants and opens them again."""

    def __init__(self, key: bytes | None = None) -> None:
        """``key`` is an earlier emulator's; without one its sessions are unknown here."""
        self._key = key or secrets.token_bytes(_SEAL_BYTES)

    @property
    def key(self) -> bytes:
        """Give what seals: whoever has it can make sessions."""
        return self._key

    def renew(self, key: bytes | None = None) -> None:
        """Forget every session, unless ``key`` is the one that sealed them."""
        self._key = key or secrets.token_bytes(_SEAL_BYTES)

    def seal(self, grant: Grant) -> Credential:
        """Make a grant's credentials."""
        content = zlib.compress(msgspec.json.encode(grant))
        token = base64.b64encode(self._mac(b"token", content) + content).decode()
        return self._credential(grant, token)

    def find(self, access_key_id: str, session_token: str | None) -> Credential | None:
        """Give the credentials a token makes; None when it is none of ours for this key."""
        if session_token is None or not access_key_id.startswith(_PREFIX):
            return None
        try:
            sealed = base64.b64decode(session_token, validate=True)
        except ValueError:
            return None
        mac, content = sealed[:_SEAL_BYTES], sealed[_SEAL_BYTES:]
        if not hmac.compare_digest(mac, self._mac(b"token", content)):
            return None
        opened = zlib.decompressobj().decompress(content, _LONGEST_GRANT_BYTES)
        grant = msgspec.json.decode(opened, type=Grant)
        return (
            self._credential(grant, session_token) if grant.access_key_id == access_key_id else None
        )

    def _credential(self, grant: Grant, token: str) -> Credential:
        digest = self._mac(b"secret", grant.access_key_id.encode())
        policies = grant.session_policies
        return Credential(
            access_key_id=grant.access_key_id,
            secret_access_key=base64.b64encode(digest).decode()[:40],
            session_token=token,
            expiration=grant.expiration,
            principal=Principal(
                arn=grant.arn,
                user_id=grant.user_id,
                account=grant.account,
                role_name=grant.role_name,
                role_arn=grant.role_arn,
                tags=grant.tags,
                source_identity=grant.source_identity,
                session_policies=None if policies is None else tuple(policies),
                issued_at=grant.issued_at,
            ),
        )

    def _mac(self, purpose: bytes, content: bytes) -> bytes:
        return hmac.new(self._key, purpose + b":" + content, hashlib.sha256).digest()
