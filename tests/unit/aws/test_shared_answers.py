"""Shared answers and the listing on top of them: how often AWS is asked, and what is seen."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from rolesanywhere.api.conditions import Reason
from rolesanywhere.aws.listing import Listing
from rolesanywhere.aws.sharing import SharedAnswer, SharedAnswers
from rolesanywhere.domain.trouble import Refusal, Trouble


@dataclass
class World:
    """What AWS would answer, how often it was asked, and the time."""

    records: tuple[str, ...] = ("a=1", "b=1")
    trouble: Trouble | None = None
    asked: int = 0
    now: float = 0.0
    while_asked: Callable[[], object] = field(default=lambda: None)

    def ask(self) -> tuple[str, ...]:
        """Answer as AWS, after whatever happens meanwhile."""
        self.asked += 1
        records = self.records
        self.while_asked()
        if self.trouble is not None:
            raise self.trouble
        return records

    def clock(self) -> float:
        """Tell the time."""
        return self.now

    def shared(self) -> SharedAnswer[tuple[str, ...]]:
        """Make the answer under test."""
        return SharedAnswer(self.ask, ttl_seconds=30, clock=self.clock)

    def listing(self) -> Listing[str]:
        """Make the listing under test."""
        return Listing(
            self.ask,
            identify=lambda record: record.split("=")[0],
            ttl_seconds=30,
            clock=self.clock,
            settle_seconds=10,
        )


@pytest.fixture
def world() -> World:
    return World()


def together(times: int, call: Callable[[], object]) -> list[object]:
    """Run ``call`` in many threads at once; results, or the troubles raised."""
    results: list[object] = []
    barrier = threading.Barrier(times)

    def run() -> None:
        barrier.wait()
        try:
            results.append(call())
        except Trouble as trouble:
            results.append(trouble)

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_an_answer_is_kept_for_its_time(world: World) -> None:
    """AWS is asked once within the time, and again after it."""
    shared = world.shared()
    shared.read()
    world.now = 29.9
    shared.read()
    assert world.asked == 1
    world.now = 30
    shared.read()
    assert world.asked == 2


def test_an_answer_ages_from_the_question(world: World) -> None:
    """A slow answer is as old as its question: AWS may have looked right after that."""
    world.while_asked = lambda: setattr(world, "now", world.now + 20)
    shared = world.shared()
    shared.read()
    world.now += 11
    shared.read()
    assert world.asked == 2


def test_many_callers_cost_one_question(world: World) -> None:
    """Who comes while AWS is asked waits for the same answer."""
    pause = threading.Event()
    world.while_asked = lambda: pause.wait(0.1)
    assert together(16, world.shared().read) == [world.records] * 16
    assert world.asked == 1


def test_those_who_waited_share_the_trouble(world: World) -> None:
    """An outage does not make every waiting worker ask in its turn."""
    world.trouble = Refusal(Reason.ACCESS_DENIED, "no", retry_after=3.0)
    asking = threading.Event()
    world.while_asked = lambda: asking.wait(0.3)
    results = together(8, world.shared().read)
    assert world.asked <= 2  # a thread that was very late may have asked again
    assert {(type(r), str(r)) for r in results} == {(Refusal, "no")}
    assert len({id(r) for r in results}) == 8


def test_a_trouble_is_not_kept(world: World) -> None:
    """Who asks later asks AWS."""
    shared = world.shared()
    world.trouble = Trouble(Reason.AWS_UNAVAILABLE, "down")
    with pytest.raises(Trouble):
        shared.read()
    world.trouble = None
    assert shared.read() == world.records


def test_a_forgotten_answer_is_asked_for_again(world: World) -> None:
    """After a change of ours, nobody is told what was before."""
    shared = world.shared()
    shared.read()
    shared.forget()
    shared.read()
    assert world.asked == 2


def test_an_answer_on_its_way_is_forgotten_too(world: World) -> None:
    """AWS may have looked before our change, though it answers after it."""
    shared = world.shared()
    world.while_asked = shared.forget
    shared.read()
    world.while_asked = lambda: None
    shared.read()
    assert world.asked == 2


def test_keys_do_not_share_answers() -> None:
    """Each key has its own answer and its own age."""
    asked: list[str] = []

    def ask(key: str) -> str:
        asked.append(key)
        return key.upper()

    shared = SharedAnswers(ask, ttl_seconds=5, clock=lambda: 0.0)
    assert [shared.read("a"), shared.read("b"), shared.read("a")] == ["A", "B", "A"]
    shared.forget("a")
    shared.read("a")
    assert asked == ["a", "b", "a"]


def test_nothing_is_also_an_answer() -> None:
    """A role that does not exist is not asked for again and again."""
    asked: list[str] = []
    shared = SharedAnswers(asked.append, ttl_seconds=5, clock=lambda: 0.0)
    assert shared.read("a") is shared.read("a")
    assert asked == ["a"]


def test_old_keys_do_not_pile_up() -> None:
    """A thousand roles that come and go leave no thousand answers behind."""
    now = 0.0
    shared = SharedAnswers(str, ttl_seconds=5, clock=lambda: now)
    for number in range(2000):
        now = float(number)
        shared.read(number)
    assert len(shared._answers) < 300  # noqa: SLF001 - size is the promise


def test_own_changes_show_without_another_list(world: World) -> None:
    """Create, update and delete cost no List."""
    listing = world.listing()
    listing.read()
    listing.put("c=1")
    listing.put("a=2")
    listing.remove("b")
    assert listing.read() == ("a=2", "c=1")
    assert world.asked == 1


def test_a_list_that_lags_behind_does_not_undo_a_change(world: World) -> None:
    """An anchor missing from a fresh list would be created twice."""
    listing = world.listing()
    listing.put("c=1")
    world.now = 31
    assert "c=1" in listing.read()


def test_a_change_made_while_listing_is_seen(world: World) -> None:
    """The list that was on its way cannot know of it."""
    listing = world.listing()
    world.while_asked = lambda: listing.put("c=1")
    assert listing.read() == ("a=1", "b=1", "c=1")


def test_in_the_end_the_list_is_right(world: World) -> None:
    """What someone else changed after us is seen once our change has settled."""
    listing = world.listing()
    listing.put("a=2")
    world.now = 41
    assert listing.read() == ("a=1", "b=1")


def test_a_failed_change_is_listed_anew(world: World) -> None:
    """An answer that was lost says nothing about what AWS did."""
    listing = world.listing()
    listing.read()
    with pytest.raises(Trouble), listing.changing():
        raise Trouble(Reason.AWS_UNAVAILABLE, "timeout")
    world.records = ("a=1", "b=1", "c=1")
    assert listing.read() == world.records
    assert world.asked == 2
