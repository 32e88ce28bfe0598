"""A shared credentials file: profiles of ours come and go, what others wrote stays."""

import errno
import fcntl
import os
import resource
import stat
import tempfile
from collections.abc import Callable, Iterator
from math import inf
from pathlib import Path

import pytest
from tests.unit.agent.holding import grant

from rolesanywhere.agent import instant
from rolesanywhere.agent.atomic_file import Alone
from rolesanywhere.agent.outlets import Grants
from rolesanywhere.agent.shared_credentials import EXPIRES
from rolesanywhere.agent.shared_file import SharedFile

NOBODY = 65534
END = instant.read("2026-11-24T13:00:00Z")


def keep(path: Path) -> SharedFile:
    """Keep one identity in the profile ``default``."""
    return SharedFile(str(path), {"default": "one"}, mode=0o600)


def test_profiles_are_set_and_emptied(tmp_path: Path) -> None:
    """What others wrote in the file stays, and so does its mode."""
    path = tmp_path / "credentials"
    path.write_text("[mine]\naws_access_key_id = kept\n")
    path.chmod(0o640)
    outlet = SharedFile(str(path), {"default": "one", "one": "one"}, mode=0o600)
    outlet.deliver({"one": grant("first")}, now=0)
    text = path.read_text()
    assert text.startswith("[mine]\naws_access_key_id = kept\n\n[default]\n")
    assert text.count("aws_session_token = token-of-first\n") == 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    outlet.deliver({"one": None}, now=0)
    assert "first" not in path.read_text()


def test_a_new_file_is_private(tmp_path: Path) -> None:
    """Whatever the umask."""
    path = tmp_path / "credentials"
    keep(path).deliver({"one": grant("a")}, now=0)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("left", [1, -1])
def test_an_earlier_runs_profile_is_kept_until_its_end(tmp_path: Path, left: int) -> None:
    """The end is written beside the keys for that."""
    path = tmp_path / "credentials"
    keep(path).deliver({"one": grant("first")}, now=0)
    assert keep(path).deliver({}, now=END - left) == (END if left > 0 else inf)
    assert ("first" in path.read_text()) is (left > 0)


@pytest.mark.parametrize(
    "text",
    [
        "[default]\naws_access_key_id = mine\naws_secret_access_key = s\n",
        "[default]\naws_access_key_id=mine\naws_secret_access_key=s\naws_security_token=t\n",
        f"[default]\naws_access_key_id = AKIAMINE\n{EXPIRES} = 2020-01-01T00:00:00Z\n",
        f"[default]\naws_access_key_id = mine\n{EXPIRES} = 2020-01-01 01:00 CET\n",
        f"[default]\n[other]\n{EXPIRES} = 2020-01-01T00:00:00Z\n",
    ],
    ids=["static", "an old token", "static over an agent's", "another tool's", "another profile's"],
)
@pytest.mark.parametrize("grants", [{}, {"one": None}], ids=["no grant", "an expired one"])
def test_keys_that_no_agent_wrote_stay(tmp_path: Path, text: str, grants: Grants) -> None:
    """They may be somebody's only ones: without valid keys to put there nothing is taken away."""
    path = tmp_path / "credentials"
    path.write_text(text)
    assert keep(path).deliver(grants, now=END) == inf
    assert path.read_text() == text


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("aws_access_key_id = first", "aws_access_key_id = mine"),
        (f"{EXPIRES} = 2026-11-24T13:00:00Z\n", ""),
    ],
    ids=["another key", "no end"],
)
def test_keys_put_in_the_place_of_ours_stay(tmp_path: Path, ours: str, theirs: str) -> None:
    """Somebody took the profile over while AWS was away."""
    path = tmp_path / "credentials"
    outlet = keep(path)
    outlet.deliver({"one": grant("first")}, now=0)
    text = path.read_text().replace(ours, theirs)
    path.write_text(text)
    assert outlet.deliver({"one": None}, now=END) == inf
    assert path.read_text() == text


@pytest.mark.parametrize("left", [1, -1])
def test_another_agents_keys_in_the_place_of_ours_go_at_their_end(
    tmp_path: Path, left: int
) -> None:
    """They are an agent's too, if not this one's."""
    path = tmp_path / "credentials"
    outlet = keep(path)
    outlet.deliver({"one": grant("ours")}, now=0)
    later = instant.show(END + 600)
    keep(path).deliver({"one": grant("other")._replace(expiration=later)}, now=0)
    assert outlet.deliver({"one": None}, now=END + 600 - left) == (END + 600 if left > 0 else inf)
    assert ("other" in path.read_text()) is (left > 0)


def test_ours_go_before_their_end_is_written(tmp_path: Path) -> None:
    """They are not handed out in their last seconds; nor is a profile emptied twice."""
    path = tmp_path / "credentials"
    outlet = keep(path)
    outlet.deliver({"one": grant("first")}, now=0)
    assert outlet.deliver({"one": None}, now=END - 4) == inf
    assert path.read_text() == "[default]\n"


def test_a_grant_that_was_never_written_takes_nothing_away(tmp_path: Path) -> None:
    """What an earlier run left is still good until its own end."""
    path = tmp_path / "credentials"
    keep(path).deliver({"one": grant("first")}, now=0)
    assert keep(path).deliver({"one": None}, now=END - 60) == END
    assert "first" in path.read_text()


def test_without_credentials_no_file_is_made(tmp_path: Path) -> None:
    """An agent that has nothing to say writes nothing."""
    path = tmp_path / "credentials"
    keep(path).deliver({}, now=0)
    assert not path.exists()


@pytest.mark.parametrize(
    ("text", "is_synced"),
    [("", False), ("[default]\n", False), ("[mine]\n", True), ("[default]\nregion = x\n", True)],
)
def test_it_waits_for_the_disk_only_with_what_is_not_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, *, is_synced: bool
) -> None:
    """Credentials can be had again after a crash; what others wrote may be nowhere else."""
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    path = tmp_path / "credentials"
    path.write_text(text)
    outlet = keep(path)
    outlet.deliver({"one": grant("first")}, now=0)
    assert bool(synced) is is_synced


def test_what_is_there_already_is_not_written_again(tmp_path: Path) -> None:
    """A retry, or a new session of an identity that has no profile here."""
    path = tmp_path / "credentials"
    outlet = keep(path)
    outlet.deliver({"one": grant("first")}, now=0)
    before = path.stat()
    outlet.deliver({"one": grant("first"), "two": grant("second")}, now=0)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_nothing_is_written_before_it_is_our_turn(tmp_path: Path) -> None:
    """Another agent that shares the file would write over it."""
    path = tmp_path / "credentials"
    outlet = keep(path)
    with Alone(str(path)), pytest.raises(BlockingIOError, match="credentials") as caught:
        outlet.deliver({"one": grant("first")}, now=0)
    assert caught.value.errno == errno.EAGAIN
    assert not path.exists()
    outlet.deliver({"one": grant("first")}, now=0)
    assert "secret-of-first" in path.read_text()


def test_reading_and_replacing_are_one_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the one before wrote last is kept, and the next one waits until ours is written."""
    path = tmp_path / "credentials"
    rename, lock = os.rename, fcntl.flock
    blocked: list[str] = []

    def lock_after_another(descriptor: int, operation: int) -> None:
        path.write_text("[another]\nregion = x\n")
        lock(descriptor, operation)

    def rename_before_another(source: str, target: str) -> None:
        folder = os.open(tmp_path, os.O_RDONLY)
        try:
            lock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            blocked.append(target)
        finally:
            os.close(folder)
        rename(source, target)

    monkeypatch.setattr(fcntl, "flock", lock_after_another)
    monkeypatch.setattr(os, "rename", rename_before_another)
    keep(path).deliver({"one": grant("first")}, now=0)
    assert blocked == [str(path)]
    assert path.read_text().startswith("[another]\nregion = x\n\n[default]\n")


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    """Some keep their credentials file elsewhere and link to it."""
    real, link = tmp_path / "real", tmp_path / "link"
    real.touch()
    link.symlink_to(real)
    keep(link).deliver({"one": grant("a")}, now=0)
    assert link.is_symlink()
    assert "secret-of-a" in real.read_text()


def test_a_planted_link_is_not_written_through(tmp_path: Path) -> None:
    """Who can write in the folder cannot make the agent write elsewhere."""
    victim = tmp_path / "victim"
    victim.write_text("kept")
    (tmp_path / f".credentials.{os.getpid()}").symlink_to(victim)
    path = tmp_path / "credentials"
    keep(path).deliver({"one": grant("a")}, now=0)
    assert victim.read_text() == "kept"
    assert "secret-of-a" in path.read_text()


@pytest.fixture
def shared() -> Iterator[Path]:
    """Give a folder that other users can reach."""
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_file_stays_its_owners(shared: Path) -> None:
    """An agent that runs as root may keep a profile in a user's file."""
    path = shared / "credentials"
    path.touch()
    os.chown(path, 1000, 1001)
    path.chmod(0o640)
    keep(path).deliver({"one": grant("a")}, now=0)
    status = path.stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (1000, 1001, 0o640)
    assert "secret-of-a" in path.read_text()


@pytest.mark.parametrize("folder_mode", [0o777, 0o755], ids=["open folder", "closed folder"])
def test_what_cannot_be_replaced_is_written_into(shared: Path, folder_mode: int) -> None:
    """Another user's file that may be written, or one in a folder where none may be made."""
    path = shared / "credentials"
    path.write_text("[mine]\nregion = x\n" * 100)
    path.chmod(0o666)
    shared.chmod(folder_mode)
    number = path.stat().st_ino
    outlet = keep(path)
    with_nobody(lambda: outlet.deliver({"one": grant("a")}, now=0))
    assert "secret-of-a" in path.read_text()
    with_nobody(lambda: outlet.deliver({"one": None}, now=0))
    assert path.read_text() == "[mine]\nregion = x\n" * 100 + "\n[default]\n"
    assert (path.stat().st_ino, path.stat().st_uid) == (number, 0)
    assert list(shared.iterdir()) == [path]


@pytest.fixture
def roots_file(shared: Path) -> Path:
    """Give a file of root's in nobody's folder, as a run as root may leave one there."""
    os.chown(shared, NOBODY, NOBODY)
    path = shared / "credentials"
    path.write_text("[mine]\n")
    return path


def test_what_may_not_be_written_becomes_ours(roots_file: Path) -> None:
    """In a folder of one's own; the file's mode stays."""
    roots_file.chmod(0o644)
    outlet = keep(roots_file)
    with_nobody(lambda: outlet.deliver({"one": grant("a")}, now=0))
    assert "secret-of-a" in roots_file.read_text()
    assert (roots_file.stat().st_uid, roots_file.stat().st_mode & 0o777) == (NOBODY, 0o644)


def test_what_may_not_be_read_stays(roots_file: Path) -> None:
    """What else is in it would be lost."""
    roots_file.chmod(0o400)
    outlet = keep(roots_file)
    with pytest.raises(PermissionError):
        with_nobody(lambda: outlet.deliver({"one": grant("a")}, now=0))
    assert roots_file.read_text() == "[mine]\n"


def test_a_file_swapped_meanwhile_is_not_given_away(
    shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose folder it is may put a link to root's file where the new one was just made."""
    victim = shared / "root's"
    victim.touch()
    path = shared / "credentials"
    path.write_text("[mine]\n")
    os.chown(path, 1000, 1000)
    flush = os.fsync

    def swap(descriptor: int) -> None:
        flush(descriptor)
        (aside,) = shared.glob(".credentials.*")
        aside.unlink()
        aside.symlink_to(victim)

    monkeypatch.setattr(os, "fsync", swap)
    keep(path).deliver({"one": grant("a")}, now=0)
    assert victim.stat().st_uid == 0


def test_nothing_is_written_into_before_there_is_room_for_all(shared: Path) -> None:
    """What was there stays whole."""
    path = shared / "credentials"
    path.write_text("[mine]\n")
    path.chmod(0o666)
    outlet = keep(path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, limits[1]))
    try:
        with pytest.raises(OSError, match=r"File too large: .*/credentials"):
            with_nobody(lambda: outlet.deliver({"one": grant("a")}, now=0))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_text() == "[mine]\n"


def with_nobody(work: Callable[[], object]) -> None:
    """Do it as a user without rights."""
    os.seteuid(NOBODY)
    try:
        work()
    finally:
        os.seteuid(0)


def test_what_somebody_did_to_our_profile_is_noticed(tmp_path: Path) -> None:
    """And nothing else: the rest of the file is theirs."""
    path = tmp_path / "credentials"
    outlet = keep(path)
    grants = {"one": grant("first")}
    for old, new, is_lost in (
        ("", "[mine]\nregion = x\n", False),
        ("[mine]\nregion = x\n", "", False),
        ("token-of-first", "another", True),
        (f"{EXPIRES} = ", "# ", True),
        ("[default]", "[mine]", True),
    ):
        outlet.deliver(grants, now=0)
        assert outlet.lost(grants, now=0) is None
        path.write_text(path.read_text().replace(old, new, 1))
        assert outlet.lost(grants, now=0) == (str(path) if is_lost else None)
    path.unlink()
    assert outlet.lost(grants, now=0) == str(path)
    assert outlet.lost({"one": None}, now=0) is None
