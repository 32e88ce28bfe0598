"""What keeps an agent from starting is told with what to do about it."""

import socket
from pathlib import Path

import pytest

from rolesanywhere.agent.options import parse
from rolesanywhere.agent.ready_file import ReadyFile
from rolesanywhere.agent.start import open_address, require_folder
from rolesanywhere.agent.token_file import load_or_make


def test_an_address_is_opened() -> None:
    """As it was asked for."""
    with open_address("--listen", ("127.0.0.1", 0), hop_limit=3) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"
        assert listener.getsockopt(socket.IPPROTO_IP, socket.IP_TTL) == 3


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_taken_address_is_told_with_its_option(host: str) -> None:
    """Three of them can be taken, and people see one sentence."""
    with open_address("--listen", (host, 0)) as first:
        port = first.getsockname()[1]
        with pytest.raises(ValueError, match="use") as caught:
            open_address("--admin-listen", (host, port))
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    assert str(caught.value) == (
        f"the address {shown} of --admin-listen cannot be opened: Address already in use; "
        "give another port, or end the program that has it"
    )


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("192.0.2.1", "Cannot assign requested address"),  # of documentation: nobody's
        ("no host", "not known"),
    ],
)
def test_an_address_of_nobody_is_told_with_its_option(host: str, reason: str) -> None:
    """Whatever is wrong with it."""
    with pytest.raises(ValueError, match="give an address of this machine") as caught:
        open_address("--admin-listen", (host, 9912))
    assert f"the address {host}:9912 of --admin-listen cannot be opened: " in str(caught.value)
    assert reason in str(caught.value)


@pytest.mark.parametrize("host", ["a..\xe9", "\u0661"])
def test_a_host_that_is_no_name_is_no_address(
    host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python would encode it, or fail to."""
    with pytest.raises(SystemExit):
        parse(["--admin-listen", f"{host}:9912"])
    assert f"'{host}:9912' is not an address such as" in capsys.readouterr().err


def test_a_file_may_lie_in_a_folder_that_is_there(tmp_path: Path) -> None:
    """Or in the present one."""
    require_folder(str(tmp_path / "token"), "token", "--token-file")
    require_folder("token", "token", "--token-file")


def test_a_token_without_a_folder_is_told_with_what_to_do(tmp_path: Path) -> None:
    """By the name that people gave it."""
    path = tmp_path / "aws" / "token"
    with pytest.raises(ValueError, match="folder") as caught:
        load_or_make(str(path), mode=0o600)
    assert str(caught.value) == (
        f"the folder of the token file {path} is not there: "
        "make it, or name another file with --token-file"
    )


@pytest.mark.parametrize("spoil", [Path.mkdir, lambda path: path.symlink_to("nowhere")])
def test_a_token_that_cannot_be_made_is_told_by_its_name(tmp_path: Path, spoil: object) -> None:
    """Never by the name of a file that is nobody's."""
    assert callable(spoil)
    spoil(tmp_path / "token")
    with pytest.raises(OSError, match="name another file with --token-file") as caught:
        load_or_make(str(tmp_path / "token"), mode=0o600)
    assert caught.value.filename == str(tmp_path / "token")


def test_a_ready_file_without_a_folder_is_told_with_what_to_do(tmp_path: Path) -> None:
    """As the token's."""
    with pytest.raises(ValueError, match=r"aws/ready cannot be made: .* with --ready-file"):
        ReadyFile(str(tmp_path / "aws" / "ready"))


def test_a_token_in_a_place_that_takes_no_file_is_told_by_its_name() -> None:
    """Not even root makes a file there."""
    with pytest.raises(OSError, match="name another file with --token-file") as caught:
        load_or_make("/proc/self/fd/token", mode=0o600)
    assert caught.value.filename == "/proc/self/fd/token"
