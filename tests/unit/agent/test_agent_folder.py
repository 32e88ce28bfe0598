"""A mounted Secret: noticing and reading a generation."""

from pathlib import Path

import pytest

from rolesanywhere.agent.files import read_folder
from rolesanywhere.agent.identity import FOLDER_FILES as FILES
from rolesanywhere.agent.identity import FolderIdentity


def generation(root: Path, name: str, content: bytes) -> None:
    """Write a generation and swap ``..data`` to it, as the kubelet does."""
    folder = root / name
    folder.mkdir()
    for file in FILES:
        (folder / file).write_bytes(content)
        link = root / file
        if not link.is_symlink():
            link.symlink_to(Path("..data") / file)
    swap = root / "..data_tmp"
    swap.symlink_to(name)
    swap.rename(root / "..data")


def fingerprint(folder: str) -> object:
    return FolderIdentity("any", folder).fingerprint()


def test_a_swap_is_noticed(tmp_path: Path) -> None:
    """A new generation has another fingerprint, even with the same content."""
    generation(tmp_path, "..1", b"same")
    before = fingerprint(str(tmp_path))
    assert fingerprint(str(tmp_path)) == before
    generation(tmp_path, "..2", b"same")
    assert fingerprint(str(tmp_path)) != before


def test_all_files_are_of_the_present_generation(tmp_path: Path) -> None:
    """What ``..data`` points to is read, through symbolic links as the kubelet makes them."""
    generation(tmp_path, "..1", b"old")
    generation(tmp_path, "..2", b"new")
    assert read_folder(str(tmp_path)) == dict.fromkeys(FILES, b"new")


def test_generations_are_never_mixed(tmp_path: Path) -> None:
    """Links outside ``..data`` are not followed one by one: they could change in between."""
    generation(tmp_path, "..1", b"whole")
    (tmp_path / FILES[0]).unlink()
    (tmp_path / FILES[0]).write_bytes(b"stray")
    assert read_folder(str(tmp_path))[FILES[0]] == b"whole"


def test_a_plain_folder_will_do(tmp_path: Path) -> None:
    """Outside Kubernetes there is no ``..data``."""
    for name in FILES:
        (tmp_path / name).write_bytes(name.encode())
    assert read_folder(str(tmp_path)) == {name: name.encode() for name in FILES}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The error says which file is not there; its absence is a fingerprint too."""
    before = fingerprint(str(tmp_path))
    for name in FILES[:-1]:
        (tmp_path / name).write_bytes(b"")
    assert fingerprint(str(tmp_path)) != before
    with pytest.raises(FileNotFoundError) as caught:
        read_folder(str(tmp_path))
    assert caught.value.filename == FILES[-1]
