"""Sessions between runs: private and whole."""

import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.cli.planted import Plant, given_away, needs_root, planted

from rolesanywhere.cli.deadline import within
from rolesanywhere.cli.session_cache import CachedSession, SessionCache, default_folder, sealed

SESSION = CachedSession(b'{"Version": 1}', refresh_at=100.0, until=200.0)


def only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_a_session_is_read_back(tmp_path: Path) -> None:
    """By whoever gives the same inputs, and nobody else."""
    SessionCache(str(tmp_path), ["a", "b"]).write(SESSION)
    kept = SessionCache(str(tmp_path), ["a", "b"]).read()
    assert kept is not None
    assert (kept.answer, kept.refresh_at, kept.until) == (b'{"Version": 1}', 100.0, 200.0)
    for inputs in (["a"], ["ab"], ["b", "a"], ["a", "b", ""]):
        assert SessionCache(str(tmp_path), inputs).read() is None


def test_inputs_need_not_be_text(tmp_path: Path) -> None:
    """A path is bytes, which Python gives as lone surrogates."""
    SessionCache(str(tmp_path), [os.fsdecode(b"/caf\xe9")]).write(SESSION)
    assert SessionCache(str(tmp_path), [os.fsdecode(b"/caf\xe9")]).read() is not None


def test_it_is_for_this_user_alone(tmp_path: Path) -> None:
    """Folder and file, whatever the umask; the name tells nothing."""
    folder = tmp_path / "cache"
    SessionCache(str(folder), ["arn:secret-role"]).write(SESSION)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(only_file(folder).stat().st_mode) == 0o600
    assert "secret-role" not in only_file(folder).name


def test_a_session_does_not_show_itself() -> None:
    """Its repr may land in a traceback."""
    assert repr(SESSION) == "CachedSession(refresh_at=100, until=200)"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"1 2 0\n{}",
        *map(sealed, (b"1 2 0\n", b"1\n{}", b"1 2\n{}", b"soon later now\n{}", b"\xff\xfe 0\n{}")),
    ],
)
def test_garbage_is_as_good_as_nothing(tmp_path: Path, content: bytes) -> None:
    """It is replaced by the next session."""
    cache = SessionCache(str(tmp_path), [])
    cache.write(SESSION)
    only_file(tmp_path).write_bytes(content)
    assert cache.read() is None
    cache.write(SESSION)
    assert cache.read() is not None


@pytest.mark.parametrize(
    "damage",
    [lambda whole: whole[:-1], lambda whole: whole[:-4] + bytes(4), lambda whole: whole + b"}"],
    ids=["cut", "zeros", "more"],
)
def test_a_damaged_session_is_not_printed(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    """A crash of the machine, or a full disk of somebody else's tool, may have left it."""
    cache = SessionCache(str(tmp_path), [])
    cache.write(SESSION)
    file = only_file(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    assert cache.read() is None


@pytest.mark.parametrize(
    ("written", "left", "kept"),
    [(0, 3600, True), (8 * 3600, 9 * 3600, False), (60, -60, False), (-60, 13 * 3600, False)],
)
def test_what_a_clock_set_back_left_is_nothing(
    tmp_path: Path, written: float, left: float, *, kept: bool
) -> None:
    """Written in the future, or good for longer than any session: it may be over."""
    cache = SessionCache(str(tmp_path), [])
    cache.write(SESSION)
    now = time.time()
    content = f"{now} {now + left} {now + written}\n{{}}".encode()
    only_file(tmp_path).write_bytes(sealed(content))
    assert (cache.read() is not None) is kept


@planted
def test_what_others_could_read_or_plant_is_not_taken(tmp_path: Path, plant: Plant) -> None:
    """A private file alone is, and nobody waits for a pipe's other end."""
    cache = SessionCache(str(tmp_path), [])
    cache.write(SESSION)
    plant(only_file(tmp_path))
    assert within(5, cache.read) is None


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o770, 0o702])
def test_a_folder_others_can_write_to_is_not_used(tmp_path: Path, mode: int) -> None:
    """Sticky or not: they could make a lock there before us, and hold it for ever."""
    SessionCache(str(tmp_path), []).write(SESSION)
    tmp_path.chmod(mode)
    cache = SessionCache(str(tmp_path), [])
    assert (cache.path, cache.read()) == (None, None)
    assert cache.obstacle == f"others can write to {tmp_path}"
    only_file(tmp_path).unlink()
    cache.write(SESSION)
    assert list(tmp_path.iterdir()) == []


@needs_root
def test_a_folder_of_another_user_is_not_used(tmp_path: Path) -> None:
    """Not by root either, whom no mode keeps out."""
    SessionCache(str(tmp_path), []).write(SESSION)
    given_away(tmp_path)
    cache = SessionCache(str(tmp_path), [])
    assert (cache.path, cache.read()) == (None, None)
    assert cache.obstacle == f"{tmp_path} is another user's"


@needs_root
def test_nothing_is_made_in_a_folder_of_another_user(tmp_path: Path) -> None:
    """As in a user's home under ``sudo -E``: what root makes there that user can never write to."""
    given_away(tmp_path)
    folder = tmp_path / ".cache" / "rolesanywhere"
    cache = SessionCache(str(folder), [])
    cache.write(SESSION)
    assert (cache.path, list(tmp_path.iterdir())) == (None, [])
    assert cache.obstacle == f"{folder} cannot be used: {tmp_path} is another user's"


def test_a_folder_may_be_named_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is made where the command runs."""
    monkeypatch.chdir(tmp_path)
    SessionCache("cache/mine", []).write(SESSION)
    assert only_file(tmp_path / "cache" / "mine").is_file()


@pytest.mark.parametrize("mode", [0o700, 0o755, 0o2750])
def test_a_folder_others_can_only_look_into_is_used(tmp_path: Path, mode: int) -> None:
    """The files in it are private; and a link may lead there."""
    (tmp_path / "there").mkdir()
    (tmp_path / "there").chmod(mode)
    (tmp_path / "link").symlink_to("there")
    cache = SessionCache(str(tmp_path / "link"), [])
    cache.write(SESSION)
    assert cache.obstacle is None
    assert cache.read() is not None


def test_without_a_folder_nothing_is_kept() -> None:
    """Nobody is told of earlier answers; nor is anything amiss."""
    cache = SessionCache(None, [])
    cache.write(SESSION)
    assert (cache.read(), cache.obstacle) == (None, None)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("file", "is no folder"),
        ("file/cache", "cannot be used: Not a directory"),
        ("link", "cannot be used: File exists"),
    ],
)
def test_a_folder_that_cannot_be_is_as_none(tmp_path: Path, name: str, words: str) -> None:
    """A file in its place, or a link to nowhere; why it is not used can be told."""
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    cache = SessionCache(str(tmp_path / name), [])
    cache.write(SESSION)
    assert (cache.path, cache.read()) == (None, None)
    assert cache.obstacle == f"{tmp_path / name} {words}"


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    """The old session stays, the half-written new one goes."""
    cache = SessionCache(str(tmp_path), [])
    cache.write(SESSION)
    kept = only_file(tmp_path)
    kept.unlink()
    kept.mkdir()
    (kept / "full").touch()
    cache.write(SESSION)
    assert os.listdir(tmp_path) == [kept.name]  # noqa: PTH208 - names alone


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"HOME": "/h"}, "/h/.cache/rolesanywhere"),
        ({"HOME": "/h", "XDG_CACHE_HOME": "/x"}, "/x/rolesanywhere"),
        ({}, None),
    ],
)
def test_where_it_is(environment: dict[str, str], folder: str | None) -> None:
    """Where caches belong; nowhere without a home."""
    assert default_folder(environment) == folder


def test_what_nobody_used_for_days_is_cleared_out(tmp_path: Path) -> None:
    """Each rotated certificate is another set of inputs; files of others are left alone."""
    SessionCache(str(tmp_path), ["old"]).write(SESSION)
    old = only_file(tmp_path)
    (tmp_path / f"{old.name}.lock").touch()
    (tmp_path / "mine.txt").touch()
    for path in tmp_path.iterdir():
        os.utime(path, (0, 0))
    SessionCache(str(tmp_path), ["new"]).write(SESSION)
    names = {path.name for path in tmp_path.iterdir()}
    assert len(names) == 2
    assert "mine.txt" in names
    assert old.name not in names
