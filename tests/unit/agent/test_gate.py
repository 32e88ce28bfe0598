"""Connections at a gate: places, patience and deadlines, with a clock of ours and real sockets."""

import socket
from collections.abc import Iterator

import pytest
from tests.unit.agent.desks import Desk

from rolesanywhere.agent.gate import Gate
from rolesanywhere.agent.poller import Poller

PLACES = 3
WHOLE = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
LARGE = 8 << 20  # bytes: more than a socket takes at once


class Bench:
    """A gate, its loop turned by hand."""

    def __init__(self) -> None:
        self.time = 0.0
        self.desk = Desk()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(0)
        self.poller = Poller()
        self.clients: list[socket.socket] = []
        self.gate = Gate(
            "bench",
            self.listener,
            self.desk,
            poller=self.poller,
            clock=lambda: self.time,
            places=PLACES,
        )
        self.gate.open()

    def come(self, data: bytes) -> socket.socket:
        """Come to the gate, and say something; nobody looks yet."""
        client = socket.create_connection(self.listener.getsockname())
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # what is said comes at once
        client.settimeout(1)
        client.sendall(data)
        self.clients.append(client)
        return client

    def connect(self, data: bytes = b"") -> socket.socket:
        """Come to the gate, and say something."""
        client = self.come(data)
        self.time += 0.01
        self.turn()
        return client

    def ask_twice(self, second: bytes) -> socket.socket:
        """Come and be answered, then say something; nobody looks yet."""
        client = self.connect(WHOLE)
        assert client.recv(65536).endswith(b"fine")
        client.sendall(second)
        return client

    def turn(self) -> None:
        """Handle what has happened, until nothing more does."""
        while self.half_turn() or self.gate.waiting:
            self.gate.resume()

    def half_turn(self) -> bool:
        """Handle what one look finds; tells whether that was anything."""
        ready = self.poller.ready(0.0 if self.gate.waiting else 0.02)
        for go_on in ready:
            go_on()
        return bool(ready)

    def idlers(self) -> list[socket.socket]:
        """Have all places taken by who was answered and stays."""
        return [self.ask_twice(b"") for _ in range(PLACES)]

    def look_once(self) -> None:
        """Handle what one look finds, newcomers first."""
        ready = self.poller.ready(1)
        assert len(ready) == 2
        for go_on in sorted(ready, key=lambda each: getattr(each, "__self__", None) != self.gate):
            go_on()

    def read(self, client: socket.socket, *, ending: bytes | None) -> bytes:
        """Read up to an ending, or to the connection's end: there ought to be nothing behind it."""
        data = b""
        while not (ending and data.endswith(ending)) and (more := client.recv(1 << 20)):
            data += more
            self.turn()
        return data

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.time += seconds
        self.gate.sweep(self.time)
        self.turn()

    def close(self) -> None:
        """Put everything away."""
        for client in self.clients:
            client.close()
        self.turn()
        self.gate.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    running = Bench()
    yield running
    running.close()


def is_cut(client: socket.socket) -> bool:
    try:
        return client.recv(65536) == b""
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("data", [b"", b"G", WHOLE[:-2]])
def test_a_request_that_drips_in_is_cut(bench: Bench, data: bytes) -> None:
    """Five seconds after it began, and not before."""
    client = bench.connect(data)
    bench.wait(4.9)
    assert bench.gate.connections
    bench.wait(0.2)
    assert is_cut(client)
    assert not bench.gate.connections


@pytest.mark.parametrize(
    ("length", "status"), [(8192, 200), (8193, 431)], ids=["all that it may have", "more"]
)
def test_a_head_has_a_largest_size(bench: Bench, length: int, status: int) -> None:
    """8 KiB, with the empty line at its end."""
    start = b"GET / HTTP/1.1\r\nHost: a\r\nX: "
    client = bench.connect(start + b"x" * (length - len(start) - 4) + b"\r\n\r\n")
    assert client.recv(65536).startswith(b"HTTP/1.1 %d " % status)


def test_dripping_on_does_not_help(bench: Bench) -> None:
    """The time is for the whole request."""
    client = bench.connect(b"GET /")
    for _ in range(5):
        bench.wait(0.9)
        client.sendall(b"x")
        bench.turn()
    bench.wait(0.9)
    assert is_cut(client)


def test_an_idle_connection_is_kept_for_a_while(bench: Bench) -> None:
    """SDKs may ask again on it; then it is closed."""
    client = bench.connect(WHOLE)
    assert client.recv(65536).endswith(b"fine")
    bench.wait(29)
    client.sendall(WHOLE)
    bench.turn()
    assert client.recv(65536).endswith(b"fine")
    bench.wait(31)
    assert is_cut(client)


def test_a_client_that_does_not_read_is_cut(bench: Bench) -> None:
    """A reply has five seconds to be taken."""
    bench.desk.body = b"x" * LARGE
    bench.connect(WHOLE)
    assert bench.gate.connections
    bench.wait(5.1)
    assert not bench.gate.connections


def test_taking_a_reply_in_drops_does_not_help(bench: Bench) -> None:
    """The time is for the whole reply."""
    bench.desk.body = b"x" * LARGE
    client = bench.connect(WHOLE)
    for _ in range(5):
        bench.wait(0.9)
        assert client.recv(1 << 17)
        bench.turn()
    assert bench.gate.connections
    bench.wait(0.6)
    assert not bench.gate.connections


@pytest.mark.parametrize("request_", [WHOLE, LAST])
def test_a_slow_reader_is_served_to_the_end(bench: Bench, request_: bytes) -> None:
    """What the socket does not take at once follows."""
    bench.desk.body = b"x" * LARGE + b"tail"
    client = bench.connect(request_)
    _, _, body = bench.read(client, ending=b"tail").partition(b"\r\n\r\n")
    assert body == bench.desk.body
    assert bench.gate.statuses == {200: 1}


def test_idle_connections_give_way(bench: Bench) -> None:
    """Whoever was answered and stays may be sent off for someone who wants something."""
    stayers = bench.idlers()
    assert bench.connect(WHOLE).recv(65536).endswith(b"fine")
    assert is_cut(stayers[0])
    assert len(bench.gate.connections) == PLACES


def test_slow_requests_are_given_a_moment_then_give_way(bench: Bench) -> None:
    """Whoever comes meanwhile waits outside, and is then served."""
    crowd = [bench.connect(b"GET") for _ in range(PLACES)]
    waiting = bench.connect(WHOLE)
    bench.wait(0.04)
    waiting.settimeout(0.05)
    with pytest.raises(TimeoutError):
        waiting.recv(1)
    bench.wait(0.06)
    waiting.settimeout(1)
    assert waiting.recv(65536).endswith(b"fine")
    assert is_cut(crowd[0])


def test_a_closed_gate_lets_nobody_in_and_finishes(bench: Bench) -> None:
    """Idle ones are sent off at once, a request under way is answered, with a goodbye."""
    idle = bench.connect(WHOLE)
    idle.recv(65536)
    asking = bench.connect(WHOLE[:-2])
    bench.gate.close()
    assert is_cut(idle)
    asking.sendall(WHOLE[-2:])
    bench.turn()
    assert b"connection: close" in asking.recv(65536)
    bench.wait(0.1)
    assert not bench.gate.connections


def test_a_closed_gate_answers_who_has_just_asked(bench: Bench) -> None:
    """Though nobody has looked since: with bytes unread the kernel would reset the connection."""
    client = bench.ask_twice(WHOLE)
    bench.gate.close()
    assert b"connection: close" in bench.read(client, ending=b"fine")
    assert is_cut(client)
    assert not bench.gate.connections


def test_a_closed_gate_lets_who_has_just_begun_go_on(bench: Bench) -> None:
    """The rest of the request is on its way."""
    client = bench.ask_twice(WHOLE[:-2])
    bench.gate.close()
    client.sendall(WHOLE[-2:])
    bench.turn()
    assert b"connection: close" in bench.read(client, ending=b"fine")
    assert not bench.gate.connections


def test_a_closed_gate_answers_who_waits_outside(bench: Bench) -> None:
    """However many have come: the kernel would reset them together with the listener."""
    waiting = [bench.come(WHOLE) for _ in range(20 * PLACES)]
    bench.gate.close()
    assert all(client.recv(65536).endswith(b"fine") for client in waiting)
    assert not bench.gate.connections


def test_who_gives_way_and_has_just_asked_is_answered(bench: Bench) -> None:
    """Then it is gone, and the newcomer has its place."""
    first, *_ = bench.idlers()
    first.sendall(WHOLE)
    newcomer = bench.come(WHOLE)
    bench.look_once()
    assert b"connection: close" in bench.read(first, ending=b"fine")
    assert bench.read(newcomer, ending=b"fine")
    assert is_cut(first)
    assert len(bench.gate.connections) == PLACES


def test_who_has_just_begun_gives_no_way(bench: Bench) -> None:
    """It has the moment that a request is given, and the next one goes."""
    first, second, _ = bench.idlers()
    first.sendall(WHOLE[:-2])
    newcomer = bench.come(WHOLE)
    bench.look_once()
    assert bench.read(newcomer, ending=b"fine")
    assert is_cut(second)
    first.sendall(WHOLE[-2:])
    bench.turn()
    assert bench.read(first, ending=b"fine")


def test_what_was_answered_in_giving_way_is_not_answered_again(bench: Bench) -> None:
    """Its event of the same look comes when the reply is still being taken."""
    first, *_ = bench.idlers()
    bench.desk.body = b"x" * LARGE
    first.sendall(WHOLE * 400)  # more than is read at once
    bench.come(WHOLE)
    bench.look_once()
    assert bench.gate.statuses == {200: PLACES + 2}


def test_who_asks_at_the_last_moment_is_answered(bench: Bench) -> None:
    """An idle connection's time is over, but nobody had looked."""
    client = bench.ask_twice(WHOLE)
    bench.time += 31
    bench.gate.sweep(bench.time)
    assert b"connection: close" in bench.read(client, ending=b"fine")
    assert not bench.gate.connections


def test_two_hundred_requests_in_one_piece(bench: Bench) -> None:
    """They are answered one after the other, without growing the stack."""
    bench.desk.body = b"fine."
    client = bench.connect(WHOLE * 199 + LAST)
    assert bench.read(client, ending=None).count(b"fine.") == 200
    assert bench.gate.statuses == {200: 200}


def test_who_sends_many_requests_has_no_more_turns_by_it(bench: Bench) -> None:
    """One reply a look, and none is read ahead: whoever sends one is not behind two hundred."""
    pushy = bench.come(WHOLE * 150)
    bench.half_turn()
    pushy.sendall(WHOLE * 49 + LAST)
    for looks in range(1, 6):
        bench.half_turn()
        assert bench.gate.statuses == {200: looks}
        bench.gate.resume()
    modest = bench.come(LAST)
    bench.half_turn()
    assert modest.recv(65536).endswith(b"fine")
    bench.turn()
    assert bench.gate.statuses == {200: 201}


def test_the_last_reply_arrives_whatever_comes_behind_its_request(bench: Bench) -> None:
    """What nobody reads makes the kernel cut the connection, but behind the reply."""
    client = bench.connect(LAST + b"x" * 65536)
    assert client.recv(65536).endswith(b"fine")
    assert is_cut(client)


def test_an_empty_line_behind_a_request_is_no_request(bench: Bench) -> None:
    """Who sent one is idle, and may stay as long as anybody who is."""
    bench.connect(WHOLE + b"\r\n")
    (connection,) = bench.gate.connections
    assert (connection.is_idle, bench.gate.waiting) == (True, [])
    assert connection.deadline == bench.time + 30


def test_a_body_may_begin_with_an_empty_line(bench: Bench) -> None:
    """It is part of the body, though the rest comes later."""
    client = bench.connect(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n\r\n")
    client.sendall(b"xx")
    bench.turn()
    assert bench.read(client, ending=b"fine")


def test_an_empty_line_before_a_request_is_skipped(bench: Bench) -> None:
    """Some clients send one behind a body."""
    client = bench.connect(b"\r\n" + WHOLE + b"\r\n\r\n" + LAST)
    assert bench.read(client, ending=None).count(b"fine") == 2
    assert bench.gate.statuses == {200: 2}


def test_who_is_refused_may_finish_sending(bench: Bench) -> None:
    """For a second: cut at once, while still sending, it would not read why."""
    client = bench.connect(b"nonsense\r\n\r\n")
    client.sendall(b"more")
    bench.turn()
    assert bench.read(client, ending=None).startswith(b"HTTP/1.1 400 ")
    bench.wait(0.9)
    assert bench.gate.connections
    bench.wait(0.2)
    assert not bench.gate.connections


def test_half_a_request_after_a_whole_one(bench: Bench) -> None:
    """It counts as under way from then on."""
    client = bench.connect(WHOLE + b"GET /")
    assert client.recv(65536).endswith(b"fine")
    bench.wait(5.1)
    assert is_cut(client)


def test_news_of_a_connection_closed_meanwhile_is_no_news(bench: Bench) -> None:
    """Someone comes in its place and it says something, both before the loop's next look."""
    crowd = [bench.connect(b"GET") for _ in range(PLACES)]
    bench.time += 1.1
    crowd[0].sendall(b" /")
    newcomer = bench.come(WHOLE)
    bench.look_once()
    assert newcomer.recv(65536).endswith(b"fine")
    assert is_cut(crowd[0])
