"""The reference page says what the programs say."""

import json
import re
from pathlib import Path

import pytest

from rolesanywhere.agent import launch
from rolesanywhere.agent.launch import exchange_environment, write_task
from rolesanywhere.agent.options import parse
from rolesanywhere.cli.helper_flags import SWITCHES, TEXTS

AGENT = Path(launch.__file__).parent
PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "agent.md").read_text()


def test_every_option_is_described(capsys: pytest.CaptureFixture[str]) -> None:
    """And none that is not there."""
    with pytest.raises(SystemExit):
        parse(["--help"])
    known = set(re.findall(r"--[a-z][a-z0-9-]+", capsys.readouterr().out)) - {"--help"}
    tables = "\n".join(line for line in PAGE.splitlines() if line.startswith("| `--"))
    described = {
        option
        for line in tables.splitlines()
        for option in re.findall(r"`(--[a-z0-9-]+)", line.split(" | ")[0])
    }
    assert described == known


def test_every_variable_reaches_the_exchange() -> None:
    """With its task, where nobody else reads it."""
    lines = chapter("Environment").splitlines()
    rows = [line.split("|")[1] for line in lines if line.startswith("| `")]
    environment = {name: "x" for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert environment
    assert json.loads(write_task({}, environment))["network"] == environment
    assert exchange_environment(environment) == {}


def test_every_flag_of_the_helper_is_described() -> None:
    """The commands' common flags are the agent's options, or stand in the last chapter."""
    for name in (*TEXTS, *SWITCHES):
        assert f"`--{name}" in PAGE


def test_every_metric_is_described() -> None:
    """And none that is not there."""
    described = re.findall(r"^\| `([a-z_]+)` \|", chapter("Operation"), re.MULTILINE)
    assert sorted(described) == sorted(written(r'Family\(\s*"([a-z_]+)"'))


def test_every_event_of_the_log_is_described() -> None:
    """And none that is not there."""
    sentences = chapter("Operation").partition("The log is")[2].partition("\n\n")[0]
    described = re.findall(r"`([a-z]+(?:-[a-z]+)*)`", sentences)
    call, choice = r"journal\.(?:info|warning)\((?:event or|\s*)", "found == before else"
    assert sorted(described) == sorted(written(rf'(?:{call}|{choice}) ?"([a-z-]+)"'))


def chapter(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def written(pattern: str) -> set[str]:
    """Give what the agent's modules have where the pattern says."""
    texts = "".join(path.read_text() for path in AGENT.glob("*.py"))
    return set(re.findall(pattern, texts))
