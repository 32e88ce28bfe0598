"""What the parts of an agent are told when they are put together."""

from pathlib import Path

import pytest

from rolesanywhere.agent.options import parse
from rolesanywhere.agent.server import listen
from rolesanywhere.agent.wiring import Agent


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
