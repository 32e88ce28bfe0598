"""Whom to call when, with real sockets: by epoll, and by poll where a system has no epoll."""

import socket
import time
import weakref
from collections.abc import Iterator
from contextlib import suppress

import pytest

from rolesanywhere.agent.poller import READ, WRITE, Poller


class Pair:
    """Two ends of a connection, one of them watched; remembers its calls."""

    def __init__(self, poller: Poller) -> None:
        self.poller = poller
        self.ours, self.theirs = socket.socketpair()
        self.calls = 0

    def on_event(self) -> None:
        """Count."""
        self.calls += 1

    def watch(self, mask: int) -> None:
        """Have it watched."""
        self.poller.register(self.ours.fileno(), mask, self.on_event)

    def look(self, seconds: float = 0.0) -> int:
        """Look once, call whoever is ready, and give how often this one has been called so far."""
        for go_on in self.poller.ready(seconds):
            go_on()
        return self.calls

    def close(self) -> None:
        """Put both ends away."""
        self.ours.close()
        self.theirs.close()


def fill(end: socket.socket) -> None:
    """Write until nothing more goes in."""
    end.settimeout(0)
    with suppress(BlockingIOError):
        while True:
            end.send(b"x" * 65536)


@pytest.fixture(params=[True, False], ids=["epoll", "poll"])
def poller(request: pytest.FixtureRequest) -> Poller:
    return Poller(epoll=request.param)


@pytest.fixture
def pair(poller: Poller) -> Iterator[Pair]:
    made = Pair(poller)
    yield made
    made.close()


def test_who_has_something_to_read_is_called_until_it_is_read(pair: Pair) -> None:
    """A look that finds nothing calls nobody; what is left unread is found again."""
    pair.watch(READ)
    assert pair.look() == 0
    pair.theirs.send(b"x")
    assert (pair.look(), pair.look()) == (1, 2)
    pair.ours.recv(1)
    assert pair.look() == 2


def test_who_may_write_is_called(pair: Pair) -> None:
    """It asks for that alone: what comes to be read is not told."""
    pair.watch(WRITE)
    assert pair.look() == 1
    pair.poller.modify(pair.ours.fileno(), READ)
    assert pair.look() == 1
    pair.theirs.send(b"x")
    assert pair.look() == 2
    fill(pair.ours)
    pair.poller.modify(pair.ours.fileno(), WRITE)
    assert pair.look() == 2


def test_whose_other_side_is_gone_is_called(pair: Pair) -> None:
    """To find the end."""
    pair.watch(READ)
    pair.theirs.close()
    assert pair.look() == 1


def test_who_is_taken_away_is_not_called(pair: Pair) -> None:
    """Its number may then be another's."""
    pair.watch(READ)
    pair.theirs.send(b"x")
    pair.poller.unregister(pair.ours.fileno())
    assert pair.look() == 0


def test_who_is_taken_away_is_forgotten(poller: Poller) -> None:
    """A server that runs for months keeps nothing of those who came."""
    pair = Pair(poller)
    pair.watch(READ)
    poller.unregister(pair.ours.fileno())
    pair.close()
    left = weakref.ref(pair)
    del pair
    assert left() is None


def test_everyone_who_is_ready_is_called(poller: Poller) -> None:
    """In one look, or in the next one when they are many."""
    pairs = [Pair(poller) for _ in range(300)]
    for each in pairs:
        each.watch(READ)
        each.theirs.send(b"x")
    for _ in range(3):
        pairs[0].look()
    assert all(each.calls for each in pairs)
    for each in pairs:
        each.close()


@pytest.mark.parametrize("seconds", [0.0002, 0.02])
def test_a_wait_is_never_too_short(pair: Pair, seconds: float) -> None:
    """Whoever waits for a moment finds it has come, and need not look time and again."""
    pair.watch(READ)
    began = time.monotonic()
    assert pair.look(seconds) == 0
    assert time.monotonic() - began >= seconds
