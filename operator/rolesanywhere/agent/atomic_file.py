"""Replacing a file so that every reader sees the old one or the new one, whole."""

import os

# os.path, not pathlib, which would cost the server memory: so each noqa in this file


def replace(path: str, content: bytes, *, mode: int) -> None:
    """Write ``content`` aside, then rename. A link is followed, an existing file keeps its mode.

    Raises ``OSError``, with what was there before still in place.
    """
    target = os.path.realpath(path)
    aside = os.path.join(os.path.dirname(target), f".{os.path.basename(target)}.new")  # noqa: PTH118, PTH119, PTH120
    descriptor = _create(aside)
    try:
        try:
            os.fchmod(descriptor, _mode(target, mode))
            _write(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.rename(aside, target)  # noqa: PTH104
    except OSError:
        remove(aside)
        raise


def remove(path: str) -> None:
    """Remove a file if it is there. Raises ``OSError``."""
    try:
        os.unlink(path)  # noqa: PTH108
    except FileNotFoundError:
        return


def read(path: str) -> bytes | None:
    """Give what a file holds; None if there is none. Raises ``OSError``."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read()
    except FileNotFoundError:
        return None


def _create(aside: str) -> int:
    """Make a new file: what a crash or another user left under its name is not written through."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        return os.open(aside, flags, 0o600)
    except FileExistsError:
        os.unlink(aside)  # noqa: PTH108
        return os.open(aside, flags, 0o600)


def _mode(target: str, mode: int) -> int:
    try:
        return os.stat(target).st_mode & 0o777  # noqa: PTH116
    except FileNotFoundError:
        return mode


def _write(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]
