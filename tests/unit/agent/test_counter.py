"""What the endpoint answers, without a socket."""

import json

import pytest
from tests.unit.agent.heads import read
from tests.unit.agent.holding import NOON, WALL_NOON, Held, grant

from rolesanywhere.agent.counter import Counter
from rolesanywhere.agent.reply import Reply
from rolesanywhere.agent.report import Failure

TOKEN = b"open-sesame"
DENIED = Failure("SessionRefused", "AWS refused CreateSession: no", refused=True)


def counter(**holders: Held) -> Counter:
    return Counter(token=TOKEN, holders=holders, clock=lambda: NOON, now=lambda: WALL_NOON)


def ask(ours: Counter, method: bytes, target: bytes, authorization: list[bytes]) -> Reply:
    return ours.answer(read(method, target, *((b"authorization", each) for each in authorization)))


@pytest.mark.parametrize(
    ("target", "key"),
    [
        (b"/v1/credentials", "first"),
        (b"/v1/credentials/one", "first"),
        (b"/v1/credentials/two", "second"),
        (b"/v1/credentials?x=y", "first"),
        (b"/v1/credentials/", "first"),
        (b"/v1/credentials/two/", "second"),
    ],
)
def test_each_identity_has_its_path(target: bytes, key: str) -> None:
    """The bare path is the first identity's, a name picks any of them."""
    ours = counter(one=Held(grant("first")), two=Held(grant("second")))
    reply = ask(ours, b"GET", target, [TOKEN])
    assert reply.status == 200
    assert json.loads(reply.body) == {
        "AccessKeyId": key,
        "SecretAccessKey": f"secret-of-{key}",
        "Token": f"token-of-{key}",
        "Expiration": "2026-11-24T13:00:00Z",
    }


def test_a_new_grant_replaces_what_was_rendered() -> None:
    """Replies are made once for each grant, not once for ever."""
    held = Held(grant("first"))
    ours = counter(one=held)
    first = ask(ours, b"GET", b"/v1/credentials", [TOKEN])
    assert ask(ours, b"GET", b"/v1/credentials", [TOKEN]) is first
    held.grant = grant("second")
    assert b"second" in ask(ours, b"GET", b"/v1/credentials", [TOKEN]).body


def test_a_new_token_replaces_the_old_one() -> None:
    """Whoever keeps the token may change it."""
    ours = counter(one=Held(grant("first")))
    ours.token = b"new"
    assert ask(ours, b"GET", b"/v1/credentials", [b"new"]).status == 200
    assert ask(ours, b"GET", b"/v1/credentials", [TOKEN]).status == 403


@pytest.mark.parametrize(
    ("method", "target", "authorization", "status", "code"),
    [
        (b"POST", b"/v1/credentials", [TOKEN], 405, "MethodNotAllowed"),
        (b"HEAD", b"/v1/credentials", [TOKEN], 405, "MethodNotAllowed"),
        (b"GET", b"/v1/credentials", [], 401, "Unauthorized"),
        (b"GET", b"/v1/credentials", [b""], 403, "AccessDenied"),
        (b"GET", b"/v1/credentials", [b"open-sesam"], 403, "AccessDenied"),
        (b"GET", b"/v1/credentials", [b"Bearer open-sesame"], 403, "AccessDenied"),
        (b"GET", b"/v1/credentials", [TOKEN, TOKEN], 403, "AccessDenied"),
        (b"GET", b"/v1/credentials", ["schl\u00fcssel".encode()], 403, "AccessDenied"),
        (b"GET", b"/v1/credentials//one", [TOKEN], 404, "NotFound"),
        (b"GET", b"/v1/credentials/three", [TOKEN], 404, "NotFound"),
        (b"GET", b"/", [TOKEN], 404, "NotFound"),
        (b"GET", b"/v1/credentials/three", [b"wrong"], 403, "AccessDenied"),
    ],
)
def test_what_is_refused(
    method: bytes, target: bytes, authorization: list[bytes], status: int, code: str
) -> None:
    """A refusal carries code and message under both spellings, and nothing of the credentials."""
    reply = ask(counter(one=Held(grant("first"))), method, target, authorization)
    body = json.loads(reply.body)
    assert reply.status == status
    assert body["code"] == body["Code"] == code
    assert body["message"] == body["Message"] != ""
    assert b"first" not in reply.body


@pytest.mark.parametrize(
    ("held", "code", "message"),
    [
        (Held(), "Pending", "there are no credentials yet; AWS is being asked"),
        (
            Held(failure=DENIED),
            "SessionRefused",
            "there are no credentials yet: AWS refused CreateSession: no",
        ),
        (
            Held(grant("old", seconds_left=0), DENIED),
            "SessionRefused",
            "the credentials expired: AWS refused CreateSession: no",
        ),
        (
            Held(grant("old", seconds_left=5)),
            "Pending",
            "the credentials expired; AWS is being asked",
        ),
        (
            Held(grant("slept through", wall_left=5)),
            "Pending",
            "the credentials expired; AWS is being asked",
        ),
    ],
)
def test_no_valid_credentials_is_503_with_the_reason(held: Held, code: str, message: str) -> None:
    """Never an empty or expired 200: the reply says why AWS gave nothing newer."""
    reply = ask(counter(one=held), b"GET", b"/v1/credentials", [TOKEN])
    body = json.loads(reply.body)
    assert (reply.status, body["Code"], body["Message"]) == (503, code, message)


def test_good_credentials_outlive_a_failed_refresh() -> None:
    """While the last good ones are valid a failure is nobody's business."""
    held = Held(grant("good", seconds_left=6, wall_left=6), DENIED)
    assert ask(counter(one=held), b"GET", b"/v1/credentials", [TOKEN]).status == 200
