"""What the exchange says of files that it cannot read."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from rolesanywhere.agent.exchange import exchange
from rolesanywhere.agent.launch import write_task
from rolesanywhere.agent.report import Failure, read


def words_for(folder: Path) -> str:
    report = exchange(write_task({"folder": f"{folder}/"}, {}), now=partial(datetime.now, UTC))
    said = read(report, clock=0.0)
    assert isinstance(said, Failure)
    assert said.reason == "Pending"
    return said.message


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere", "{}/nowhere cannot be read: No such file or directory; "),
        ("", "tls.key cannot be read: No such file or directory, in {}/; "),
    ],
)
def test_what_is_not_there_is_named_once(tmp_path: Path, name: str, words: str) -> None:
    """A folder, or a file in it."""
    message = f"{words.format(tmp_path)}is the Secret mounted there?"
    assert words_for(tmp_path / name) == message
