"""In whose name a file is written: root does nothing for another user that user could not do.

Where a folder is another user's, that user can put a link in the place of any file, to any file of
root's. The system then says what that user may write, and to whom a new file belongs.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_ROOT: Final = 0
_NO_GROUP: Final = 65534  # a user's own would be asked of a network, a folder's may be any


@contextmanager
def as_owner_of(path: str) -> Iterator[None]:
    """Be, for a while, whoever can change what stands at this path or on the way to it.

    Without that user's groups: what is there must be the user's own. Only root changes, and only
    if it may. The server has one thread, so nothing else is done then.
    """
    owner = _other_owner(path) if os.geteuid() == _ROOT else None
    if owner is None:
        yield
        return
    groups, group = os.getgroups(), os.getegid()
    try:
        os.setgroups([])
    except PermissionError:  # a root without capabilities writes what it may anyway
        yield
        return
    try:
        os.setegid(_NO_GROUP)
        os.seteuid(owner)
        yield
    finally:
        os.seteuid(_ROOT)
        os.setegid(group)
        os.setgroups(groups)


def _other_owner(path: str) -> int | None:
    """Give whose the first folder or link on the way is that is not root's; None if all are.

    A plain file at its end does not count: who may not write to its folder cannot replace it.
    """
    way = os.path.abspath(path)  # noqa: PTH100 - pathlib costs the server memory
    for end, letter in enumerate(f"{way}/"):
        if letter == "/" and end:
            try:
                found = os.lstat(way[:end])
            except OSError:  # nothing there yet, or no way to it
                return None
            if found.st_uid != _ROOT and not stat.S_ISREG(found.st_mode):
                return found.st_uid
    return None
