"""Whose turn it is to ask AWS, and what is left for those who waited."""

import os
from pathlib import Path

import pytest
from tests.unit.cli.planted import Plant, planted

from rolesanywhere.cli.deadline import within
from rolesanywhere.cli.no_session import NoSession
from rolesanywhere.cli.session_cache import CachedSession, SessionCache
from rolesanywhere.cli.turn import Failure, Turn

DENIED = NoSession(3, "AWS refused: no")


def turn(folder: Path) -> Turn:
    return Turn(str(folder / "session"))


def test_one_at_a_time_may_ask(tmp_path: Path) -> None:
    """A turn that is taken is not had; a released one is."""
    first, second = turn(tmp_path), turn(tmp_path)
    assert first.take(seconds=0)
    assert not second.take(seconds=0.03)
    first.release()
    assert second.take(seconds=0)
    second.release()
    assert not second.is_mine


@pytest.mark.parametrize("blocked", [True, False])
def test_without_a_folder_everybody_may(tmp_path: Path, *, blocked: bool) -> None:
    """A read-only home, or none: they work all the same, and are told of nothing."""
    turns = [turn(tmp_path / "none") if blocked else Turn(None) for _ in range(2)]
    for each in turns:
        assert each.take(seconds=0)
        each.failed(DENIED, 100.0)
        assert each.failure() is None
        each.succeeded()
        each.release()


@pytest.mark.parametrize("taken", [True, False])
def test_a_lock_in_use_is_not_cleared_out(tmp_path: Path, *, taken: bool) -> None:
    """However old the file is: beside a new one somebody else would have the turn too."""
    asking, lock = turn(tmp_path), tmp_path / f"{'0' * 64}.lock"
    (tmp_path / "session.lock").rename(lock)
    os.utime(lock, (0, 0))
    if taken:
        assert asking.take(seconds=0)
    SessionCache(str(tmp_path), []).write(CachedSession(b"{}", refresh_at=1, until=2))
    assert lock.exists() is taken
    asking.release()


@planted
def test_a_lock_others_could_hold_holds_up_nobody(tmp_path: Path, plant: Plant) -> None:
    """They could hold it for ever; and a link would have another file locked."""
    turn(tmp_path).release()
    plant(tmp_path / "session.lock")
    turns = [within(5, lambda: turn(tmp_path)) for _ in range(2)]
    assert [each.take(seconds=0) for each in turns] == [True, True]
    for each in turns:
        each.release()


@planted
def test_a_failure_others_could_plant_is_none(tmp_path: Path, plant: Plant) -> None:
    """Else they would have us say what they like, and print an old session for five minutes."""
    asking = turn(tmp_path)
    asking.failed(DENIED, 100)
    plant(tmp_path / "session.failure")
    assert within(5, asking.failure) is None
    asking.release()


def test_a_failure_is_left_for_others(tmp_path: Path) -> None:
    """With its words and exit status, until somebody succeeds."""
    asking = turn(tmp_path)
    assert asking.failure() is None
    asking.failed(DENIED, 100.5)
    failure = turn(tmp_path).failure()
    assert failure is not None
    assert (failure.no_session.status, str(failure.no_session)) == (3, "AWS refused: no")
    assert (failure.moment, failure.in_a_row) == (100.5, 1)
    asking.failed(DENIED, 101)
    failure = asking.failure()
    assert failure is not None
    assert failure.in_a_row == 2
    asking.succeeded()
    assert asking.failure() is None
    asking.release()


@pytest.mark.parametrize("content", [b"", b"100", b"100 1 x no", b"\xff 1 3 no"])
def test_garbage_is_no_failure(tmp_path: Path, content: bytes) -> None:
    """As after a disk that was full."""
    asking = turn(tmp_path)
    asking.failed(DENIED, 100)
    (tmp_path / "session.failure").write_bytes(content)
    assert asking.failure() is None
    asking.release()


@pytest.mark.parametrize(
    ("in_a_row", "seconds"), [(1, 10), (2, 20), (5, 160), (6, 300), (99_999, 300)]
)
def test_the_rest_grows(in_a_row: int, seconds: float) -> None:
    """From ten seconds to five minutes; a clock set back ends it."""
    failure = Failure(1000.0, in_a_row, 4, "later")
    assert failure.is_at_rest(1000.0)
    assert failure.is_at_rest(1000.0 + seconds - 0.1)
    assert not failure.is_at_rest(1000.0 + seconds)
    assert not failure.is_at_rest(999.0)
