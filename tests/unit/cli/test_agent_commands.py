"""``serve`` and ``update`` in the agent's words."""

import os
import stat
from pathlib import Path

import pytest
from tests.unit.cli.planted import SOMEBODY, needs_root

from rolesanywhere.agent.identity import FilesIdentity
from rolesanywhere.agent.options import parse
from rolesanywhere.cli.agent_commands import translate

REGION = "arn:aws:rolesanywhere:eu-west-1:111122223333"
NEEDED = [
    *("--certificate", "/c.pem", "--private-key", "/k.pem"),
    *("--trust-anchor-arn", f"{REGION}:trust-anchor/a", "--profile-arn", f"{REGION}:profile/p"),
    *("--role-arn", "arn:aws:iam::111122223333:role/r", "--session-duration", "7200"),
]


def test_serve_is_instance_metadata_on_loopback() -> None:
    """On the helper's port, with its hop limit; the agent understands every word."""
    options = parse(translate("serve", NEEDED))
    assert (options.imds, options.hop_limit) == (("127.0.0.1", 9911), 64)
    assert options.endpoint is None
    (identity,) = options.identities
    assert isinstance(identity, FilesIdentity)
    assert identity.configuration["sessionDurationSeconds"] == 7200


def test_serve_takes_the_helpers_options() -> None:
    """Port and hop limit are the user's to say; the agent understands how Go writes numbers."""
    words = ["--port", "0", "--hop-limit=0x1", "--session-duration", "03600", "--debug", "false"]
    options = parse(translate("serve", [*NEEDED, *words]))
    assert (options.imds, options.hop_limit) == (("127.0.0.1", 0), 1)
    (identity,) = options.identities
    assert isinstance(identity, FilesIdentity)
    assert identity.configuration["sessionDurationSeconds"] == 1920


def test_update_keeps_one_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the file the SDKs read, whose folder is made so that its owner can enter it."""
    path = tmp_path / "aws" / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    options = parse(translate("update", [*NEEDED, "--profile", "shop", "--once"]))
    assert (options.credentials_file, options.profile, options.once) == (str(path), "shop", True)
    assert options.once_seconds == 0, "not for what only people can mend"
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(("word", "once"), [("--once=1", True), ("--once=F", False)])
def test_update_reads_booleans_as_go_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str, *, once: bool
) -> None:
    """Whoever writes 1 means yes."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert parse(translate("update", [*NEEDED, word, "--profile="])).once is once


def test_update_has_the_sdks_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The default profile, in the home folder."""
    monkeypatch.delenv("AWS_SHARED_CREDENTIALS_FILE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    options = parse(translate("update", NEEDED))
    assert options.credentials_file == str(tmp_path / ".aws" / "credentials")
    assert (options.profile, options.once) == ("default", False)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("--debug", "rolesanywhere serve: --debug has no effect on serve; "),
        ("--with-proxy=1", "rolesanywhere serve: --with-proxy has no effect on serve; "),
        ("--debug=false", ""),
    ],
)
def test_a_flag_without_effect_is_told(
    word: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """And no reason to end: scripts written for the helper go on."""
    assert parse(translate("serve", [*NEEDED, word])).imds is not None
    assert capsys.readouterr().err.startswith(told)


def test_a_home_that_cannot_be_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As with a service's user whose home is a device."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "file" / "aws" / "x"))
    with pytest.raises(SystemExit) as caught:
        translate("update", NEEDED)
    assert caught.value.code == 1
    assert f"{tmp_path}/file/aws cannot be made: Not a directory" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "words", "status", "message"),
    [
        ("serve", ["--port", "x"], 2, "rolesanywhere serve: --port 'x' is not a number"),
        ("serve", ["--hop-limit", "256"], 2, "--hop-limit '256' is not a number from 1 to 255"),
        ("serve", ["--hop-limit", "0"], 2, "serve: --hop-limit '0' is not a number from 1 to 255"),
        ("serve", ["--port", "65536"], 2, "--port '65536' is not a number from 0 to 65535"),
        ("serve", ["--port="], 2, "rolesanywhere serve: --port '' is not a number"),
        ("serve", ["--once"], 2, "there is no flag --once"),
        ("update", ["--port", "1"], 2, "there is no flag --port"),
        ("update", ["--profile", "[x]"], 2, "update: --profile '[x]' is no name for a profile"),
        ("update", ["--help"], 0, "usage: rolesanywhere update FLAGS"),
    ],
)
def test_a_wrong_command_line_ends_it(
    command: str,
    words: list[str],
    status: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Before anything is started."""
    with pytest.raises(SystemExit) as caught:
        translate(command, [*NEEDED, *words])
    captured = capsys.readouterr()
    assert caught.value.code == status
    assert message in captured.out + captured.err


def test_a_key_that_comes_by_a_pipe_is_the_agents_to_read(tmp_path: Path) -> None:
    """It is there once; and where nobody writes into it, nobody waits here."""
    key = tmp_path / "key.pem"
    os.mkfifo(key)
    words = translate("serve", [*NEEDED, "--private-key", str(key)])
    assert not any(word.startswith("--password-file") for word in words)


@needs_root
def test_a_folder_made_in_a_users_home_is_that_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By `sudo -E`: root's own would be closed to whoever it is for."""
    os.chown(tmp_path, SOMEBODY, SOMEBODY)
    monkeypatch.setenv("HOME", str(tmp_path))
    translate("update", NEEDED)
    made = (tmp_path / ".aws").stat()
    assert (made.st_uid, made.st_mode & 0o777) == (SOMEBODY, 0o700)
