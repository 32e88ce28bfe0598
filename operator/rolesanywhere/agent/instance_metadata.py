"""The credentials part of EC2's instance metadata service, version 2 alone. No I/O.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
A token first, whose request no proxy may have forwarded; without one nothing is told.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Final

from rolesanywhere.agent.holder import Holder, absence, role_of, valid_grant
from rolesanywhere.agent.instant import show
from rolesanywhere.agent.reply import TEXT, Reply
from rolesanywhere.agent.report import Grant
from rolesanywhere.agent.request import Request
from rolesanywhere.agent.session_tokens import LONGEST_TTL, SessionTokens

TOKEN_PATH: Final = b"/latest/api/token"
ROLES_PATH: Final = b"/latest/meta-data/iam/security-credentials"
_TTL: Final = b"x-aws-ec2-metadata-token-ttl-seconds"
_TOKEN: Final = b"x-aws-ec2-metadata-token"
_FORWARDED: Final = b"x-forwarded-for"
_ESCAPE: Final = re.compile(rb"%([0-9A-Fa-f]{2})")  # some SDKs escape a role's + and @
# A web page whose name was made to mean this machine (DNS rebinding) still has its name there.
_ADDRESS: Final = re.compile(rb"(?i:localhost|[0-9.]+|\[[0-9a-f:.]+\])(?::[0-9]+)?")
_LONGEST_DIGITS: Final = 5


class InstanceMetadata:
    """Answers requests from memory. The first identity is the one that is listed.

    SDKs take the whole listing for one role's name, so it holds one; the others answer under
    their identity's or their role's name. A name means one identity at all times: its own comes
    before any role's, and of several with one role it is the first.
    """

    def __init__(
        self,
        *,
        holders: Mapping[str, Holder],
        tokens: SessionTokens,
        clock: Callable[[], float],
        now: Callable[[], float],
    ) -> None:
        """Take the identities by name; ``clock`` is monotonic, ``now`` gives epoch seconds."""
        self._holders = holders
        self._tokens = tokens
        self._clock = clock
        self._now = now
        self._seen: dict[str, tuple[Grant, str]] = {}  # of each identity, with its LastUpdated

    def answer(self, request: Request) -> Reply:
        """Answer one request."""
        if request.path == TOKEN_PATH:
            return self._token(request)
        if request.method != b"GET":
            return _text(HTTPStatus.METHOD_NOT_ALLOWED, "only GET is answered here", allow=b"GET")
        sent = request.values(_TOKEN)
        left = self._tokens.seconds_left(sent[0]) if len(sent) == 1 else None
        if left is None:
            state = "no token" if not sent else "not a token that is good (any more)"
            words = f"{state}: PUT {TOKEN_PATH.decode()} gives one"
            return _text(HTTPStatus.UNAUTHORIZED, words)
        return self._metadata(request.path).with_header(_TTL, str(left).encode())

    def _token(self, request: Request) -> Reply:
        if request.method != b"PUT":
            return _text(HTTPStatus.METHOD_NOT_ALLOWED, "PUT gives a token", allow=b"PUT")
        if request.values(_FORWARDED):
            return _text(HTTPStatus.FORBIDDEN, "no token through a proxy (X-Forwarded-For)")
        if not all(map(_ADDRESS.fullmatch, request.values(b"host"))):
            return _text(HTTPStatus.FORBIDDEN, "no token for a name: come by address or localhost")
        seconds = _ttl(request.values(_TTL))
        if seconds is None:
            words = f"{_TTL.decode()} must be a number from 1 to {LONGEST_TTL}"
            return _text(HTTPStatus.BAD_REQUEST, words)
        token = self._tokens.make(seconds)
        return Reply(HTTPStatus.OK, token, TEXT, ((_TTL, str(seconds).encode()),))

    def _metadata(self, path: bytes) -> Reply:
        default = next(iter(self._holders.values()))
        if path == ROLES_PATH:
            return self._listing(default)
        parent, _, name = path.rpartition(b"/")
        found = self._find(_unescape(name)) if parent == ROLES_PATH else None
        if found is None:
            words = f"only {ROLES_PATH.decode()}/ROLE is here"
            return _text(HTTPStatus.NOT_FOUND, words)
        identity, holder = found
        grant = valid_grant(holder, self._clock(), self._now())
        return absence(holder) if grant is None else self._credentials(identity, grant)

    def _listing(self, default: Holder) -> Reply:
        grant = valid_grant(default, self._clock(), self._now())
        if grant is None:
            return absence(default)
        own, is_taken = next(iter(self._holders)), grant.role_name in self._holders
        return _text(HTTPStatus.OK, own if is_taken else grant.role_name)

    def _find(self, name: str) -> tuple[str, Holder] | None:
        """Find an identity by its own name or by its role's.

        One whose role nobody knows yet may be the one that is meant: no other is given instead.
        """
        if name in self._holders:
            return name, self._holders[name]
        unknown = None
        for found in self._holders.items():
            role = role_of(found[1])
            if role == name:
                return unknown or found
            unknown = unknown or (found if role is None else None)
        return unknown

    def _credentials(self, identity: str, grant: Grant) -> Reply:
        known, updated = self._seen.get(identity, (None, ""))
        if known is not grant:
            updated = show(self._now())
            self._seen[identity] = grant, updated
        document = {
            "Code": "Success",
            "LastUpdated": updated,
            "Type": "AWS-HMAC",
            "AccessKeyId": grant.access_key_id,
            "SecretAccessKey": grant.secret_access_key,
            "Token": grant.token,
            "Expiration": grant.expiration,
        }
        return Reply(HTTPStatus.OK, json.dumps(document, indent=2).encode(), TEXT)


def _ttl(values: Sequence[bytes]) -> int | None:
    digits = values[0] if len(values) == 1 else b""
    if not digits.isdigit() or len(digits) > _LONGEST_DIGITS:
        return None
    return int(digits) if 1 <= int(digits) <= LONGEST_TTL else None


def _unescape(name: bytes) -> str:
    return _ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), name).decode("latin-1")


def _text(status: int, words: str, *, allow: bytes | None = None) -> Reply:
    headers = () if allow is None else ((b"allow", allow),)
    return Reply(status, words.encode(), TEXT, headers)
