"""The agenda: when each object is due, and who wakes those that wait for it."""

import asyncio
from bisect import bisect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import pytest

from rolesanywhere.controller.agenda import Agenda
from rolesanywhere.reconcile.outcome import Outcome

T = TypeVar("T")


def well(seconds: float) -> Outcome:
    return Outcome({}, (), seconds)


def failed(asked: float = 0.0) -> Outcome:
    return Outcome({}, (), asked, failed=True)


@dataclass
class Desk:
    """An agenda whose clock stands still until it is told to go on."""

    chance: float = 0.0
    longest: float = 300.0
    now: float = 1000.0
    agenda: Agenda = field(init=False)

    def __post_init__(self) -> None:
        """Begin with an empty agenda."""
        self.agenda = Agenda(
            clock=lambda: self.now, chance=lambda: self.chance, longest=self.longest
        )

    def is_due(self, uid: str = "u", after: float = 0.0) -> bool:
        """Tell whether an object is due after so many seconds, without waiting."""
        self.now += after
        return asyncio.run(self.agenda.until_due(uid, longest=0.0))

    def seconds_until_due(self, uid: str = "u") -> float:
        """Give how long it takes until an object is due, to a tenth of a second."""
        start = self.now
        tenths = bisect(range(10_000), x=False, key=lambda each: self._is_due_at(uid, start, each))
        self.now = start + tenths / 10
        return tenths / 10

    def _is_due_at(self, uid: str, start: float, tenths: int) -> bool:
        self.now = start + tenths / 10
        return self.is_due(uid)


def in_time(awaitable: Callable[[], Awaitable[T]]) -> T:
    async def run() -> T:
        return await asyncio.wait_for(awaitable(), 5)

    return asyncio.run(run())


def test_an_object_nobody_spoke_of_is_not_due() -> None:
    """Its first handler puts it on the agenda."""
    assert not Desk().is_due(after=1e9)


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 60.0), (0.5, 57.0)])
def test_the_next_look_is_a_little_early(chance: float, seconds: float) -> None:
    """So that a thousand objects made together drift apart."""
    desk = Desk(chance)
    desk.agenda.note("u", well(60))
    assert desk.seconds_until_due() == seconds


def test_failures_in_a_row_wait_longer_and_longer() -> None:
    """Doubling, with a bound; a look that went well begins anew."""
    desk = Desk(longest=10.0)
    waits = []
    for _ in range(6):
        desk.agenda.note("u", failed())
        waits.append(desk.seconds_until_due())
    assert waits == [1, 2, 4, 8, 10, 10]
    desk.agenda.note("u", well(5))
    desk.agenda.note("u", failed())
    assert desk.seconds_until_due() == 1


def test_the_bound_is_never_beyond_five_minutes() -> None:
    """However seldom objects that are well are looked at."""
    desk = Desk(longest=86400.0)
    for _ in range(20):
        desk.agenda.note("u", failed())
    assert desk.seconds_until_due() == 300


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 17.0), (0.8, 20.4)])
def test_what_aws_asked_for_is_a_floor(chance: float, seconds: float) -> None:
    """And jitter comes on top: not all come back in the same second."""
    desk = Desk(chance)
    desk.agenda.note("u", failed(asked=17.0))
    assert desk.seconds_until_due() == seconds


@pytest.mark.parametrize(("within", "seconds"), [(0.0, 0.0), (2.0, 1.0), (400.0, 60.0)])
def test_an_expedited_object_is_due_sooner(within: float, seconds: float) -> None:
    """Spread over some seconds, and never later than it would be."""
    desk = Desk(chance=0.5)
    desk.agenda.note("u", well(60 / 0.95))
    desk.agenda.expedite("u", within=within)
    assert desk.seconds_until_due() == pytest.approx(seconds, abs=0.1)


def test_an_object_off_the_agenda_stays_off() -> None:
    """It is looked at when its own handler says so."""
    desk = Desk()
    desk.agenda.expedite("u")
    assert not desk.is_due()


def test_a_retired_object_is_never_due() -> None:
    """It is being deleted; what was due before is not any more."""
    desk = Desk()
    desk.agenda.note("u", well(0))
    assert desk.is_due()
    desk.agenda.retire("u")
    assert desk.agenda.is_retired("u")
    assert not desk.is_due(after=100)
    desk.agenda.note("u", well(0))
    assert not desk.is_due()


def test_a_forgotten_object_begins_anew() -> None:
    """Nothing is kept of it: neither that it was retired nor its failures."""
    desk = Desk()
    desk.agenda.note("u", failed())
    desk.agenda.retire("u")
    desk.agenda.forget("u")
    desk.agenda.forget("u")
    assert not desk.agenda.is_retired("u")
    assert not desk.is_due(after=100)


def test_nothing_is_due_when_the_program_ends() -> None:
    """Neither what waits nor what comes."""
    desk = Desk()
    desk.agenda.note("u", well(0))
    desk.agenda.close()
    assert desk.agenda.is_closed
    assert desk.agenda.is_retired("u")
    assert not desk.is_due()
    assert not desk.is_due("other")


def test_one_look_at_a_time() -> None:
    """The lock is the object's, and another object's is another."""
    agenda = Desk().agenda
    assert agenda.turn("u") is agenda.turn("u")
    assert agenda.turn("u") is not agenda.turn("v")


def live_agenda() -> Agenda:
    """Have an agenda on the event loop's own clock."""
    return Agenda(clock=asyncio.get_running_loop().time, chance=lambda: 0.0)


def test_who_waits_is_woken_when_it_is_time() -> None:
    """By the clock alone."""

    async def wait() -> bool:
        agenda = live_agenda()
        agenda.note("u", well(0.01))
        return await agenda.until_due("u", longest=5)

    assert in_time(wait)


def test_who_waits_long_enough_comes_again() -> None:
    """A timer must end once in a while, so that kopf can end it."""

    async def wait() -> bool:
        return await live_agenda().until_due("u", longest=0.01)

    assert not in_time(wait)


@pytest.mark.parametrize(
    ("wake", "is_due"),
    [
        (lambda agenda: agenda.expedite("u"), True),
        (lambda agenda: agenda.note("u", well(0)), True),
        (lambda agenda: agenda.retire("u"), False),
        (lambda agenda: agenda.forget("u"), False),
        (lambda agenda: agenda.close(), False),
    ],
    ids=["expedited", "noted", "retired", "forgotten", "closed"],
)
def test_who_waits_is_woken(wake: Callable[[Agenda], None], *, is_due: bool) -> None:
    """At once, by whatever changes the answer."""

    async def wait() -> bool:
        agenda = live_agenda()
        agenda.note("u", well(60))
        waiting = asyncio.create_task(agenda.until_due("u", longest=60))
        await asyncio.sleep(0)
        wake(agenda)
        return await waiting

    assert in_time(wait) is is_due


def test_a_later_date_wakes_nobody_for_long() -> None:
    """Who waits looks at the agenda again, and waits on."""

    async def wait() -> bool:
        agenda = live_agenda()
        agenda.note("u", well(60))
        waiting = asyncio.create_task(agenda.until_due("u", longest=60))
        await asyncio.sleep(0)
        agenda.note("u", well(50))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        agenda.expedite("u")
        return await waiting

    assert in_time(wait)
