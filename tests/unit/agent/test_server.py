"""The event loop: who is given a turn when, with real sockets and pipes."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from tests.unit.agent.desks import Desk

from rolesanywhere.agent.gate import Gate
from rolesanywhere.agent.poller import READ, Callback, Poller
from rolesanywhere.agent.server import Server, listen

WHOLE = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
LARGE = 8 << 20  # bytes: more than a socket takes at once
STIR, REST, FREEZE, STOP = b"!", b".", b"z", b"x"  # what the pipe's reader makes of a byte


class Worker:
    """Counts its turns; its next one is an hour away, or as told."""

    def __init__(self) -> None:
        self.ticks = 0
        self.soon = 0  # turns that are due in a moment
        self.stopped = threading.Event()
        self.has_time = threading.Event()

    def moment(self) -> float:
        """Give the next turn's time."""
        if self.ticks <= self.soon:
            return time.monotonic() + 0.02
        self.has_time.set()
        return time.monotonic() + 3600

    def tick(self) -> None:
        """Count."""
        self.ticks += 1

    def stop(self) -> None:
        """Note the end."""
        self.stopped.set()


class CountingPoller(Poller):
    """Counts how often somebody looks."""

    looks = 0

    def ready(self, seconds: float) -> list[Callback]:
        """Wait for events."""
        self.looks += 1
        return super().ready(seconds)


class Running:
    """A server in a thread, with a worker and a pipe whose bytes are events."""

    def __init__(self) -> None:
        self.poller = CountingPoller()
        self.listener = listen("127.0.0.1", 0)
        self.worker = Worker()
        self.ahead = 0.0  # of the machine's clock, in seconds
        self.stopped_at: float | None = None  # what the machine's clock shows, if it stands still
        self.desk = Desk()
        self.frozen, self.thawed = threading.Event(), threading.Event()
        gate = Gate("g", self.listener, self.desk, poller=self.poller, clock=self.clock)
        gate.open()
        self.server = Server([gate], [self.worker], poller=self.poller, clock=self.clock)
        self.reader, self.writer = os.pipe()
        self.poller.register(self.reader, READ, self.on_byte)
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def clock(self) -> float:
        """Tell the time."""
        now = time.monotonic() if self.stopped_at is None else self.stopped_at
        return now + self.ahead

    def on_byte(self) -> bool:
        """Stop, stand still, or tell whether the workers are to look."""
        byte = os.read(self.reader, 1)
        if byte == STOP:
            self.server.stop()
        if byte == FREEZE:
            self.frozen.set()
            self.thawed.wait(5)
        return byte == STIR

    def connect(self, data: bytes) -> socket.socket:
        """Come, and say something."""
        client = socket.create_connection(self.listener.getsockname(), 5)
        client.sendall(data)
        return client

    def ask(self, count: int) -> None:
        """Have requests answered on one connection."""
        with self.connect(b"") as client:
            for _ in range(count):
                client.sendall(WHOLE)
                assert client.recv(65536).startswith(b"HTTP/1.1 200 ")

    def looks_again(self) -> None:
        """Wait until it has looked for events twice from now on."""
        looks, end = self.poller.looks, time.monotonic() + 5
        while self.poller.looks < looks + 2:
            assert time.monotonic() < end
            time.sleep(0.001)

    def finish(self) -> int:
        """Stop; give how many turns the worker had."""
        os.write(self.writer, STOP)
        self.thread.join(5)
        assert not self.thread.is_alive()
        return self.worker.ticks


@pytest.fixture
def running() -> Iterator[Running]:
    server = Running()
    yield server
    server.listener.close()
    os.close(server.reader)
    os.close(server.writer)


def read_all(client: socket.socket) -> bytes:
    """Read to the end, or to where the other side has cut."""
    data = b""
    with suppress(ConnectionResetError):
        while more := client.recv(1 << 20):
            data += more
    return data


def test_requests_give_workers_nothing_to_do(running: Running) -> None:
    """They have their first turn, and none for what is only asked and answered."""
    running.thread.start()
    running.ask(50)
    assert running.finish() == 1
    assert running.worker.stopped.is_set()


@pytest.mark.parametrize(("byte", "turns"), [(STIR, 2), (REST, 1)])
def test_an_event_may_give_them_something(running: Running, byte: bytes, turns: int) -> None:
    """A child's end does, a part of its output does not: the handler says which."""
    running.thread.start()
    os.write(running.writer, byte)
    running.ask(1)  # answered after the byte was seen, or in the same look
    assert running.finish() == turns


def test_an_event_is_not_forgotten_over_the_next_one(running: Running) -> None:
    """Though one look found both, and the other one's has nothing for the workers."""
    other, far = os.pipe()
    running.poller.register(other, READ, lambda: os.read(other, 1) == STIR)
    running.thread.start()
    os.write(running.writer, FREEZE)
    assert running.frozen.wait(5)
    os.write(running.writer, STIR)
    os.write(far, REST)
    running.thawed.set()
    running.ask(1)
    assert running.finish() == 2
    os.close(other)
    os.close(far)


def test_workers_that_are_due_have_their_turns(running: Running) -> None:
    """Without any event."""
    running.worker.soon = 3
    running.thread.start()
    assert running.worker.has_time.wait(5)
    looks = running.poller.looks
    assert running.finish() == 4
    assert looks <= 4  # one for each turn: an agent that has nothing to do does nothing


def test_a_stop_before_the_first_turn_holds(running: Running) -> None:
    """A signal may come while the agent starts."""
    running.server.stop()
    running.thread.start()
    running.thread.join(5)
    assert running.worker.ticks == 0
    assert running.worker.stopped.is_set()


def test_who_has_sent_is_not_cut_though_nobody_looked(running: Running) -> None:
    """A node may stop its processes for a while: what came meanwhile counts as in time."""
    running.thread.start()
    with running.connect(WHOLE[:-2]) as client:
        running.ask(1)  # by then the other one is in
        running.ahead += 0.2  # the deadlines are to be looked at in the turn that is held up
        os.write(running.writer, REST + FREEZE)
        assert running.frozen.wait(5)
        client.sendall(WHOLE[-2:])
        running.ahead += 7
        running.thawed.set()
        assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
    running.finish()


def test_who_has_not_sent_in_time_is_cut(running: Running) -> None:
    """Though nothing happens."""
    running.thread.start()
    with running.connect(WHOLE[:-2]) as client:
        running.ask(1)
        running.ahead += 6
        assert client.recv(1) == b""
    running.finish()


def test_a_request_under_way_is_answered_after_the_stop(running: Running) -> None:
    """With a goodbye."""
    running.thread.start()
    with running.connect(WHOLE[:-2]) as client:
        running.ask(1)
        os.write(running.writer, STOP)
        assert running.worker.stopped.wait(5)
        client.sendall(WHOLE[-2:])
        assert b"connection: close" in client.recv(65536)
    running.thread.join(5)
    assert not running.thread.is_alive()


def test_a_request_nobody_has_looked_at_is_answered_after_the_stop(running: Running) -> None:
    """It came on an idle connection while the loop was busy, just before the signal."""
    running.thread.start()
    with running.connect(WHOLE) as client:
        assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
        os.write(running.writer, FREEZE)
        assert running.frozen.wait(5)
        client.sendall(WHOLE)
        running.server.stop()
        running.thawed.set()
        assert b"connection: close" in client.recv(65536)
    running.thread.join(5)
    assert not running.thread.is_alive()


@pytest.mark.parametrize(
    ("said", "length"),
    [(b"GET / HT", 4), (WHOLE, LARGE)],
    ids=["half a request", "a reply that nobody reads"],
)
def test_who_does_not_go_on_holds_up_no_end(running: Running, said: bytes, length: int) -> None:
    """The drain's time is for requests and replies under way, and it is less than a second."""
    running.thread.start()
    running.ask(1)
    running.desk.body = b"x" * length
    with running.connect(said) as client:
        running.stopped_at = time.monotonic()
        os.write(running.writer, STOP)
        assert running.worker.stopped.wait(5)
        running.looks_again()  # by then it is settled when the drain ends
        assert running.thread.is_alive()
        running.ahead += 0.9
        running.thread.join(5)
        assert not running.thread.is_alive()
        assert len(read_all(client)) < length
