"""What a private file may have become, or been made to by others: rows for tests of the cache."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

SOMEBODY = 1000

Plant = Callable[[Path], None]


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


def link(path: Path) -> None:
    path.symlink_to(path.rename(path.with_name("elsewhere")))


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir(0o700)


def open_to_the_group(path: Path) -> None:
    path.chmod(0o640)


def open_to_all(path: Path) -> None:
    path.chmod(0o602)


def given_away(path: Path) -> None:
    os.chown(path, SOMEBODY, -1)


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
planted = pytest.mark.parametrize(
    "plant",
    [
        pipe,
        link,
        folder,
        open_to_the_group,
        open_to_all,
        pytest.param(given_away, marks=needs_root),
    ],
)
