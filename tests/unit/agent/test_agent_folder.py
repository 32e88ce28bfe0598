"""A mounted Secret, or files of any origin: noticing and reading a generation."""

from pathlib import Path

import pytest

from rolesanywhere.agent.files import PASSWORD, read_each, read_folder
from rolesanywhere.agent.identity import FOLDER_FILES as FILES
from rolesanywhere.agent.identity import FilesIdentity, FolderIdentity
from rolesanywhere.api.names import TLS_CRT, TLS_KEY

SINGLE = ("leaf.pem", "key.pem", "chain.pem", "password")


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


def single_files(folder: Path) -> FilesIdentity:
    """Write an identity's files, each holding its own name."""
    for name in SINGLE:
        (folder / name).write_bytes(name.encode())
    leaf, key, chain, password = (str(folder / name) for name in SINGLE)
    return FilesIdentity("any", leaf, key, chain, None, password, {})


@pytest.mark.parametrize("name", SINGLE)
def test_each_of_several_files_is_watched(tmp_path: Path, name: str) -> None:
    """Whichever is mended, AWS is asked again at once."""
    identity = single_files(tmp_path)
    before = identity.fingerprint()
    assert identity.fingerprint() == before
    (tmp_path / name).write_bytes(b"mended")
    assert identity.fingerprint() != before


def test_a_file_with_certificate_and_key_is_read_once(tmp_path: Path) -> None:
    """Read again for the key, it might be another generation's by then."""
    identity = single_files(tmp_path)
    assert read_each(identity.task())[TLS_KEY] == b"key.pem"
    found = read_each(identity._replace(private_key=identity.certificate).task())
    assert (found[TLS_CRT], TLS_KEY in found) == (b"leaf.pem", False)


@pytest.mark.parametrize(
    ("content", "password"),
    [
        (b"open sesame", b"open sesame"),
        (b"open sesame\n", b"open sesame"),
        (b"open sesame\r\n", b"open sesame"),
        (b" open sesame ", b" open sesame "),
    ],
)
def test_a_password_file_may_end_its_line(tmp_path: Path, content: bytes, password: bytes) -> None:
    """As editors do, on every system; blanks may be a password's."""
    identity = single_files(tmp_path)
    (tmp_path / "password").write_bytes(content)
    assert read_each(identity.task())[PASSWORD] == password
