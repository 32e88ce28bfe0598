"""One candidate after another: who takes the lease, keeps it, loses it, gives it back."""

from datetime import timedelta

import pytest
from tests.unit.controller.fake_leases import AWAY, Contender, FakeLeases, Fate, Seconds

from rolesanywhere.domain.lease import LEASE_SECONDS, RENEW_SECONDS, LeaseRecord
from rolesanywhere.domain.trouble import Trouble

STRANGER = LeaseRecord("c", acquired_at="long ago", renewed_at="long ago", transitions=6)


@pytest.fixture
def server() -> FakeLeases:
    return FakeLeases()


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def a(server: FakeLeases, clock: Seconds) -> Contender:
    return Contender(server, clock, "a")


@pytest.fixture
def b(server: FakeLeases, clock: Seconds) -> Contender:
    return Contender(server, clock, "b", skew=timedelta(days=-3))


def record(server: FakeLeases) -> LeaseRecord:
    assert server.kept is not None
    return server.kept.record


def test_the_first_one_makes_the_lease(server: FakeLeases, a: Contender) -> None:
    """There is none in a new cluster."""
    a.candidate.attempt()
    assert a.candidate.leads
    assert record(server) == LeaseRecord(
        "a", 15, "2026-11-24T12:00:00.000000Z", "2026-11-24T12:00:00.000000Z", 0
    )


def test_nobody_leads_before_trying(a: Contender) -> None:
    """Leading is never assumed."""
    assert not a.candidate.leads


def test_a_second_one_waits(server: FakeLeases, a: Contender, b: Contender) -> None:
    """It knows for whom, and writes nothing."""
    a.candidate.attempt()
    b.candidate.attempt()
    assert not b.candidate.leads
    assert b.candidate.holder == "a"
    assert server.written == 1


def test_renewal_keeps_it(server: FakeLeases, clock: Seconds, a: Contender, b: Contender) -> None:
    """For as long as it is renewed nobody else gets it, and since when it is held stays."""
    for _ in range(100):
        a.candidate.attempt()
        b.candidate.attempt()
        clock.now += RENEW_SECONDS - 0.1
        assert a.candidate.leads
        assert not b.candidate.leads
    assert record(server).transitions == 0
    assert server.written == 100


def test_a_silent_holder_leads_no_more(clock: Seconds, a: Contender) -> None:
    """Long before others may take over."""
    a.candidate.attempt()
    clock.now += RENEW_SECONDS
    assert not a.candidate.leads


@pytest.mark.parametrize(("waited", "takes"), [(LEASE_SECONDS - 0.1, False), (LEASE_SECONDS, True)])
def test_a_silent_holder_is_replaced(
    server: FakeLeases, clock: Seconds, b: Contender, waited: float, *, takes: bool
) -> None:
    """Not by its own times, however old they look: 15 seconds after it was first seen."""
    server.put(STRANGER)
    b.candidate.attempt()
    clock.now += waited
    b.candidate.attempt()
    assert b.candidate.leads is takes
    assert record(server).transitions == (7 if takes else 6)


def test_any_change_begins_the_wait_anew(server: FakeLeases, clock: Seconds, b: Contender) -> None:
    """Even one that sets a renewal's time back: somebody is alive."""
    for hour in range(50):
        server.put(LeaseRecord("c", renewed_at=f"{99 - hour} hours ago"))
        b.candidate.attempt()
        assert not b.candidate.leads
        clock.now += LEASE_SECONDS - 0.1


def test_a_new_version_of_the_same_record_is_no_sign_of_life(
    server: FakeLeases, clock: Seconds, b: Contender
) -> None:
    """Somebody may label the lease of a dead holder."""
    for _ in range(2):
        server.put(STRANGER)
        b.candidate.attempt()
        clock.now += LEASE_SECONDS
    b.candidate.attempt()
    assert b.candidate.leads


def test_a_longer_lease_is_waited_for(server: FakeLeases, clock: Seconds, b: Contender) -> None:
    """A holder of another version may have asked for more time."""
    server.put(LeaseRecord("c", duration_seconds=60))
    b.candidate.attempt()
    clock.now += 59
    b.candidate.attempt()
    assert not b.candidate.leads
    clock.now += 1
    b.candidate.attempt()
    assert b.candidate.leads
    assert record(server).duration_seconds == LEASE_SECONDS


def test_a_lease_given_back_is_taken_at_once(
    server: FakeLeases, a: Contender, b: Contender
) -> None:
    """A rolling update waits for nobody, and the giver leads no more."""
    a.candidate.attempt()
    b.candidate.attempt()
    a.candidate.release()
    assert server.holder == ""
    assert not a.candidate.leads
    b.candidate.attempt()
    assert b.candidate.leads
    assert record(server).transitions == 1


def test_only_the_own_lease_is_given_back(server: FakeLeases, a: Contender, b: Contender) -> None:
    """Who waits, or was replaced, changes nothing by ending."""
    a.candidate.attempt()
    b.candidate.attempt()
    b.candidate.release()
    assert server.holder == "a"
    server.put(STRANGER)
    a.candidate.release()
    assert server.holder == "c"


def test_whoever_lost_the_lease_sees_it_at_the_next_look(server: FakeLeases, a: Contender) -> None:
    """Not only when its own time is up."""
    a.candidate.attempt()
    server.put(STRANGER)
    a.candidate.attempt()
    assert not a.candidate.leads
    assert a.candidate.holder == "c"


def test_a_lease_that_was_deleted_is_made_again(server: FakeLeases, a: Contender) -> None:
    """By its holder, which nobody has replaced."""
    a.candidate.attempt()
    server.kept = None
    a.candidate.attempt()
    assert a.candidate.leads
    assert server.holder == "a"


@pytest.mark.parametrize("is_there", [False, True], ids=["none yet", "given back"])
def test_of_two_at_once_one_gets_it(
    server: FakeLeases, a: Contender, b: Contender, *, is_there: bool
) -> None:
    """Both have read that it is free; the API server decides."""
    if is_there:
        server.put(LeaseRecord())
    a.way.fates.extend([Fate(), Fate(going=b.candidate.attempt)])
    a.candidate.attempt()
    assert b.candidate.leads
    assert not a.candidate.leads


def test_a_lost_answer_is_no_leadership(server: FakeLeases, a: Contender) -> None:
    """The lease may be taken, which the next look finds out; it is given back even so."""
    a.way.fates.extend([Fate(), Fate(answer_is_lost=True)])
    with pytest.raises(Trouble, match=AWAY.message):
        a.candidate.attempt()
    assert not a.candidate.leads
    assert server.holder == "a"
    a.candidate.release()
    assert server.holder == ""


def test_after_a_lost_answer_it_goes_on(server: FakeLeases, clock: Seconds, a: Contender) -> None:
    """A renewal whose answer was lost is done, and is no conflict for the next one."""
    a.candidate.attempt()
    a.way.fates.extend([Fate(), Fate(answer_is_lost=True)])
    with pytest.raises(Trouble):
        a.candidate.attempt()
    clock.now += RENEW_SECONDS - 0.1
    a.candidate.attempt()
    clock.now += RENEW_SECONDS - 0.1
    assert a.candidate.leads
    assert server.written == 3


def test_a_slow_renewal_counts_from_when_it_was_sent(clock: Seconds, a: Contender) -> None:
    """Others may have seen the new record since then."""

    def wait() -> None:
        clock.now += 4

    a.way.fates.extend([Fate(), Fate(going=wait, coming=wait)])
    a.candidate.attempt()
    clock.now += RENEW_SECONDS - 8.1
    assert a.candidate.leads
    clock.now += 0.1
    assert not a.candidate.leads


def test_without_api_server_nobody_leads_for_long(
    server: FakeLeases, clock: Seconds, a: Contender
) -> None:
    """Attempts fail, and time is up all the same."""
    a.candidate.attempt()
    a.way.is_cut = True
    while a.candidate.leads:
        with pytest.raises(Trouble):
            a.candidate.attempt()
        clock.now += 2
    assert clock.now == RENEW_SECONDS
    assert server.written == 1
