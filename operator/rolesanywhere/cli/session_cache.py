"""Sessions kept between runs of ``credential-process``: one private file for each set of inputs.

Readers need no lock, since files are replaced whole; whose turn it is to ask AWS is ``turn``'s.
Little is imported here, ``typing`` and ``hashlib`` least of all: this is all a cached run does.
"""

from __future__ import annotations

import errno
import os
import stat
import time

# hashlib's own blake2b, but importing hashlib maps libcrypto: a tenth of a cached run
from _blake2 import blake2b

from rolesanywhere.cli.private_files import read_private, remove, write_private

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NAME_BYTES = 32
_SEAL_BYTES = 16
_LONGEST_SECONDS = 43_260  # AWS grants half a day at most
_OLD_SECONDS = 2 * 86_400


class CachedSession:
    """What is printed, and until when. Its repr hides the secrets."""

    def __init__(self, answer: bytes, *, refresh_at: float, until: float) -> None:
        """Take the JSON document of credential_process; times are epoch seconds."""
        self.answer = answer
        self.refresh_at = refresh_at
        self.until = until

    def __repr__(self) -> str:
        """Tell the times alone."""
        return f"CachedSession(refresh_at={self.refresh_at:.0f}, until={self.until:.0f})"


class SessionCache:
    """The file for one set of inputs. A cache that cannot be used is as good as an empty one.

    ``obstacle`` says why nothing is kept in a folder that was named; ``path`` is None then.
    """

    def __init__(self, folder: str | None, inputs: Sequence[str]) -> None:
        """``folder`` None: keep nothing. ``inputs`` hold no secret; their hash is the name."""
        self.obstacle = None if folder is None else _obstacle(folder)
        self.path = None if folder is None or self.obstacle else os.path.join(folder, _name(inputs))  # noqa: PTH118 - pathlib takes longer to import than this to run

    def read(self) -> CachedSession | None:
        """Give what is kept, over or not; None for anything else.

        What was written in what is now the future is nothing: the clock was set back since then,
        and by the times that are kept a session would be good long after its end.
        """
        content = unsealed((self.path and read_private(self.path)) or b"")
        if content is None:
            return None
        times, _, answer = content.partition(b"\n")
        try:
            refresh_at, until, written = map(float, times.split())
        except ValueError:
            return None
        now = time.time()
        if not answer or now < written or until - now > _LONGEST_SECONDS:
            return None
        return CachedSession(answer, refresh_at=refresh_at, until=until)

    def write(self, session: CachedSession) -> None:
        """Replace what is kept; on a disk that is full or read-only nothing is."""
        if self.path is not None:
            # whole seconds, rounded down: a clock that is put right by less is no matter
            times = f"{session.refresh_at:.0f} {session.until:.0f} {int(time.time())}\n"
            write_private(self.path, sealed(times.encode() + session.answer))
            _clear_out(os.path.dirname(self.path))  # noqa: PTH120 - as above


def sealed(content: bytes) -> bytes:
    """Put a line before it by which damage is seen: nothing is synced, so a crash may leave some.

    No protection: whoever can write the file can seal it.
    """
    return blake2b(content, digest_size=_SEAL_BYTES).hexdigest().encode() + b"\n" + content


def unsealed(text: bytes) -> bytes | None:
    """Give what was sealed; None if it is not whole."""
    content = text.partition(b"\n")[2]
    return content if text == sealed(content) else None


def default_folder(environment: Mapping[str, str]) -> str | None:
    """Give where sessions are kept; None where there is no home."""
    home = environment.get("HOME")
    base = environment.get("XDG_CACHE_HOME") or (home and f"{home}/.cache")
    return f"{base}/rolesanywhere" if base else None


def _obstacle(folder: str) -> str | None:
    """Say why others could hold up or mislead who keeps files there; None: they cannot.

    The folder's sticky bit does not help: it keeps nobody from making a file first.
    """
    try:
        status = _look(folder)
    except OSError as error:
        return f"{folder} cannot be used: {error.strerror}"
    if not stat.S_ISDIR(status.st_mode):
        return f"{folder} is no folder"
    if status.st_uid != os.geteuid():
        return f"{folder} is another user's"
    return f"others can write to {folder}" if status.st_mode & 0o022 else None


def _look(folder: str) -> os.stat_result:
    try:
        return os.stat(folder)  # noqa: PTH116 - as above
    except FileNotFoundError:
        _make(folder)
        return os.stat(folder)  # noqa: PTH116 - as above


def _make(folder: str) -> None:
    """Make it and what leads there, but not in another user's folder, as root with ``sudo -E`` may.

    That user could keep nothing there from then on. Root's own folders are in nobody's way.
    """
    parent = os.path.abspath(folder)  # noqa: PTH100 - as above
    while not os.path.exists(parent):  # noqa: PTH110 - as above
        parent = os.path.dirname(parent)  # noqa: PTH120 - as above
    if os.stat(parent).st_uid not in (os.geteuid(), 0):  # noqa: PTH116 - as above
        raise PermissionError(errno.EPERM, f"{parent} is another user's")
    os.makedirs(folder, mode=0o700, exist_ok=True)  # noqa: PTH103 - as above


def _clear_out(folder: str) -> None:
    """Remove what nobody used for long: each rotated certificate is another set of inputs."""
    before = time.time() - _OLD_SECONDS
    try:
        for entry in list(os.scandir(folder)):
            is_ours = len(entry.name.partition(".")[0]) == 2 * _NAME_BYTES
            if is_ours and entry.stat(follow_symlinks=False).st_mtime < before:
                remove(entry.path)
    except OSError:
        return  # another run does the same


def _name(inputs: Sequence[str]) -> str:
    text = os.fsencode("\0".join(inputs))  # a path may hold bytes that are no text
    return blake2b(text, digest_size=_NAME_BYTES).hexdigest()
