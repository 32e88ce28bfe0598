"""What makes a session of ``credential-process`` another one than the one that is kept."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rolesanywhere.cli.credential_process import _inputs
from rolesanywhere.cli.session_cache import SessionCache

VARIABLES = (
    "AWS_ENDPOINT_URL_ROLESANYWHERE",
    "AWS_ENDPOINT_URL",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
)
FILES = ("certificate", "private-key", "intermediates")


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Give flags whose files are there, in an environment that says nothing."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    paths = {name: tmp_path / name for name in FILES}
    for path in paths.values():
        path.write_text("PEM")
    return {"role-arn": "arn", **{name: str(path) for name, path in paths.items()}}


def name_of(given: dict[str, str]) -> str:
    """Give the file that a session with these flags is kept in."""
    return str(SessionCache(str(Path(given["certificate"]).parent), _inputs(given)).path)


def rewritten(path: Path) -> None:
    """Replace it, as rotations do: another inode, all else the same."""
    status = path.stat()
    aside = path.with_suffix(".new")
    aside.write_bytes(path.read_bytes())
    os.utime(aside, ns=(status.st_atime_ns, status.st_mtime_ns))
    aside.rename(path)


def touched(path: Path) -> None:
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))


def longer(path: Path) -> None:
    before = path.stat().st_mtime_ns
    path.write_bytes(path.read_bytes() + b"\n")
    os.utime(path, ns=(0, before))


def test_the_same_inputs_are_the_same_session(given: dict[str, str]) -> None:
    """In whatever order: else each run would ask AWS."""
    assert name_of(dict(reversed(given.items()))) == name_of(given)


@pytest.mark.parametrize("variable", VARIABLES)
def test_what_decides_whom_we_ask_makes_another_session(
    given: dict[str, str], monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """What one endpoint granted is not printed where another one is meant."""
    before = name_of(given)
    monkeypatch.setenv(variable, "other")
    assert name_of(given) != before


@pytest.mark.parametrize("change", [rewritten, touched, longer])
@pytest.mark.parametrize("file", FILES)
def test_another_file_makes_another_session(
    given: dict[str, str], file: str, change: Callable[[Path], None]
) -> None:
    """Whatever shows that it is not what it was, which may have been replaced for a reason."""
    before = name_of(given)
    change(Path(given[file]))
    assert name_of(given) != before
