"""One identity's refreshing, with a clock and exchanges of our own."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from math import inf
from pathlib import Path

import pytest

from rolesanywhere.agent.holder import valid_grant
from rolesanywhere.agent.identity import FOLDER_FILES, FolderIdentity, Identity
from rolesanywhere.agent.instant import show
from rolesanywhere.agent.journal import Journal
from rolesanywhere.agent.places import Places
from rolesanywhere.agent.refresher import Clocks, Refresher
from rolesanywhere.agent.report import Failure, write_failure, write_grant

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()
BUSY = Failure("AWSUnavailable", "AWS could not answer", refused=False)
DENIED = Failure("SessionRefused", "AWS refused", refused=True)


class FakeExchange:
    """An exchange that ends when the test says so."""

    def __init__(self, deadline: float, ended: Callable[[bytes, int], None]) -> None:
        self.deadline = deadline
        self.ended = ended
        self.ended_already = False
        self.stopped = False

    def stop(self) -> int:
        """Remember it."""
        self.stopped = True
        return -9


class Bench:
    """A refresher on a workbench: its clock, its exchanges, its log."""

    def __init__(self, folder: Path, places: Places | None = None, *, wrong: float = 0.0) -> None:
        self.folder = folder
        self.elapsed = 0.0
        self.paused = 0.0  # seconds that passed while the machine was off, uptime and all
        self.wrong = wrong  # seconds that the wall clock is ahead of the time
        self.end = inf  # of the session granted last, in truth
        self.chance = 0.0
        self.exchanges: list[FakeExchange] = []
        self.log = io.StringIO()
        self.broken = False
        self.rotate(b"first")
        self.refresher = Refresher(
            FolderIdentity("orders", str(folder)),
            spawn=self.spawn,
            journal=Journal(self.log, self.now),
            clocks=Clocks(
                monotonic=lambda: self.elapsed, wall=self.now, chance=lambda: self.chance
            ),
            places=places or Places(1),
        )

    def true(self) -> float:
        """Give the time, as AWS has it."""
        return NOON + self.elapsed + self.paused

    def now(self) -> float:
        """Give what the wall clock shows."""
        return self.true() + self.wrong

    @property
    def serves(self) -> bool:
        """Tell whether credentials are handed out; they are then good."""
        is_served = valid_grant(self.refresher, self.elapsed, self.now()) is not None
        assert not is_served or self.true() < self.end
        return is_served

    def spawn(
        self, _identity: Identity, /, *, deadline: float, ended: Callable[[bytes, int], None]
    ) -> FakeExchange:
        """Start an exchange that waits for the test."""
        if self.broken:
            raise OSError(12, "Cannot allocate memory")
        self.exchanges.append(FakeExchange(deadline, ended))
        return self.exchanges[-1]

    def rotate(self, content: bytes) -> None:
        """Put a new generation in place."""
        for name in FOLDER_FILES:
            (self.folder / name).write_bytes(content)

    def wait(self, seconds: float) -> int:
        """Let time pass the way the server's loop does; gives how many exchanges were started."""
        before, until = len(self.exchanges), self.elapsed + seconds
        while (moment := max(self.elapsed, self.refresher.moment())) <= until:
            self.elapsed = moment
            self.refresher.tick()
        self.elapsed = until
        return len(self.exchanges) - before

    def grant(self, *, seconds: float = 3600, skew: float | None = None, before: float = 0) -> None:
        """Let the latest exchange succeed; its answer was written ``before`` the machine paused."""
        self.end = self.true() - before + seconds
        behind = -self.wrong - before if skew is None else skew
        secrets = {"AccessKeyId": "A", "SecretAccessKey": "s3cr3t", "Token": "T"}
        report = write_grant(
            {**secrets, "Expiration": show(self.end)},
            "arn:aws:sts::1:assumed-role/r/s",
            role_name="r",
            seconds_left=seconds,
            wall_until=max(self.end, self.now() + seconds),
            skew_seconds=behind,
        )
        self.exchanges[-1].ended(report, 0)

    def fail(self, failure: Failure) -> None:
        """Let the latest exchange fail."""
        self.exchanges[-1].ended_already = True
        self.exchanges[-1].ended(write_failure(failure), 0)

    @property
    def events(self) -> list[str]:
        """Give the names of the log's events, in order."""
        return [json.loads(line)["event"] for line in self.log.getvalue().splitlines()]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_the_first_exchange_starts_at_once_and_alone(bench: Bench) -> None:
    """One exchange, however often the loop comes round."""
    assert bench.wait(20) == 1


@pytest.mark.parametrize(("chance", "quiet"), [(0.0, 2399), (0.9, 2075)])
def test_a_granted_session_is_served_and_refreshed_in_time(
    bench: Bench, chance: float, quiet: float
) -> None:
    """An hour's session is left alone for 40 minutes or some less, as chance has it."""
    bench.chance = chance
    bench.wait(0)
    bench.grant()
    assert bench.refresher.grant is not None
    assert bench.refresher.failure is None
    assert bench.wait(quiet) == 0
    assert bench.wait(3) == 1


@pytest.mark.parametrize(
    ("failure", "chance", "quiet", "tried"),
    [
        (BUSY, 0.0, 0.9, 1.1),
        (DENIED, 0.0, 7.9, 8.1),
        (DENIED, 0.8, 9.5, 9.7),
        (Failure("Throttled", "slow down", refused=False, retry_after=30), 0.0, 29.9, 30.1),
    ],
)
def test_a_failure_waits_its_turn(
    bench: Bench, failure: Failure, chance: float, quiet: float, tried: float
) -> None:
    """A refusal waits longer than an outage, and what AWS asks for is honoured."""
    bench.chance = chance
    bench.wait(0)
    bench.fail(failure)
    assert bench.wait(quiet) == 0
    assert bench.wait(tried - quiet) == 1


def test_last_good_credentials_are_kept(bench: Bench) -> None:
    """A failed refresh adds a failure and takes nothing away; a success clears it."""
    bench.wait(0)
    bench.grant()
    kept = bench.refresher.grant
    bench.wait(2403)
    bench.fail(DENIED)
    assert bench.refresher.grant is kept
    assert bench.refresher.failure == DENIED
    bench.wait(9)
    bench.grant()
    assert bench.refresher.grant is not kept
    assert bench.refresher.failure is None


def test_the_same_failure_is_logged_once(bench: Bench) -> None:
    """One line per change, not per try."""
    bench.wait(0)
    for _ in range(3):
        bench.fail(BUSY)
        bench.wait(10)
    bench.fail(DENIED)
    assert bench.events == ["refresh-failed", "refresh-failed"]


def test_rotation_refreshes_within_ten_seconds(bench: Bench) -> None:
    """A new generation of the Secret is used long before the old session ends."""
    bench.wait(0)
    bench.grant()
    bench.rotate(b"second, and longer")
    assert bench.wait(10) == 1
    assert bench.events == ["credentials-refreshed", "identity-changed"]


@pytest.mark.parametrize(
    ("seconds", "asks"), [(7200, 1), (60, 1), (59.9, 0), (-59.9, 0), (-60, 1), (-7200, 1)]
)
def test_a_wall_clock_that_jumps_is_asked_about(bench: Bench, seconds: float, asks: int) -> None:
    """Set or paused, nobody here can tell: AWS knows, and is asked once."""
    bench.wait(0)
    bench.grant()
    bench.wrong = seconds
    assert bench.wait(4) == asks
    assert bench.events.count("clock-jumped") == asks
    if asks:
        bench.grant()
    assert bench.wait(120) == 0
    assert bench.serves


def test_a_machine_that_is_paused_often_is_noticed(bench: Bench) -> None:
    """Many short pauses are one long one to a session."""
    bench.wait(0)
    bench.grant()
    for seconds in (20, 40, 59):
        bench.paused = seconds
        assert bench.wait(4) == 0
    bench.paused = 60
    assert bench.wait(4) == 1


def test_a_clock_that_jumps_often_is_heeded_once_a_minute(bench: Bench) -> None:
    """One that is set time and again is no reason to ask AWS every two seconds."""
    bench.wait(0)
    bench.grant()
    for _ in range(65):
        bench.wrong += 60
        if bench.wait(2):
            bench.grant()
    assert bench.refresher.grants == 1 + 3


def test_what_the_machine_slept_through_is_not_handed_out(bench: Bench) -> None:
    """From the first moment on, and AWS is asked, though it was for another reason just now."""
    bench.wait(0)
    bench.grant()
    bench.paused = 60
    assert bench.wait(4) == 1
    bench.grant()
    bench.paused += 3600
    assert not bench.serves
    assert bench.wait(4) == 1
    bench.grant()
    assert bench.serves


def test_a_fast_clock_that_was_set_right_knows_of_a_pause(tmp_path: Path) -> None:
    """By then AWS has been asked how fast it is."""
    bench = Bench(tmp_path, wrong=7200)
    bench.wait(0)
    bench.grant()
    bench.wrong = 0
    assert bench.wait(4) == 1
    bench.grant()
    bench.paused = 3600
    assert not bench.serves
    assert bench.wait(4) == 1


@pytest.mark.parametrize(("fast", "asks"), [(7200, 1), (55, 0)])
@pytest.mark.parametrize("at_first", [0, -86_400], ids=["at once", "after it was slow"])
def test_a_fast_clock_that_was_set_right_while_aws_is_away(
    tmp_path: Path, at_first: float, fast: float, asks: int
) -> None:
    """It is not fast any more: what the machine then sleeps through is not handed out."""
    bench = Bench(tmp_path, wrong=fast + at_first)
    bench.wait(0)
    bench.grant()
    bench.wrong = fast
    if at_first:
        assert bench.wait(4) == 1
        bench.grant()
        bench.wait(60)
    bench.wrong = 0
    assert bench.wait(4) == asks
    if asks:
        bench.fail(BUSY)
    assert bench.serves
    bench.paused = bench.end - bench.true() - 3
    assert not bench.serves


def test_a_fast_clock_that_was_mended_a_little_is_still_fast(tmp_path: Path) -> None:
    """It is taken for less fast once, however often somebody looks."""
    bench = Bench(tmp_path, wrong=7200)
    bench.wait(0)
    bench.grant()
    bench.wrong -= 50
    bench.wait(2300)
    assert bench.serves


def test_sessions_that_are_almost_over_are_no_hot_loop(bench: Bench) -> None:
    """By two wrong clocks each may have a second left; a good one ends that."""
    bench.wait(0)
    tries = 0
    for _ in range(300):
        bench.grant(seconds=2)
        while not (started := bench.wait(1)):
            pass
        tries += started
        if bench.elapsed > 600:
            break
    assert 10 < tries < 20
    bench.grant()
    assert bench.wait(2000) == 0


def test_a_refusal_is_slow_though_the_session_is_over_by_the_wall_clock(bench: Bench) -> None:
    """AWS said no: asking each minute would not help."""
    bench.wait(0)
    bench.grant()
    bench.paused = 3600
    for _ in range(8):
        while not bench.wait(10):
            pass
        bench.fail(DENIED)
    assert bench.wait(140) == 0


def test_a_clock_that_is_set_to_and_fro_leaves_nobody_without_for_long(bench: Bench) -> None:
    """Though it is where it was when AWS was asked last, the session is over by it."""
    bench.wait(0)
    bench.grant()
    bench.wrong = 7200
    assert bench.wait(4) == 1
    bench.wrong = 0
    bench.grant()
    assert bench.serves
    bench.wrong = 7200
    assert not bench.serves
    assert bench.wait(62) == 1
    bench.grant()
    assert bench.serves


@pytest.mark.parametrize(("seconds", "wait"), [(-61, 900), (61, 839), (600, 300)])
def test_a_jump_during_an_exchange_that_fails(bench: Bench, seconds: float, wait: float) -> None:
    """Is part of the wait that comes, and no more."""
    bench.wait(0)
    bench.wrong = seconds
    bench.wait(4)
    bench.fail(BUSY._replace(retry_after=900.0))
    assert bench.wait(wait - 1) == 0
    assert bench.wait(2) == 1


@pytest.mark.parametrize("looks", [0, 4], ids=["at its end", "in its midst"])
@pytest.mark.parametrize("pause", [30, 1800, 7200])
def test_a_pause_while_aws_is_asked(bench: Bench, pause: float, looks: float) -> None:
    """Its date is older than it seems: by our clock the session is over, or sooner; ask again."""
    bench.wait(0)
    bench.paused = pause
    bench.wait(looks)
    bench.grant(before=pause)
    assert bench.serves is (pause < 3600)
    assert bench.wait(4) == (pause >= 60)
    bench.paused += max(0.0, bench.end - bench.true() - 3)
    assert not bench.serves


def test_a_clock_that_is_mended_while_aws_is_asked(tmp_path: Path) -> None:
    """A step of a second does not make a fast clock a right one."""
    bench = Bench(tmp_path, wrong=7200)
    bench.wait(0)
    bench.wrong += 1
    bench.grant()
    assert bench.serves


@pytest.mark.parametrize(
    ("pause", "seconds", "tries"), [(7200, 4, 1), (600, 290, 0), (600, 310, 1), (0, 800, 0)]
)
def test_a_pause_is_part_of_a_wait(bench: Bench, pause: float, seconds: float, tries: int) -> None:
    """What AWS asked for has passed, as far as the wall clock tells."""
    bench.wait(0)
    bench.grant()
    while not bench.wait(60):
        pass
    bench.fail(BUSY._replace(retry_after=900.0))
    bench.paused = pause
    assert bench.wait(seconds) == tries


def test_a_clock_that_is_set_back_makes_no_wait_longer(bench: Bench) -> None:
    """Nor shorter."""
    bench.wait(0)
    bench.fail(BUSY._replace(retry_after=900.0))
    bench.wrong = -7200
    assert bench.wait(890) == 0
    assert bench.wait(20) == 1


def test_rotation_ends_a_long_wait(bench: Bench) -> None:
    """Whoever was refused is tried again as soon as there is a new certificate."""
    bench.wait(0)
    for _ in range(8):
        bench.fail(DENIED)
        bench.wait(300)
    bench.fail(DENIED)
    bench.rotate(b"second, and longer")
    assert bench.wait(4) == 1


@pytest.mark.parametrize("well", [True, False])
def test_rotation_during_an_exchange_asks_once_more(bench: Bench, *, well: bool) -> None:
    """The one under way may have read the old generation: another follows, not beside it."""
    bench.wait(0)
    bench.rotate(b"second, and longer")
    assert bench.wait(4) == 0
    if well:
        bench.grant()
    else:
        bench.fail(DENIED)
    assert bench.wait(4) == 1


def test_a_hanging_exchange_is_killed(bench: Bench) -> None:
    """Nothing an exchange does can stop the refreshing."""
    bench.wait(24)
    assert not bench.exchanges[0].stopped
    assert bench.wait(2) == 1
    assert bench.exchanges[0].stopped
    assert bench.refresher.failure is not None
    assert bench.refresher.failure.message == "no answer from AWS within 25 seconds"


def test_a_crash_is_a_failure_like_any_other(bench: Bench) -> None:
    """No report, no credentials; the status is told."""
    bench.wait(0)
    bench.exchanges[0].ended(b"", 1)
    assert bench.refresher.failure is not None
    assert "ended with status 1" in bench.refresher.failure.message
    assert bench.wait(2) == 1


def test_a_process_that_cannot_start_is_tried_again(bench: Bench) -> None:
    """No memory now does not mean none later."""
    bench.broken = True
    bench.wait(0)
    assert bench.refresher.failure is not None
    assert "cannot be started: Cannot allocate memory" in bench.refresher.failure.message
    bench.broken = False
    assert bench.wait(2) == 1


def test_a_session_of_the_past_is_not_served(bench: Bench) -> None:
    """Credentials that are over by this clock are a failure that names the clock."""
    bench.wait(0)
    bench.grant(seconds=-1)
    assert bench.refresher.grant is None
    assert bench.refresher.failure is not None
    assert "set this machine's clock" in bench.refresher.failure.message


def test_short_sessions_are_commented_on(bench: Bench) -> None:
    """Fifteen minutes make SDKs ask on every call; the log says what to do about it."""
    bench.wait(0)
    bench.grant(seconds=900)
    line = json.loads(bench.log.getvalue())
    assert line["level"] == "warning"
    assert "sessionDuration" in line["advice"]


def test_the_log_holds_no_secret(bench: Bench) -> None:
    """Whom and until when, never what."""
    bench.wait(0)
    bench.grant()
    assert "s3cr3t" not in bench.log.getvalue()
    assert json.loads(bench.log.getvalue())["expiration"] == "2026-11-24T13:00:00Z"


def test_stopping_ends_the_exchange(bench: Bench) -> None:
    """No child outlives the agent."""
    bench.wait(0)
    bench.refresher.stop()
    assert bench.exchanges[0].stopped


def test_a_wrong_clock_is_told_once(bench: Bench) -> None:
    """By how much, and what to do; again only after it was right in between."""
    for skew in (600.0, 601.0, 1.0, 600.0):
        bench.wait(3600)
        bench.grant(skew=skew)
    lines = [json.loads(line) for line in bench.log.getvalue().splitlines()]
    told = [line["secondsBehindAws"] for line in lines if line["event"] == "clock-is-wrong"]
    assert told == [600.0, 600.0]


def test_aws_may_be_away_for_forty_minutes(bench: Bench) -> None:
    """One try at a time, at most one a minute in the long run; the good session lives on."""
    bench.wait(0)
    bench.grant()
    kept = bench.refresher.grant
    tries = 0
    bench.wait(2403)
    for _ in range(40 * 60):
        if not bench.exchanges[-1].ended_already:
            bench.fail(BUSY)
            tries += 1
        bench.wait(1)
    assert 40 <= tries <= 50
    assert bench.refresher.grant is kept
    bench.wait(60)
    bench.grant()
    assert bench.refresher.grant is not kept


def test_an_exchange_with_old_files_is_not_waited_out(bench: Bench) -> None:
    """A rotated pair is in use within ten seconds, however slowly AWS answers for the old one."""
    bench.wait(3)
    bench.rotate(b"second, and longer")
    assert bench.wait(6) == 1
    assert bench.exchanges[0].stopped


def test_identities_wait_for_a_place(tmp_path: Path) -> None:
    """Of one place, the second identity's exchange has the time it needs when its turn comes."""
    places = Places(1)
    first, second = (make_bench(tmp_path / name, places) for name in ("first", "second"))
    assert first.wait(0) == 1
    assert second.wait(2.5) == 0  # and looks at its files meanwhile, no more
    first.elapsed = 2.5
    first.grant()
    assert second.wait(0) == 1
    assert second.exchanges[0].deadline == 2.5 + 25


def test_who_waits_for_aws_holds_nobody_up(tmp_path: Path) -> None:
    """An exchange that takes long computes nothing: its place is another's, and given back once."""
    places = Places(1)
    first, second, third = (make_bench(tmp_path / name, places) for name in "abc")
    first.wait(0)
    assert second.wait(0) == third.wait(0) == 0
    assert first.wait(2.9) == second.wait(0) == 0
    assert first.wait(0.1) == 0
    assert second.wait(0) == 1
    first.fail(BUSY)
    assert third.wait(5) == 0
    second.grant()
    assert third.wait(0) == 1


def test_who_has_failed_stands_behind_others(tmp_path: Path) -> None:
    """However soon it is due again: what hangs or fails does not keep the good from their turn."""
    places = Places(1)
    bad, good, other = (make_bench(tmp_path / name, places) for name in ("bad", "good", "other"))
    bad.wait(0)
    bad.fail(BUSY)
    assert good.wait(0) == 1
    assert other.wait(1) == 0
    assert bad.wait(2) == 0  # due again, and waits
    late = make_bench(tmp_path / "late", places)
    assert late.wait(0) == 0
    good.grant()
    assert [each.wait(0) for each in (bad, late, other)] == [0, 0, 1]
    other.grant()
    assert [each.wait(0) for each in (bad, late)] == [0, 1]
    late.grant()
    assert bad.wait(0) == 1


@pytest.mark.parametrize("way", ["grant", "fail", "deadline", "stop", "broken"])
def test_a_place_is_given_back(tmp_path: Path, way: str) -> None:
    """However an exchange ends, or if it cannot even be started; and not more than one."""
    places = Places(1)
    bench = make_bench(tmp_path / "orders", places)
    bench.broken = way == "broken"
    bench.wait(0)
    match way:
        case "grant":
            bench.grant()
        case "fail":
            bench.fail(DENIED)
        case "deadline":
            bench.wait(25)
        case "stop":
            bench.refresher.stop()
    others = [make_bench(tmp_path / name, places) for name in ("next", "behind")]
    assert [each.wait(0) for each in others] == [1, 0]


def make_bench(folder: Path, places: Places) -> Bench:
    folder.mkdir()
    return Bench(folder, places)


def test_a_roles_name_is_not_forgotten(tmp_path: Path) -> None:
    """A failure that does not know it leaves what an earlier one knew."""
    bench = Bench(tmp_path)
    bench.wait(0)
    bench.fail(DENIED._replace(role_name="reader"))
    bench.wait(3600)
    bench.fail(BUSY)
    assert bench.refresher.failure == BUSY._replace(role_name="reader")
