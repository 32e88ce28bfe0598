"""What root writes for another user, that user could have written."""

import os
from pathlib import Path

import pytest
from tests.unit.agent.holding import grant
from tests.unit.cli.planted import SOMEBODY, needs_root

from rolesanywhere.agent.outlets import Outlet
from rolesanywhere.agent.owners import as_owner_of
from rolesanywhere.agent.process_files import ProcessFiles
from rolesanywhere.agent.shared_file import SharedFile

pytestmark = needs_root


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Give somebody's folder, on a way that is root's."""
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == 0 and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o011)
    folder = tmp_path / "home"
    folder.mkdir()
    os.chown(folder, SOMEBODY, SOMEBODY)
    return folder


def outlets(folder: Path) -> list[Outlet]:
    return [
        SharedFile(str(folder / "credentials"), {"default": "orders"}, mode=0o600),
        ProcessFiles(str(folder), ("orders",), mode=0o600),
    ]


@pytest.mark.parametrize(("number", "name"), [(0, "credentials"), (1, "orders.json")])
@pytest.mark.parametrize("is_folder", [False, True])
def test_a_link_of_another_user_leads_to_nothing_of_roots(
    tmp_path: Path, home: Path, number: int, name: str, *, is_folder: bool
) -> None:
    """Neither in the place of the file nor in that of its folder."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / name).write_text("root's own")
    (precious / name).chmod(0o600)
    link, target = (home / "aws", precious) if is_folder else (home / name, precious / name)
    link.symlink_to(target)
    os.chown(link, SOMEBODY, SOMEBODY, follow_symlinks=False)
    outlet = outlets(link if is_folder else home)[number]
    with pytest.raises(PermissionError):
        outlet.deliver({"orders": grant("orders")}, now=0.0)
    assert (precious / name).read_text() == "root's own"
    assert os.geteuid() == 0


@pytest.mark.parametrize(("number", "name"), [(0, "credentials"), (1, "orders.json")])
def test_what_is_made_there_is_that_users(home: Path, number: int, name: str) -> None:
    """It is for nobody else."""
    outlets(home)[number].deliver({"orders": grant("orders")}, now=0.0)
    made = (home / name).stat()
    assert (made.st_uid, made.st_mode & 0o777) == (SOMEBODY, 0o600)


def test_a_folders_group_opens_nothing_of_roots(tmp_path: Path, home: Path) -> None:
    """Whoever owns a folder need not be in its group: `install -o` leaves it root's."""
    os.chown(home, SOMEBODY, 0)
    precious = tmp_path / "precious"
    precious.write_text("root's own")
    precious.chmod(0o660)
    (home / "credentials").symlink_to(precious)
    os.chown(home / "credentials", SOMEBODY, SOMEBODY, follow_symlinks=False)
    with pytest.raises(PermissionError):
        outlets(home)[0].deliver({"orders": grant("orders")}, now=0.0)
    assert precious.read_text() == "root's own"


def test_root_is_root_again(tmp_path: Path, home: Path) -> None:
    """Whatever went wrong meanwhile; and where all is root's, it stays so."""
    before = os.geteuid(), os.getegid(), os.getgroups()
    meanwhile = []

    def fail() -> None:
        with as_owner_of(str(home / "file")):
            meanwhile.append((os.geteuid(), os.getegid(), os.getgroups()))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert meanwhile == [(SOMEBODY, 65534, [])]
    assert (os.geteuid(), os.getegid(), os.getgroups()) == before
    with as_owner_of(str(tmp_path / "file")):
        assert os.geteuid() == 0
