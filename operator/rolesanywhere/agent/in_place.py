"""Writing into a file that cannot be replaced: one that is a mount of its own, or another user's.

Readers may see it half written. So nothing is changed before there is room for all of it, and what
was there is put back when something goes wrong all the same.
"""

import errno
import os
from contextlib import suppress
from typing import Final

_NO_WAY_TO_TELL: Final = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)  # some network file systems


def overwrite(path: str, content: bytes, *, sync: bool = True) -> None:
    """Make ``content`` all that an existing file holds. Raises ``OSError``.

    With ``sync`` it is on the disk then.
    """
    descriptor = os.open(path, os.O_RDWR)
    try:
        before = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
        _reserve(descriptor, len(before), len(content))
        try:
            _set(descriptor, content, sync=sync)
        except OSError:
            with suppress(OSError):
                _set(descriptor, before, sync=sync)
            raise
    finally:
        os.close(descriptor)


def write_all(descriptor: int, content: bytes) -> None:
    """Write all of it where the file stands, however little is taken at once."""
    while content:
        content = content[os.write(descriptor, content) :]


def _reserve(descriptor: int, size: int, wanted: int) -> None:
    """Have room for so many bytes. A file that grew by that on a full disk shrinks again."""
    if wanted <= size:
        return
    try:
        os.posix_fallocate(descriptor, 0, wanted)
    except OSError as error:
        os.ftruncate(descriptor, size)
        if error.errno not in _NO_WAY_TO_TELL:
            raise


def _set(descriptor: int, content: bytes, *, sync: bool) -> None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    write_all(descriptor, content)
    os.ftruncate(descriptor, len(content))
    if sync:
        os.fsync(descriptor)
