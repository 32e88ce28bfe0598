"""The token SDKs present: made, kept over restarts, and kept in line with its file."""

import fcntl
import io
import json
import os
import resource
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.unit.cli.planted import SOMEBODY, needs_root

from rolesanywhere.agent.journal import Journal
from rolesanywhere.agent.token_file import TokenKeeper, load_or_make

POLL = 2.0


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444])
def test_a_missing_token_is_made(tmp_path: Path, mode: int) -> None:
    """The file holds the token and no newline, has the mode asked for, and nothing is left over."""
    path = tmp_path / "token"
    token = load_or_make(str(path), mode=mode)
    assert path.read_bytes() == token
    assert len(token) == 64
    assert token.isalnum()
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert [entry.name for entry in tmp_path.iterdir()] == ["token"]


@pytest.mark.parametrize(
    ("folder", "file", "owner", "author"),
    [
        (0o1777, 0o600, SOMEBODY, f"user {SOMEBODY}'s"),
        (0o755, 0o666, 0, "anybody's"),
        (0o755, 0o600, SOMEBODY, None),  # an administrator has put it there, for an application
        (0o1777, 0o644, 0, None),
        (0o2777, 0o440, SOMEBODY, None),  # a volume that two containers share
    ],
)
@needs_root
def test_a_token_of_who_knows_whom_is_not_taken(
    tmp_path: Path, folder: int, file: int, owner: int, author: str | None
) -> None:
    """Whoever put it in a folder that is everybody's would know how to get credentials."""
    path = tmp_path / "token"
    path.write_bytes(b"given-by-hand")
    path.chmod(file)
    os.chown(path, owner, -1)
    tmp_path.chmod(folder)
    if author is None:
        assert load_or_make(str(path), mode=0o600) == b"given-by-hand"
    else:
        with pytest.raises(ValueError, match=rf"token file {path} may be {author}, who would"):
            load_or_make(str(path), mode=0o600)


def test_several_agents_make_one_token(tmp_path: Path) -> None:
    """Each is process 1 of its container, and they share the folder: none is in another's way."""
    path = str(tmp_path / "token")

    def start() -> list[int]:
        ready, go = os.pipe()
        pids = []
        for _ in range(8):
            pid = os.fork()
            if pid == 0:
                os.close(go)
                os.getpid = lambda: 1
                os.read(ready, 1)
                try:
                    load_or_make(path, mode=0o600)
                except BaseException:  # noqa: BLE001 - its status says so
                    os._exit(1)
                os._exit(0)
            pids.append(pid)
        os.close(go)
        os.close(ready)
        return [os.waitpid(pid, 0)[1] for pid in pids]

    for _ in range(20):
        assert start() == [0] * 8
        Path(path).unlink()


def test_tokens_differ(tmp_path: Path) -> None:
    """Each is random."""
    assert load_or_make(str(tmp_path / "a"), mode=0o600) != load_or_make(
        str(tmp_path / "b"), mode=0o600
    )


def test_a_token_survives_a_restart(tmp_path: Path) -> None:
    """What is there is used, and left as it is."""
    path = tmp_path / "token"
    path.write_bytes(b"given-by-hand")
    assert load_or_make(str(path), mode=0o600) == b"given-by-hand"
    assert path.read_bytes() == b"given-by-hand"


@pytest.mark.parametrize(
    "content", [b"", b"token\n", b"token\r\n", b"to ken", b"t\xc3\xb6ken", b"t" * 4097]
)
def test_a_token_no_sdk_can_send_is_refused(tmp_path: Path, content: bytes) -> None:
    """The message names the file and the remedy, and does not show the token."""
    path = tmp_path / "secret-file"
    path.write_bytes(content)
    with pytest.raises(
        ValueError, match=r"secret-file is empty or too long, or holds .* remove it"
    ) as caught:
        load_or_make(str(path), mode=0o600)
    assert "ken" not in str(caught.value).replace("token", "")


def test_what_an_earlier_run_left_half_made_is_no_hindrance(tmp_path: Path) -> None:
    """In a container the process id is always the same, and the volume outlives a restart."""
    (tmp_path / f"token.{os.getpid()}").touch()
    assert len(load_or_make(str(tmp_path / "token"), mode=0o600)) == 64


def test_nobody_can_keep_a_token_from_being_made(tmp_path: Path) -> None:
    """Whoever may read a folder may lock it."""
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    assert len(load_or_make(str(tmp_path / "token"), mode=0o600)) == 64
    os.close(folder)


def test_nothing_is_left_of_a_token_that_could_not_be_made(tmp_path: Path) -> None:
    """A full disk may have room again at the next start."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            load_or_make(str(tmp_path / "token"), mode=0o600)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.iterdir())


class Guarded:
    """Whoever asks for the token."""

    token = b"known"


class Bench:
    """A keeper of a file in a folder of its own, with a clock of ours."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "run"
        self.folder.mkdir()
        self.path = self.folder / "token"
        self.path.write_bytes(Guarded.token)
        self.time = 0.0
        self.guarded = Guarded()
        self.log = io.StringIO()
        self.keeper = TokenKeeper(
            str(self.path),
            self.guarded,
            mode=0o640,
            journal=Journal(self.log, lambda: 0.0),
            clock=lambda: self.time,
            poll_seconds=POLL,
        )

    def look(self) -> list[str]:
        """Let the next look happen; gives the events told since the start."""
        self.time = self.keeper.moment()
        self.keeper.tick()
        return [json.loads(line)["event"] for line in self.log.getvalue().splitlines()]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    running = Bench(tmp_path)
    yield running
    running.keeper.stop()


def test_a_file_that_was_removed_is_written_again(bench: Bench) -> None:
    """With the token that SDKs hold, in the mode asked for, and told once."""
    bench.path.unlink()
    assert bench.look() == bench.look() == ["token-file-restored"]
    assert bench.path.read_bytes() == bench.guarded.token == b"known"
    assert stat.S_IMODE(bench.path.stat().st_mode) == 0o640
    assert [entry.name for entry in bench.folder.iterdir()] == ["token"]


def test_a_file_that_was_overwritten_holds_the_new_token(bench: Bench) -> None:
    """SDKs present it from then on."""
    bench.path.write_bytes(b"another")
    assert bench.look() == bench.look() == ["token-changed"]
    assert bench.guarded.token == b"another"


def test_a_file_in_order_is_no_news(bench: Bench) -> None:
    """It is looked at in intervals, and not in between."""
    assert bench.look() == []
    assert bench.keeper.moment() == 2 * POLL
    bench.path.unlink()
    bench.time += POLL / 2
    bench.keeper.tick()
    assert not bench.path.exists()


def put_away(path: Path) -> None:
    path.parent.rename(path.parent.with_name("away"))


def put_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def put_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def put_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.write_bytes(b""), "is empty or too long, or holds"),
        (lambda path: path.write_bytes(b"known\n"), "is empty or too long, or holds"),
        (lambda path: path.write_bytes(b"n" * 4097), "is empty or too long, or holds"),
        (put_pipe, "is empty or too long, or holds"),
        (put_folder, "Is a directory"),
        (put_link, "No such file"),
        (put_away, "No such file"),
    ],
)
def test_a_file_of_no_use_changes_nothing(
    bench: Bench, spoil: Callable[[Path], object], words: str
) -> None:
    """The token is kept, and what is wrong is told once, without the token."""
    spoil(bench.path)
    assert bench.look() == bench.look() == ["token-file-failed"]
    assert bench.guarded.token == b"known"
    told = json.loads(bench.log.getvalue())
    assert told["level"] == "warning"
    assert f"the token file {bench.path} " in told["message"]
    assert words in told["message"]
    assert "known" not in told["message"]


def test_a_file_that_is_of_use_again_is_told(bench: Bench) -> None:
    """And so is its next trouble, though it is the same."""
    bench.path.write_bytes(b"")
    bench.look()
    bench.path.write_bytes(b"known")
    assert bench.look() == ["token-file-failed", "token-file-restored"]
    bench.path.write_bytes(b"")
    assert bench.look() == ["token-file-failed", "token-file-restored", "token-file-failed"]
