"""The event loop: who is given a turn when, with real sockets and pipes."""

import os
import selectors
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from tests.unit.agent.desks import Desk

from rolesanywhere.agent.gate import Gate
from rolesanywhere.agent.server import Server, listen

WHOLE = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
STIR, REST, STOP = b"!", b".", b"x"  # what the pipe's reader makes of a byte


class Worker:
    """Counts its turns; its next one is an hour away, or as told."""

    def __init__(self) -> None:
        self.ticks = 0
        self.soon = 0  # turns that are due at once
        self.is_stopped = False
        self.has_time = threading.Event()

    def moment(self) -> float:
        """Give the next turn's time."""
        if self.ticks <= self.soon:
            return time.monotonic()
        self.has_time.set()
        return time.monotonic() + 3600

    def tick(self) -> None:
        """Count."""
        self.ticks += 1

    def stop(self) -> None:
        """Note the end."""
        self.is_stopped = True


class Running:
    """A server in a thread, with a worker and a pipe whose bytes are events."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.listener = listen("127.0.0.1", 0)
        self.worker = Worker()
        gate = Gate("g", self.listener, Desk(), selector=self.selector, clock=time.monotonic)
        gate.open()
        self.server = Server([gate], [self.worker], selector=self.selector, clock=time.monotonic)
        self.reader, self.writer = os.pipe()
        self.selector.register(self.reader, selectors.EVENT_READ, self.on_byte)
        self.thread = threading.Thread(target=self.server.run)

    def on_byte(self, _mask: int) -> bool:
        """Stop, or tell whether the workers are to look."""
        byte = os.read(self.reader, 1)
        if byte == STOP:
            self.server.stop()
        return byte == STIR

    def ask(self, count: int) -> None:
        """Have requests answered on one connection."""
        with socket.create_connection(self.listener.getsockname(), 5) as client:
            for _ in range(count):
                client.sendall(WHOLE)
                assert client.recv(65536).startswith(b"HTTP/1.1 200 ")

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
    server.selector.close()
    server.listener.close()
    os.close(server.reader)
    os.close(server.writer)


def test_requests_give_workers_nothing_to_do(running: Running) -> None:
    """They have their first turn, and none for what is only asked and answered."""
    running.thread.start()
    running.ask(50)
    assert running.finish() == 1
    assert running.worker.is_stopped


@pytest.mark.parametrize(("byte", "turns"), [(STIR, 2), (REST, 1)])
def test_an_event_may_give_them_something(running: Running, byte: bytes, turns: int) -> None:
    """A child's end does, a part of its output does not: the handler says which."""
    running.thread.start()
    os.write(running.writer, byte)
    running.ask(1)  # answered after the byte was seen, or in the same look
    assert running.finish() == turns


def test_workers_that_are_due_have_their_turns(running: Running) -> None:
    """Without any event."""
    running.worker.soon = 3
    running.thread.start()
    assert running.worker.has_time.wait(5)
    assert running.finish() == 4


def test_a_stop_before_the_first_turn_holds(running: Running) -> None:
    """A signal may come while the agent starts."""
    running.server.stop()
    running.thread.start()
    running.thread.join(5)
    assert running.worker.ticks == 0
    assert running.worker.is_stopped
