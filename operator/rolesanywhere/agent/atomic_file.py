"""Replacing a file so that every reader sees the old one or the new one, whole."""

import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

from rolesanywhere.agent.in_place import overwrite, write_all

# os.path, not pathlib, which would cost the server memory: so each noqa in this file

_TRIES: Final = 20
_BETWEEN_SECONDS: Final = 0.01  # others need less than that
# Some network file systems and sandboxes have no locks; one writer, as is usual, needs none.
_NO_LOCKS: Final = (errno.ENOSYS, errno.EOPNOTSUPP)
_IRREPLACEABLE: Final = (errno.EACCES, errno.EBUSY, errno.EPERM, errno.EROFS, errno.EXDEV)


def replace(path: str, content: bytes, *, mode: int, sync: bool) -> None:
    """Write ``content`` aside, then rename. A link is followed.

    Readers see it whole either way; with ``sync`` a crash of the machine leaves it whole, too. That
    waits for the disk, and with it all that the server does: under pressure for seconds.

    An existing file keeps its mode, owner and group. Where they could not be kept, or nothing be
    renamed, it is written into; and where that is not allowed, it becomes ours. Raises ``OSError``
    that names ``path``, with what was there before still in place.
    """
    try:
        *others, last = _ways(os.path.realpath(path), content, mode, sync=sync)
        if not any(map(_succeeds, others)):
            last()
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from error


def _ways(target: str, content: bytes, mode: int, *, sync: bool) -> list[Callable[[], None]]:
    """Give what may be tried, the best first."""
    before = look(target)
    put = partial(_put, target, content, sync=sync)
    if before is None:
        return [partial(put, mode=mode)]
    mode = before.st_mode & 0o777
    return [
        partial(put, mode=mode, owner=before),
        partial(overwrite, target, content, sync=sync),
        partial(put, mode=mode),
    ]


def _succeeds(way: Callable[[], None]) -> bool:
    """Try it; False where another way may be open."""
    try:
        way()
    except OSError as error:
        if error.errno not in _IRREPLACEABLE:
            raise
        return False
    return True


def _put(
    target: str, content: bytes, *, mode: int, sync: bool, owner: os.stat_result | None = None
) -> None:
    name = f".{os.path.basename(target)}.{os.getpid()}"  # noqa: PTH119 - each writer has its own
    aside = os.path.join(os.path.dirname(target), name)  # noqa: PTH118, PTH120
    try:
        write_new(aside, content, mode=mode, owner=owner, sync=sync)
        os.rename(aside, target)  # noqa: PTH104
    except OSError:
        with suppress(OSError):
            remove(aside)
        raise


def write_new(
    path: str,
    content: bytes,
    *,
    mode: int,
    owner: os.stat_result | None = None,
    sync: bool = True,
) -> None:
    """Write a file of this name anew; what a crash left there is removed, not written through.

    It is given to the ``owner`` and group of another file. Raises ``OSError``; something may be
    there then.
    """
    descriptor = _create(path)
    try:
        if owner is not None:
            _give(descriptor, owner)
        os.fchmod(descriptor, mode)  # os.open's mode passes the umask, this does not
        write_all(descriptor, content)
        if sync:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Alone:
    """Keeps other writers of this program from a file while it is read, changed and replaced.

    A lock on its folder, so that nothing is left lying there. Entering raises ``OSError`` that
    names ``path`` when another takes longer than a moment, or when locking fails.
    """

    def __init__(self, path: str) -> None:
        """Nothing is locked before it is entered."""
        self._path = path
        self._descriptor = -1

    def __enter__(self) -> None:
        """Lock, or raise."""
        self._descriptor = _open_folder_of(self._path)
        try:
            _lock(self._descriptor)
        except OSError as error:
            os.close(self._descriptor)
            raise OSError(error.errno, error.strerror, self._path) from error

    def __exit__(self, *_error: object) -> None:
        """Unlock."""
        os.close(self._descriptor)


def remove(path: str) -> None:
    """Remove a file if it is there. Raises ``OSError``."""
    try:
        os.unlink(path)  # noqa: PTH108
    except FileNotFoundError:
        return


def read(path: str) -> bytes | None:
    """Give what a file holds; None if there is none. Raises ``OSError``.

    Waits for nobody who has put a pipe there, and reads no device without an end.
    """
    try:
        file = open(path, "rb", opener=_open_at_once)  # noqa: SIM115 - closed below
    except FileNotFoundError:
        return None
    with file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no plain file", path)
        return file.read()


def look(path: str) -> os.stat_result | None:
    """Give what the system knows of a file; None if there is none. Raises ``OSError``."""
    try:
        return os.stat(path)  # noqa: PTH116
    except FileNotFoundError:
        return None


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def _open_folder_of(path: str) -> int:
    folder = os.path.dirname(os.path.realpath(path))  # noqa: PTH120
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError as error:
        words = "its folder is not there: make it, or name another file"
        raise OSError(error.errno, words, path) from error


def _lock(descriptor: int) -> None:
    for _ in range(_TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_BETWEEN_SECONDS)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            return
        else:
            return
    raise BlockingIOError(errno.EAGAIN, "another program is writing it")


def _create(aside: str) -> int:
    """Make a new file: what a crash or another user left under its name is not written through."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        return os.open(aside, flags, 0o600)
    except FileExistsError:
        os.unlink(aside)  # noqa: PTH108
        return os.open(aside, flags, 0o600)


def _give(descriptor: int, owner: os.stat_result) -> None:
    """Give away a file of ours, and none that somebody put under its name meanwhile."""
    made = os.fstat(descriptor)
    if (made.st_uid, made.st_gid) != (owner.st_uid, owner.st_gid):
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
