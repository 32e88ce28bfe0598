"""What the endpoint answers, without a socket."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from rolesanywhere.agent.counter import Counter
from rolesanywhere.agent.report import Failure, Grant

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
TOKEN = b"open-sesame"
DENIED = Failure("SessionRefused", "AWS refused CreateSession: no", refused=True)


@dataclass
class Held:
    """An identity's state, as the refresher would hold it."""

    grant: Grant | None = None
    failure: Failure | None = None


def grant(body: bytes, *, seconds_left: float = 3600) -> Grant:
    return Grant(body, NOON + timedelta(seconds=seconds_left), "arn:aws:sts::1:assumed-role/r/s")


def counter(**holders: Held) -> Counter:
    return Counter(token=TOKEN, holders=holders, now=lambda: NOON)


@pytest.mark.parametrize(
    ("target", "body"),
    [
        (b"/v1/credentials", b"first"),
        (b"/v1/credentials/one", b"first"),
        (b"/v1/credentials/two", b"second"),
        (b"/v1/credentials?x=y", b"first"),
    ],
)
def test_each_identity_has_its_path(target: bytes, body: bytes) -> None:
    """The bare path is the first identity's, a name picks any of them."""
    ours = counter(one=Held(grant(b"first")), two=Held(grant(b"second")))
    reply = ours.answer(b"GET", target, [TOKEN])
    assert (reply.status, reply.body) == (200, body)


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
        (b"GET", b"/v1/credentials/", [TOKEN], 404, "NotFound"),
        (b"GET", b"/v1/credentials/three", [TOKEN], 404, "NotFound"),
        (b"GET", b"/", [TOKEN], 404, "NotFound"),
        (b"GET", b"/v1/credentials/three", [b"wrong"], 403, "AccessDenied"),
    ],
)
def test_what_is_refused(
    method: bytes, target: bytes, authorization: list[bytes], status: int, code: str
) -> None:
    """A refusal carries code and message under both spellings, and nothing of the credentials."""
    reply = counter(one=Held(grant(b"first"))).answer(method, target, authorization)
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
            Held(grant(b"old", seconds_left=0), DENIED),
            "SessionRefused",
            "the credentials expired: AWS refused CreateSession: no",
        ),
        (
            Held(grant(b"old", seconds_left=5)),
            "Pending",
            "the credentials expired; AWS is being asked",
        ),
    ],
)
def test_no_valid_credentials_is_503_with_the_reason(held: Held, code: str, message: str) -> None:
    """Never an empty or expired 200: the reply says why AWS gave nothing newer."""
    reply = counter(one=held).answer(b"GET", b"/v1/credentials", [TOKEN])
    body = json.loads(reply.body)
    assert (reply.status, body["Code"], body["Message"]) == (503, code, message)


def test_good_credentials_outlive_a_failed_refresh() -> None:
    """While the last good ones are valid a failure is nobody's business."""
    held = Held(grant(b"good", seconds_left=6), DENIED)
    assert counter(one=held).answer(b"GET", b"/v1/credentials", [TOKEN]).status == 200
