"""Files for credential_process: written whole, taken away in time, kept over a restart."""

import configparser
import json
import os
import shutil
import stat
from math import inf
from pathlib import Path

import pytest
from tests.unit.agent.holding import grant

from rolesanywhere.agent import instant
from rolesanywhere.agent.process_files import ProcessFiles

END = instant.read("2026-11-24T13:00:00Z")


def test_a_ready_answer_is_kept_for_each_identity(tmp_path: Path) -> None:
    """It is what credential_process must print, for this user alone."""
    folder = tmp_path / "aws"
    ProcessFiles(str(folder), ("one",), mode=0o600).deliver({"one": grant("first")}, now=0)
    path = folder / "one.json"
    assert json.loads(path.read_bytes()) == {
        "Version": 1,
        "AccessKeyId": "first",
        "SecretAccessKey": "secret-of-first",
        "SessionToken": "token-of-first",
        "Expiration": "2026-11-24T13:00:00Z",
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_everybody_may_find_what_not_everybody_may_read(tmp_path: Path) -> None:
    """Folder and config tell no secret, and only the agent changes them, whatever the umask."""
    folder = tmp_path / "aws"
    outlet = ProcessFiles(str(folder), ("one",), mode=0o600)
    before = os.umask(0)
    try:
        outlet.deliver({"one": grant("first")}, now=0)
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())}
    assert modes == {"aws": 0o755, "config": 0o644, "one.json": 0o600}


def test_the_config_needs_nothing_but_cat(tmp_path: Path) -> None:
    """The first identity is the default profile, each has one of its own name."""
    outlet = ProcessFiles(str(tmp_path), ("one", "two"), mode=0o600)
    outlet.deliver({}, now=0)
    assert Path(outlet.config_path()).read_text() == (
        "# Kept by `rolesanywhere agent`: changes are lost.\n\n"
        f"[default]\ncredential_process = cat {tmp_path}/one.json\n\n"
        f"[profile one]\ncredential_process = cat {tmp_path}/one.json\n\n"
        f"[profile two]\ncredential_process = cat {tmp_path}/two.json\n"
    )


def test_default_is_the_same_identity_everywhere(tmp_path: Path) -> None:
    """One named so, wherever it stands; else the first."""
    for names, meant in ((("one", "default"), "default"), (("one", "two"), "one")):
        files = ProcessFiles(str(tmp_path), names, mode=0o600)
        files.deliver({}, now=0.0)
        config = configparser.ConfigParser()
        config.read(files.config_path())
        assert config["default"]["credential_process"] == f"cat {tmp_path}/{meant}.json"


def test_an_expired_answer_is_taken_away(tmp_path: Path) -> None:
    """``cat`` then fails: no SDK is handed credentials that are over."""
    outlet = ProcessFiles(str(tmp_path), ("one",), mode=0o600)
    outlet.deliver({"one": grant("first")}, now=0)
    outlet.deliver({"one": None}, now=0)
    assert not (tmp_path / "one.json").exists()


@pytest.mark.parametrize("left", [1, 0, -60])
def test_an_earlier_runs_answer_is_kept_until_its_end(tmp_path: Path, left: int) -> None:
    """A restart while AWS is away takes nothing good away, and leaves nothing bad."""
    outlet = ProcessFiles(str(tmp_path), ("one",), mode=0o600)
    outlet.deliver({"one": grant("first")}, now=0)
    again = ProcessFiles(str(tmp_path), ("one",), mode=0o600)
    assert again.deliver({}, now=END - left) == (END if left > 0 else inf)
    assert (tmp_path / "one.json").exists() is (left > 0)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"Expiration": "soon"}', b"\xff"])
def test_garbage_of_an_earlier_run_is_taken_away(tmp_path: Path, content: bytes) -> None:
    """What cannot be judged is not left for an SDK to find."""
    (tmp_path / "one.json").write_bytes(content)
    ProcessFiles(str(tmp_path), ("one",), mode=0o600).deliver({}, now=0)
    assert not (tmp_path / "one.json").exists()


def test_somebody_elses_config_is_left_alone(tmp_path: Path) -> None:
    """The folder may be ~/.aws by mistake: said at the start, and if it happens later."""
    files = ProcessFiles(str(tmp_path), ("one",), mode=0o600)
    files.deliver({}, now=0)
    config = tmp_path / "config"
    config.write_text("[profile mine]\n")
    with pytest.raises(FileExistsError, match=r"a folder of its own: .*/config"):
        files.deliver({}, now=0)
    with pytest.raises(FileExistsError, match=r"a folder of its own: .*/config"):
        ProcessFiles(str(tmp_path), ("one",), mode=0o600)
    assert config.read_text() == "[profile mine]\n"


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    """A new session of one identity rewrites no other's file."""
    outlet = ProcessFiles(str(tmp_path), ("one", "two"), mode=0o600)
    outlet.deliver({"one": grant("first"), "two": grant("second")}, now=0)
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    outlet.deliver({"one": grant("first"), "two": grant("third")}, now=0)
    after = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert {name for name in after if after[name] != before[name]} == {"two.json"}


def test_nothing_waits_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under pressure that takes seconds, in which nobody would be answered."""
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    outlet = ProcessFiles(str(tmp_path), ("one",), mode=0o600)
    outlet.deliver({"one": grant("first")}, now=0)
    assert synced == []


def test_a_file_that_cannot_be_written_keeps_no_other_from_its_own(tmp_path: Path) -> None:
    """Neither new credentials nor the end of old ones; what failed first is told."""
    names = ("one", "two", "three", "four")
    outlet = ProcessFiles(str(tmp_path), names, mode=0o600)
    outlet.deliver({"three": grant("old")}, now=0)
    for blocked in ("one.json", "four.json"):
        (tmp_path / blocked).mkdir()
    grants = {"one": grant("1"), "two": grant("2"), "three": None, "four": None}
    with pytest.raises(IsADirectoryError, match=r"one\.json"):
        outlet.deliver(grants, now=0)
    assert json.loads((tmp_path / "two.json").read_bytes())["AccessKeyId"] == "2"
    assert not (tmp_path / "three.json").exists()


def test_somebody_elses_config_keeps_no_credentials_back(tmp_path: Path) -> None:
    """Nor does it keep expired ones."""
    outlet = ProcessFiles(str(tmp_path), ("one",), mode=0o600)
    outlet.deliver({"one": grant("first")}, now=0)
    (tmp_path / "config").write_text("[profile mine]\n")
    with pytest.raises(FileExistsError):
        outlet.deliver({"one": None}, now=0)
    assert not (tmp_path / "one.json").exists()


def test_what_somebody_removed_or_changed_is_noticed(tmp_path: Path) -> None:
    """By its content: what only looks new is no loss. It is there again when delivered again."""
    folder = tmp_path / "aws"
    path, config = folder / "one.json", folder / "config"
    outlet = ProcessFiles(str(folder), ("one", "two"), mode=0o600)
    grants = {"one": grant("first"), "two": None}
    for work, lost in (
        (path.touch, None),
        (lambda: path.write_bytes(path.read_bytes()), None),
        ((folder / "other.json").touch, None),
        (path.unlink, path),
        (lambda: path.write_text("{}"), path),
        (config.unlink, config),
        (lambda: shutil.rmtree(folder), config),
    ):
        outlet.deliver(grants, now=0)
        assert outlet.lost(grants, now=0) is None
        work()
        assert outlet.lost(grants, now=0) == (lost and str(lost))
    outlet.deliver(grants, now=0)
    assert json.loads(path.read_bytes())["AccessKeyId"] == "first"
