"""Files that are read, changed and replaced by one writer at a time."""

import errno
import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rolesanywhere.agent import atomic_file
from rolesanywhere.agent.atomic_file import Alone


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def failing(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the kernel refuse to lock, as some file systems do."""

    def flock(_descriptor: int, _operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EIO, errno.EAGAIN])
def test_a_lock_that_is_not_had_is_told_with_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """And leaves no descriptor open: it is tried again every few seconds, for days."""
    failing(number, monkeypatch)
    before = descriptors()
    with (
        pytest.raises(OSError, match="credentials") as caught,
        Alone(str(tmp_path / "credentials")),
    ):
        pass
    assert caught.value.errno == number
    assert descriptors() == before


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EOPNOTSUPP])
def test_where_there_are_no_locks_it_goes_on_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """A file on such a file system is written all the same."""
    failing(number, monkeypatch)
    before = descriptors()
    with Alone(str(tmp_path / "credentials")):
        pass
    assert descriptors() == before


def test_two_writers_take_turns(tmp_path: Path) -> None:
    """Who waits for more than a moment is told so."""
    path = str(tmp_path / "credentials")
    with Alone(path), pytest.raises(BlockingIOError, match="another program"), Alone(path):
        pass
    with Alone(path):
        pass


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")])
def test_what_is_no_file_is_not_read(tmp_path: Path, make: Callable[[Path], object]) -> None:
    """Nobody is waited for, and nothing without an end is begun."""
    path = tmp_path / "file"
    make(path)
    with pytest.raises(OSError, match=r"no plain file|Is a directory"):
        atomic_file.read(str(path))


def test_a_folder_that_is_not_there_is_told_with_what_to_do(tmp_path: Path) -> None:
    """And by the file's name, which people know."""
    path = tmp_path / "aws" / "credentials"
    with pytest.raises(FileNotFoundError, match="its folder is not there: make it") as caught:
        Alone(str(path)).__enter__()
    assert caught.value.filename == str(path)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """It is told by its name, and leaves no descriptor open: it is looked at every few seconds."""
    before = descriptors()
    with pytest.raises(IsADirectoryError) as caught:
        atomic_file.read(str(tmp_path))
    assert caught.value.filename == str(tmp_path)
    assert descriptors() == before
