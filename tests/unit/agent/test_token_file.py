"""The token SDKs present."""

import os
import resource
import stat
from pathlib import Path

import pytest

from rolesanywhere.agent.token_file import load_or_make


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


@pytest.mark.parametrize("content", [b"", b"token\n", b"token\r\n", b"to ken", b"t\xc3\xb6ken"])
def test_a_token_no_sdk_can_send_is_refused(tmp_path: Path, content: bytes) -> None:
    """The message names the file and the remedy, and does not show the token."""
    path = tmp_path / "secret-file"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"secret-file is empty or holds .* remove it") as caught:
        load_or_make(str(path), mode=0o600)
    assert "ken" not in str(caught.value).replace("token", "")


def test_what_an_earlier_run_left_half_made_is_no_hindrance(tmp_path: Path) -> None:
    """In a container the process id is always the same, and the volume outlives a restart."""
    (tmp_path / f"token.{os.getpid()}").touch()
    assert len(load_or_make(str(tmp_path / "token"), mode=0o600)) == 64
    assert [entry.name for entry in tmp_path.iterdir()] == ["token"]


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
