"""Replies as they are sent."""

from http import HTTPStatus

import pytest

from rolesanywhere.agent.reply import TEXT, Reply

REPLY = Reply(HTTPStatus.METHOD_NOT_ALLOWED, b"no", TEXT, ((b"allow", b"GET"),))


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize(("with_body", "body"), [(True, b"no"), (False, b"")])
def test_a_reply_is_written(*, last: bool, with_body: bool, body: bytes) -> None:
    """Nobody keeps it; a reply to HEAD tells the length of what it leaves out."""
    head = (
        b"HTTP/1.1 405 Method Not Allowed\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n"
        b"cache-control: no-store\r\nallow: GET\r\n"
    )
    end = b"connection: close\r\n" if last else b""
    assert REPLY.wire(last=last, with_body=with_body) == head + end + b"\r\n" + body


def test_one_header_more_leaves_the_others() -> None:
    """It is another reply."""
    more = REPLY.with_header(b"ttl", b"1")
    assert more.wire(last=False, with_body=True) == REPLY.wire(last=False, with_body=True).replace(
        b"allow: GET\r\n", b"allow: GET\r\nttl: 1\r\n"
    )
    assert (more.status, more.body) == (REPLY.status, REPLY.body)


def test_a_reply_shows_its_status_alone() -> None:
    """Its body may hold credentials."""
    assert repr(REPLY) == "Reply(405)"
