"""Writing into a file: what was there stays whole until all of the new content has its place."""

import errno
import os
from pathlib import Path

import pytest

from rolesanywhere.agent.in_place import overwrite

BEFORE = b"what was there before"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "credentials"
    path.write_bytes(BEFORE)
    return path


def test_nothing_is_touched_while_room_is_looked_for(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who reads meanwhile finds the old content; a file that grew without avail shrinks again."""
    seen: list[bytes] = []

    def allocate(descriptor: int, offset: int, size: int) -> None:
        seen.append(path.read_bytes())
        os.ftruncate(descriptor, offset + size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", allocate)
    with pytest.raises(OSError, match="No space left"):
        overwrite(str(path), b"new" * 100)
    assert seen == [BEFORE]
    assert path.read_bytes() == BEFORE


@pytest.mark.parametrize("content", [b"new" * 100, b"new"], ids=["longer", "shorter"])
@pytest.mark.parametrize("failing", ["write", "fsync"])
def test_what_was_there_is_put_back_when_writing_fails(
    path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, failing: str
) -> None:
    """There may be room and the disk still fail, half way or at the end."""
    write, flush = os.write, os.fsync
    failures = [OSError(errno.EIO, os.strerror(errno.EIO))]
    written: list[bytes] = []

    def fail_once(step: str) -> None:
        if step == failing and written and failures:
            raise failures.pop()

    def write_some(descriptor: int, data: bytes) -> int:
        fail_once("write")
        count = write(descriptor, data[:2])
        written.append(path.read_bytes())
        return count

    def flush_or_fail(descriptor: int) -> None:
        fail_once("fsync")
        flush(descriptor)

    monkeypatch.setattr(os, "write", write_some)
    monkeypatch.setattr(os, "fsync", flush_or_fail)
    with pytest.raises(OSError, match="Input/output error"):
        overwrite(str(path), content)
    assert written[0].startswith(b"ne")
    assert path.read_bytes() == BEFORE


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP])
def test_where_room_cannot_be_looked_for_it_is_written(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Some file systems have no way to tell."""

    def allocate(_descriptor: int, _offset: int, _size: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "posix_fallocate", allocate)
    overwrite(str(path), b"new" * 100)
    assert path.read_bytes() == b"new" * 100
