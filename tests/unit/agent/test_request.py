"""Reading request heads: strictly, and never more forgivingly than a full HTTP library."""

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.agent.heads import Headers, grouped

from rolesanywhere.agent.request import Malformed, next_head, read_head

GOOD = b"GET /v1/credentials?x=y HTTP/1.1\r\nHost: a\r\nAuthorization:  some token \t"


def test_a_head_is_read() -> None:
    """Names in lower case, values trimmed, the query apart."""
    request = read_head(GOOD)
    assert (request.method, request.path) == (b"GET", b"/v1/credentials")
    assert request.values(b"authorization") == (b"some token",)
    assert request.keep_alive
    assert request.body_length == 0


@pytest.mark.parametrize(
    ("target", "path", "hosts"),
    [
        (b"/", b"/", (b"a",)),
        (b"//latest/api/token", b"/latest/api/token", (b"a",)),
        (b"/a//b//", b"/a//b", (b"a",)),
        (b"http://b/c/?d=/e", b"/c", (b"a", b"b")),
        (b"HTTP://b:1", b"/", (b"a", b"b:1")),
        (b"http://b?c", b"/", (b"a", b"b")),
        (b"http:///c", b"http:///c", (b"a",)),
        (b"https://b/c", b"https://b/c", (b"a",)),
        (b"//http://b/c", b"/http://b/c", (b"a",)),
        (b"*", b"*", (b"a",)),
        (b"c", b"c", (b"a",)),
    ],
)
def test_a_target_leads_to_one_path(target: bytes, path: bytes, hosts: tuple[bytes, ...]) -> None:
    """With the authority or without, and whatever was put together with slashes too many."""
    request = read_head(b"GET %b HTTP/1.1\r\nHost: a" % target)
    assert (request.path, request.values(b"host")) == (path, hosts)


def test_an_authority_is_no_host_header() -> None:
    """HTTP/1.1 wants that one too."""
    with pytest.raises(Malformed):
        read_head(b"GET http://a/ HTTP/1.1")


def test_a_request_does_not_show_its_headers() -> None:
    """One of them is the token."""
    assert repr(read_head(GOOD)) == "Request(b'GET', b'/v1/credentials?x=y')"


@pytest.mark.parametrize(
    ("head", "keeps"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close", False),
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: TE, Close", False),
        (b"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive", True),
        (b"GET / HTTP/1.0\r\nHost: a", False),
        (b"GET / HTTP/1.0", False),
    ],
)
def test_who_wants_to_stay(head: bytes, *, keeps: bool) -> None:
    """HTTP/1.1 stays unless it says otherwise."""
    assert read_head(head).keep_alive is keeps


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"", 400),
        (b"GET /", 400),
        (b"GET / HTTP/2.0\r\nHost: a", 400),
        (b"GET  / HTTP/1.1\r\nHost: a", 400),
        (b"GET / x HTTP/1.1\r\nHost: a", 400),
        (b"G(T / HTTP/1.1\r\nHost: a", 400),
        (b"GET /\xff HTTP/1.1\r\nHost: a", 400),
        (b"GET / HTTP/1.1", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b", 400),
        (b"GET / HTTP/1.1\r\nHost : a", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\n folded: b", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\n: b", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nb", 400),
        (b"GET / HTTP/1.1\r\nHost: a\nX: b", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: \x00", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 4097", 413),
        (b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked", 501),
    ],
)
def test_what_is_unclear_is_refused(head: bytes, status: int) -> None:
    """No guess is made about where a request ends or what a header means."""
    with pytest.raises(Malformed) as caught:
        read_head(head)
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("before", "behind"),
    [(b"", b""), (b"\r\n\r\n", b""), (b"", b"\r\nGET / HTTP/1.1"), (b"\r\n", b"\r\n\r\n")],
)
def test_the_first_head_is_cut_off(before: bytes, behind: bytes) -> None:
    """With the empty lines in front of it; what is behind it is the next one's, or a body."""
    head = before + GOOD + b"\r\n\r\n"
    assert next_head(head + behind) == (read_head(GOOD), len(head))


@pytest.mark.parametrize("data", [b"", b"\r\n", GOOD, GOOD + b"\r\n\r", b"G" * 8191])
def test_half_a_head_is_none(data: bytes) -> None:
    """Until its empty line has come."""
    assert next_head(data) is None


@pytest.mark.parametrize(
    ("length", "is_read"), [(8192, True), (8193, False)], ids=["just enough", "too long"]
)
def test_a_head_has_an_end(*, length: int, is_read: bool) -> None:
    """With its empty line, and without those in front of it."""
    head = b"\r\n" + GOOD + b"\r\na: " + b"x" * (length - len(GOOD) - 9) + b"\r\n\r\n"
    assert len(head) == length + 2
    if is_read:
        assert next_head(head) is not None
        return
    for part in (head, head[2 : 8192 + 2]):
        with pytest.raises(Malformed) as caught:
            next_head(part)
        assert caught.value.status == 431


def test_a_body_may_have_a_few_bytes() -> None:
    """It is read and forgotten."""
    assert read_head(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 4096").body_length == 4096


def test_there_is_an_end_to_headers() -> None:
    """What thousands of them take is taken from everybody else."""
    most = b"GET / HTTP/1.0" + b"\r\na:" * 64
    assert len(read_head(most).values(b"a")) == 64
    with pytest.raises(Malformed) as caught:
        read_head(most + b"\r\na:")
    assert caught.value.status == 431


def by_h11(head: bytes) -> tuple[bytes, bytes, Headers] | None:
    """Read the same with h11; None where it refuses."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 16)
    try:
        connection.receive_data(head + b"\r\n\r\n")
        event = connection.next_event()
    except h11.RemoteProtocolError:
        return None
    if not isinstance(event, h11.Request):
        return None
    return event.method, event.target, grouped(event.headers)


PIECES = st.sampled_from(
    [
        *(b"GET", b"PUT", b" ", b" /a", b" HTTP/1.1", b" HTTP/1.0", b"\r\n", b"\n", b"\r", b"\t"),
        *(b"Host: a", b"host:b", b"X-A: 1 2", b":", b"Content-Length: 3", b"content-length: 03"),
        *(b"Transfer-Encoding: chunked", b"Connection: close", b"\x00", b"\xe9", b"\x7f", b" "),
    ]
)


@given(st.lists(PIECES, max_size=12), st.binary(max_size=8))
def test_it_is_never_more_forgiving_than_h11(pieces: list[bytes], noise: bytes) -> None:
    """Whatever it takes, a full library takes too, and reads the same in it."""
    for head in (
        b"".join(pieces) + noise,
        b"GET /a HTTP/1.1\r\nHost: a\r\n" + b"".join(pieces),
        b"GET /a HTTP/1.1\r\nHost: a\r\nX: " + noise,
    ):
        if b"\r\n\r\n" in head:
            continue
        try:
            ours = read_head(head)
        except Malformed:
            continue
        assert by_h11(head) == (ours.method, ours.target, ours.headers)
