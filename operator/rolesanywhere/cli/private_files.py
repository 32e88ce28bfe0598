"""Files for their owner alone, in a folder where others may have been.

Whatever goes wrong is as good as no file: ``credential-process`` works without a cache too.
"""

from __future__ import annotations

import os
import stat

_LARGEST = 1 << 16  # bytes


def open_private(path: str, flags: int) -> int | None:
    """Open a file that nobody else could have written or read; None for any other, pipes too."""
    try:
        descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    except OSError:
        return None
    status = os.fstat(descriptor)
    is_ours = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()
    if is_ours and not status.st_mode & 0o077:
        return descriptor
    os.close(descriptor)
    return None


def read_private(path: str) -> bytes | None:
    """Give what a private file holds; None for any other."""
    descriptor = open_private(path, os.O_RDONLY)
    if descriptor is None:
        return None
    try:
        return os.read(descriptor, _LARGEST)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def write_private(path: str, content: bytes) -> None:
    """Replace a file in one step, for its owner alone; where that cannot be, nothing happens."""
    aside = f"{path}.{os.getpid()}"
    try:
        _write_new(aside, content)
        os.rename(aside, path)  # noqa: PTH104 - pathlib takes longer to import than this to run
    except OSError:
        remove(aside)


def remove(path: str) -> None:
    """Remove a file, if it is there and can be."""
    try:
        os.unlink(path)  # noqa: PTH108 - as above
    except OSError:
        return


def _write_new(path: str, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        while content:
            content = content[os.write(descriptor, content) :]
    finally:
        os.close(descriptor)
