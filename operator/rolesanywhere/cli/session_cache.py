"""Sessions kept between runs of ``credential-process``: one private file for each set of inputs.

Readers need no lock, since files are replaced whole; who asks AWS holds one, so that twenty
commands started together make one CreateSession (its quota is ten a second for an account).
Little is imported here, ``typing`` and ``hashlib`` least of all: this is all a cached run does.
"""

from __future__ import annotations

import os
import time

# hashlib's own blake2b, but importing hashlib maps libcrypto: a tenth of a cached run
from _blake2 import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LARGEST = 1 << 16  # bytes
_NAME_BYTES = 32
_LOCK_POLL_SECONDS = 0.02


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


class Lock:
    """The right to ask AWS. ``is_held``: nobody else has it."""

    def __init__(self, descriptor: int | None, *, is_held: bool) -> None:
        self.is_held = is_held
        self._descriptor = descriptor

    def release(self) -> None:
        """Let the next one ask."""
        if self._descriptor is not None:
            os.close(self._descriptor)


class SessionCache:
    """The file for one set of inputs. A cache that cannot be used is as good as an empty one."""

    def __init__(self, folder: str | None, inputs: Sequence[str]) -> None:
        """``folder`` None: keep nothing. ``inputs`` hold no secret; their hash is the name."""
        self._folder = folder
        self._path = "" if folder is None else os.path.join(folder, _name(inputs))  # noqa: PTH118 - pathlib takes longer to import than this to run

    def read(self) -> CachedSession | None:
        """Give what is kept and not over; None for anything else."""
        if self._folder is None:
            return None
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                status = os.fstat(descriptor)
                text = os.read(descriptor, _LARGEST)
            finally:
                os.close(descriptor)
            times, _, answer = text.partition(b"\n")
            refresh_at, until = map(float, times.split())
        except (OSError, ValueError):
            return None
        is_private = status.st_uid == os.geteuid() and not status.st_mode & 0o077
        if not is_private or not answer:
            return None
        return CachedSession(answer, refresh_at=refresh_at, until=until)

    def write(self, session: CachedSession) -> None:
        """Replace what is kept; on a disk that is full or read-only nothing is."""
        if self._folder is None:
            return
        aside = f"{self._path}.{os.getpid()}"
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)  # noqa: PTH103 - as above
            _write_new(aside, _render(session))
            os.rename(aside, self._path)  # noqa: PTH104 - as above
        except OSError:
            _remove(aside)

    def acquire(self, *, seconds: float) -> Lock:
        """Take the right to ask AWS, if it is to be had within so many seconds.

        Where nothing is kept, everybody has it.
        """
        descriptor = self._open_lock()
        is_held = descriptor is None or _locked(descriptor, seconds)
        return Lock(descriptor, is_held=is_held)

    def _open_lock(self) -> int | None:
        if self._folder is None:
            return None
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)  # noqa: PTH103 - as above
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
            return os.open(f"{self._path}.lock", flags, 0o600)
        except OSError:
            return None


def default_folder(environment: Mapping[str, str]) -> str | None:
    """Give where sessions are kept; None where there is no home."""
    home = environment.get("HOME")
    base = environment.get("XDG_CACHE_HOME") or (home and f"{home}/.cache")
    return f"{base}/rolesanywhere" if base else None


def _name(inputs: Sequence[str]) -> str:
    return blake2b("\0".join(inputs).encode(), digest_size=_NAME_BYTES).hexdigest()


def _remove(path: str) -> None:
    try:
        os.unlink(path)  # noqa: PTH108 - as above
    except OSError:
        return


def _render(session: CachedSession) -> bytes:
    return f"{session.refresh_at:.0f} {session.until:.0f}\n".encode() + session.answer


def _write_new(path: str, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        while content:
            content = content[os.write(descriptor, content) :]
    finally:
        os.close(descriptor)


def _locked(descriptor: int, seconds: float) -> bool:
    import fcntl  # noqa: PLC0415 - not needed by a cached run

    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() >= end:
                return False
            time.sleep(_LOCK_POLL_SECONDS)
        else:
            return True
