"""Noticing that a file is not what it was, at the price of one look."""

import os
from pathlib import Path

from rolesanywhere.agent.outlets import Watch


class Judge:
    """Accepts one content, and counts how often it was asked."""

    def __init__(self, right: bytes) -> None:
        self.right = right
        self.asked = 0

    def __call__(self, content: bytes) -> bool:
        """Judge."""
        self.asked += 1
        return content == self.right


def test_a_file_that_nobody_touched_is_read_once(tmp_path: Path) -> None:
    """An idle agent looks at names, not into files; missing ones included."""
    path, watch = tmp_path / "file", Watch()
    nothing, something = Judge(b""), Judge(b"x")
    assert all(watch.is_right(str(path), nothing) for _ in range(3))
    assert nothing.asked == 1
    path.write_bytes(b"x")
    assert all(watch.is_right(str(path), something) for _ in range(3))
    assert something.asked == 1
    watch.forget()
    assert watch.is_right(str(path), something)
    assert something.asked == 2


def test_what_is_not_right_is_not_taken_for_seen(tmp_path: Path) -> None:
    """It is wrong until somebody has put it right."""
    path, watch = tmp_path / "file", Watch()
    path.write_bytes(b"y")
    assert not any(watch.is_right(str(path), Judge(b"x")) for _ in range(3))
    path.write_bytes(b"x")
    assert watch.is_right(str(path), Judge(b"x"))
    path.unlink()
    assert not watch.is_right(str(path), Judge(b"x"))


def test_what_cannot_be_looked_at_is_not_right(tmp_path: Path) -> None:
    """A folder in its place, a file where its folder was."""
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "below"):
        assert not Watch().is_right(os.fspath(path), Judge(b""))
