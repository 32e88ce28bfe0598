"""When the gates are opened."""

import socket
from collections.abc import Iterator

import pytest
from tests.unit.agent.desks import Desk
from tests.unit.agent.holding import Held, grant

from rolesanywhere.agent.gate import Gate
from rolesanywhere.agent.opening import Opening
from rolesanywhere.agent.poller import Poller
from rolesanywhere.agent.report import Failure
from rolesanywhere.agent.server import listen

FAILURE = Failure("SessionRefused", "no", refused=True)


class Bench:
    """One gate, two identities, and a clock of ours."""

    def __init__(self) -> None:
        self.time = 0.0
        self.told = 0
        self.one, self.two = Held(), Held()
        self.poller = Poller()
        listener = listen("127.0.0.1", 0)
        self.gate = Gate("g", listener, Desk(), poller=self.poller, clock=self.clock)
        self.client = socket.create_connection(listener.getsockname())
        self.client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        self.opening = Opening(
            [self.gate], [self.one, self.two], announce=self.announce, clock=self.clock
        )

    def clock(self) -> float:
        """Tell the time."""
        return self.time

    def is_open(self) -> bool:
        """Tell whether the client who has come is noticed."""
        return bool(self.poller.ready(0.02))

    def announce(self) -> None:
        """Count, and see that one may come by then."""
        assert self.is_open()
        self.told += 1

    def close(self) -> None:
        """Put everything away."""
        self.gate.close()
        self.client.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    running = Bench()
    yield running
    running.close()


def test_it_opens_once_when_everyone_has_an_answer(bench: Bench) -> None:
    """Credentials, or what is in their way."""
    bench.opening.tick()
    bench.one.grant = grant("first")
    bench.opening.tick()
    bench.gate.sweep(0.0)
    assert not bench.is_open()
    bench.two.failure = FAILURE
    bench.opening.tick()
    bench.opening.tick()
    assert bench.told == 1
    assert bench.opening.moment() == float("inf")


def test_it_opens_when_that_takes_too_long(bench: Bench) -> None:
    """After five seconds, and not before."""
    bench.time = 4.9
    bench.opening.tick()
    assert (bench.told, bench.opening.moment()) == (0, 5.0)
    bench.time = 5.0
    bench.opening.tick()
    assert bench.told == 1
