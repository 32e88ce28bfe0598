"""Never two leaders: candidates on clocks of their own, over a network that delays and loses."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.unit.controller.fake_leases import Contender, FakeLeases, Fate

from rolesanywhere.domain.trouble import Trouble

# Seconds of each clock per second of true time: quartz is a thousand times better. Two places, in
# which processes come and go: whatever goes wrong among several goes wrong between two.
RATES: Final = (0.9, 1.1)
# The wait that is just over by the faster clock, and some around it.
seconds_of_time: Final = st.sampled_from([0.0, 4.0, 9.0, 13.7, 16.7])
places: Final = st.sampled_from(range(len(RATES)))
# What happens on a request's way: time passes, and the other one tries.
legs: Final = st.lists(seconds_of_time, max_size=2)
Leg = list[float]


class Race(RuleBasedStateMachine):
    """Whoever leads at any moment, also in the middle of a request, is the only one."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0  # of true time
        self.server = FakeLeases()
        self.began = 0
        self.busy: set[int] = set()
        self.contenders = [self._begin(place) for place in range(len(RATES))]

    @rule(seconds=seconds_of_time)
    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self._wait(seconds)

    @rule(place=places)
    def attempt(self, place: int) -> None:
        """Try when all is well."""
        self._attempt(place)

    @rule(
        place=places,
        to_read=legs,
        from_read=legs,
        to_write=legs,
        from_write=legs,
        lost=st.sampled_from(["nothing", "question", "answer"]),
    )
    def attempt_in_bad_weather(
        self, place: int, to_read: Leg, from_read: Leg, to_write: Leg, from_write: Leg, lost: str
    ) -> None:
        """Try over a slow network, with others at it meanwhile, and a write that may be lost."""
        self.contenders[place].way.fates.extend(
            [
                Fate(going=self._leg(place, to_read), coming=self._leg(place, from_read)),
                Fate(
                    going=self._leg(place, to_write),
                    coming=self._leg(place, from_write),
                    never_arrives=lost == "question",
                    answer_is_lost=lost == "answer",
                ),
            ]
        )
        self._attempt(place)

    @rule(place=places, loses_answer=st.booleans())
    def stop(self, place: int, *, loses_answer: bool) -> None:
        """End cleanly; another process begins in this place."""
        contender = self.contenders[place]
        contender.way.fates.extend([Fate(), Fate(answer_is_lost=loses_answer)])
        try:
            contender.candidate.release()
        except Trouble:
            assert loses_answer
        self.contenders[place] = self._begin(place)

    @rule(place=places)
    def crash(self, place: int) -> None:
        """End without a word; another process begins in this place."""
        self.contenders[place] = self._begin(place)

    @rule()
    def label(self) -> None:
        """Write a new version that says the same."""
        if self.server.kept is not None:
            self.server.put(self.server.kept.record)

    @invariant()
    def one_leads_at_most(self) -> None:
        """Ask each of them, by its own clock."""
        leaders = [each.name for each in self.contenders if each.candidate.leads]
        assert len(leaders) <= 1, leaders

    def _begin(self, place: int) -> Contender:
        self.began += 1
        return Contender(
            self.server,
            lambda: 100 * place + self.seconds * RATES[place],
            f"{place}-{self.began}",
            skew=timedelta(hours=place),
        )

    def _attempt(self, place: int) -> None:
        if place in self.busy:  # it has one thread for this
            return
        self.busy.add(place)
        try:
            self.contenders[place].candidate.attempt()
        except Trouble:
            pass
        finally:
            self.contenders[place].way.fates.clear()
            self.busy.discard(place)
        self.one_leads_at_most()

    def _leg(self, place: int, leg: Leg) -> Callable[[], None]:
        def on_the_way() -> None:
            for seconds in leg:
                self._attempt(1 - place)
                self._wait(seconds)
            self._attempt(1 - place)

        return on_the_way

    def _wait(self, seconds: float) -> None:
        self.seconds += seconds
        self.one_leads_at_most()


Race.TestCase.settings = settings(max_examples=80, stateful_step_count=20, deadline=None)
TestRace = Race.TestCase
