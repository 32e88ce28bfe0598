"""Sessions between runs: private and whole."""

import os
import stat
from pathlib import Path

import pytest

from rolesanywhere.cli.session_cache import CachedSession, SessionCache, default_folder

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
    "content", [b"", b"\n", b"100 200\n", b"100\n{}", b"soon later\n{}", b"\xff\xfe\n{}"]
)
def test_garbage_is_as_good_as_nothing(tmp_path: Path, content: bytes) -> None:
    """It is replaced by the next session."""
    cache = SessionCache(str(tmp_path), [])
    cache.write(SESSION)
    only_file(tmp_path).write_bytes(content)
    assert cache.read() is None
    cache.write(SESSION)
    assert cache.read() is not None


def test_what_others_could_read_or_plant_is_not_taken(tmp_path: Path) -> None:
    """Neither a file with an open mode nor a link."""
    cache = SessionCache(str(tmp_path), [])
    cache.write(SESSION)
    path = only_file(tmp_path)
    path.chmod(0o640)
    assert cache.read() is None
    path.chmod(0o600)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert cache.read() is None


def test_without_a_folder_nothing_is_kept() -> None:
    """Nobody is told of earlier answers."""
    cache = SessionCache(None, [])
    cache.write(SESSION)
    assert cache.read() is None


def test_a_folder_that_cannot_be_is_no_obstacle(tmp_path: Path) -> None:
    """A file in its place: as if there were no cache."""
    (tmp_path / "cache").touch()
    cache = SessionCache(str(tmp_path / "cache"), [])
    cache.write(SESSION)
    assert cache.read() is None


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
