"""What the parts of an agent are told when they are put together."""

import configparser
from pathlib import Path

import pytest
from tests.unit.agent.holding import grant

from rolesanywhere.agent.options import parse
from rolesanywhere.agent.server import listen
from rolesanywhere.agent.wiring import Agent, _outlets


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("--listen", "--listen"),
        ("--imds-listen", "--imds-listen (for `serve`: --port)"),
        ("--admin-listen", "--admin-listen"),
    ],
)
def test_a_taken_address_is_told_by_its_option(tmp_path: Path, option: str, told: str) -> None:
    """The one that people are to change."""
    others = [] if option == "--listen" else ["--no-endpoint"]
    with listen("127.0.0.1", 0) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        options = parse([*others, option, address, "--token-file", str(tmp_path / "token")])
        with pytest.raises(ValueError, match="give another port") as caught:
            Agent(options, "")
    assert str(caught.value).startswith(f"the address {address} of {told} cannot be opened: ")


def test_once_needs_the_folder_of_the_credentials_file(tmp_path: Path) -> None:
    """Nobody makes it while an init container waits; an agent that goes on may see it yet."""
    path = tmp_path / "aws" / "credentials"
    words = ("--no-endpoint", "--credentials-file", str(path))
    with pytest.raises(ValueError, match="folder") as caught:
        Agent(parse([*words, "--once"]), "")
    assert str(caught.value) == (
        f"the folder of the credentials file {path} is not there: "
        "make it, or name another file with --credentials-file"
    )
    Agent(parse(words), "")


@pytest.mark.parametrize(
    ("words", "profiles"),
    [
        (
            "--identity-dir orders=/o --identity-dir audit=/a",
            {"default": "orders", "orders": "orders", "audit": "audit"},
        ),
        (
            "--identity-dir orders=/o --identity-dir default=/d",
            {"default": "default", "orders": "orders"},
        ),
        (
            "--identity-dir orders=/o --identity-dir audit=/a --profile mine",
            {"mine": "orders"},
        ),
    ],
)
def test_which_profiles_there_are(tmp_path: Path, words: str, profiles: dict[str, str]) -> None:
    """``default`` is the first identity's, unless one is named so; or a named one is all."""
    path = tmp_path / "credentials"
    (outlet,) = _outlets(parse([*words.split(), "--credentials-file", str(path)]))
    outlet.deliver({name: grant(name) for name in ("orders", "audit", "default")}, now=0.0)
    found = configparser.RawConfigParser(default_section="")
    found.read(path)
    keys = {name: found[name]["aws_access_key_id"] for name in found.sections()}
    assert keys == profiles
