"""The authorization token: a shared file that SDKs send back verbatim.

The file has no newline at its end: botocore and the Go SDK refuse a token that holds one.
"""

import os
import stat
from collections.abc import Callable
from typing import Final, Protocol

from rolesanywhere.agent import atomic_file
from rolesanywhere.agent.journal import Journal
from rolesanywhere.agent.start import require_folder

_RANDOM_BYTES: Final = 32
_LONGEST: Final = 4096  # bytes: half of what a request's head may have
_OF_EVERYBODY: Final = stat.S_IWOTH | stat.S_ISVTX  # a folder's mode
_PRINTABLE: Final = range(0x21, 0x7F)  # what may stand in an HTTP header, blanks left out


def load_or_make(path: str, *, mode: int) -> bytes:
    """Give the token in ``path``, made first if the file is missing.

    A token survives a restart of the agent, so SDKs that hold on to it go on working. Raises
    ``ValueError`` for a file no SDK could use or a folder that is not there, ``OSError`` that names
    ``path`` when it cannot be read or made.
    """
    require_folder(path, "token", "--token-file")
    try:
        return _load_or_make(path, mode)
    except OSError as error:
        words = f"{error.strerror}; name another file with --token-file"
        raise OSError(error.errno, words, path) from error


class Guarded(Protocol):
    """Whoever asks for the token."""

    token: bytes


class TokenKeeper:
    """A worker of the server. Keeps file and token in line: SDKs read the file again and again."""

    def __init__(
        self,
        path: str,
        guarded: Guarded,
        *,
        mode: int,
        journal: Journal,
        clock: Callable[[], float],
        poll_seconds: float,
    ) -> None:
        """``clock`` is monotonic; the file was read just now."""
        self._path = path
        self._guarded = guarded
        self._mode = mode
        self._journal = journal
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._due = clock() + poll_seconds
        self._told = ""  # what is wrong with the file

    def moment(self) -> float:
        """Give the monotonic time at which ``tick`` next has something to do."""
        return self._due

    def tick(self) -> None:
        """Look at the file. One that is of no use changes nothing, and is told once."""
        now = self._clock()
        if now < self._due:
            return
        self._due = now + self._poll_seconds
        try:
            event = self._look()
        except (OSError, ValueError) as error:
            self._warn(self._words(error))
        else:
            if event or self._told:
                self._journal.info(event or "token-file-restored")
            self._told = ""

    def stop(self) -> None:
        """See ``Worker``. The file stays: a token survives a restart."""

    def _look(self) -> str:
        """Bring file and token in line; names what was out of it."""
        before = self._guarded.token
        event = ""
        try:
            found = _load(self._path)
        except FileNotFoundError:
            _make(self._path, before, self._mode)
            found = _load(self._path)  # another agent may have been first
            event = "token-file-restored"
        self._guarded.token = found
        return event if found == before else "token-changed"

    def _warn(self, message: str) -> None:
        if message != self._told:
            self._journal.warning("token-file-failed", message=message)
        self._told = message

    def _words(self, error: OSError | ValueError) -> str:
        if isinstance(error, OSError):
            return f"the token file {self._path} cannot be used: {error.strerror}"
        return str(error)


def _load_or_make(path: str, mode: int) -> bytes:
    try:
        return _load(path)
    except FileNotFoundError:
        _make(path, os.urandom(_RANDOM_BYTES).hex().encode(), mode)
        return _load(path)


def _load(path: str) -> bytes:
    token = _read(path)
    if not token or len(token) > _LONGEST or not all(byte in _PRINTABLE for byte in token):
        message = (
            f"the token file {path} is empty or too long, or holds blanks, newlines or other "
            "characters that SDKs refuse: remove it, and the agent makes a good one"
        )
        raise ValueError(message)
    return token


def _read(path: str) -> bytes:
    with open(path, "rb", buffering=0, opener=_open) as file:
        if (author := _strange_author(path, os.fstat(file.fileno()))) is not None:
            message = (
                f"the token file {path} may be {author}'s, who would know the token: remove it, "
                "let nobody else write to it (chmod), or give another one"
            )
            raise ValueError(message)
        return file.read(_LONGEST + 1) or b""


def _strange_author(path: str, found: os.stat_result) -> str | None:
    """Name who else may have written it, and would know the token; None where only we could.

    Whoever may write to its folder is trusted, unless everybody may, as in /tmp; a volume of a pod
    is its containers' alone, though its mode lets in everybody.
    """
    if found.st_mode & stat.S_IWOTH:
        return "anybody"
    folder = os.stat(os.path.dirname(path) or ".")  # noqa: PTH116, PTH120 - pathlib costs the server memory
    is_ours = found.st_uid in (os.geteuid(), 0)
    is_shared = folder.st_mode & _OF_EVERYBODY == _OF_EVERYBODY
    return f"user {found.st_uid}" if is_shared and not is_ours else None


def _open(path: str, flags: int) -> int:
    """Open it, and wait for nobody if somebody has put a pipe there."""
    return os.open(path, flags | os.O_NONBLOCK)


def _make(path: str, token: bytes, mode: int) -> None:
    """Write aside, then link: a reader sees a whole token or none, and the first maker wins."""
    aside = f"{path}.{os.urandom(8).hex()}"  # in each container of a pod, we are process 1
    try:
        atomic_file.write_new(aside, token, mode=mode)
        os.link(aside, path)
    except FileExistsError:
        return
    finally:
        atomic_file.remove(aside)
