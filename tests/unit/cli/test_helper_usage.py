"""The help of the Go helper's commands, as people see it."""

import re
from pathlib import Path

import pytest

from rolesanywhere.cli.agent_commands import translate
from rolesanywhere.cli.credential_process import run
from rolesanywhere.cli.helper_flags import SWITCHES, TEXTS
from rolesanywhere.cli.main import COMMANDS, main

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "agent.md").read_text()


def help_of(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    if command == "credential-process":
        assert run(["--help"]) == 0
    else:
        with pytest.raises(SystemExit) as caught:
            translate(command, ["--help"])
        assert caught.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_help_tells_enough_to_go_on(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What it is for, every flag with words, an example to copy, and how it ends."""
    told = help_of(command, capsys)
    heads = re.findall(r"^([a-z]+[^:\n]*):", told, re.MULTILINE)
    assert heads == ["usage", "flags, as aws_signing_helper has them", "example", "exit statuses"]
    purpose = told.split("\n\n")[1]
    assert re.fullmatch(r"[A-Z].+\.", purpose, re.DOTALL)
    for name in (*TEXTS, *SWITCHES):
        assert re.search(rf"^  --{name} .*\w  +\w|^  --{name}  +\w", told, re.MULTILINE), name
    for flag in re.findall(r"--[a-z-]+", told.partition("\nexample:")[2].partition("\n\n")[0]):
        assert flag.removeprefix("--") in TEXTS


@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_a_terminal(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No line is longer than a hundred columns, none ends in blanks."""
    for line in help_of(command, capsys).splitlines():
        assert len(line) <= 100
        assert line == line.rstrip()


@pytest.mark.parametrize("command", COMMANDS)
def test_exit_statuses_are_the_references(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A script finds them in either place."""
    table = PAGE.partition("\n## Exit statuses\n")[2]
    rows = re.findall(r"^\| ([0-9, ]+) \|", table, re.MULTILINE)
    documented = {status for row in rows for status in row.split(", ")}
    told = help_of(command, capsys).partition("\nexit statuses:\n")[2]
    lefts = re.findall(r"^  ([0-9][0-9, ]*?)  ", told, re.MULTILINE)
    statuses = {status for left in lefts for status in left.split(", ")}
    assert {"0", "1", "2"} <= statuses <= documented


def test_whoever_names_no_program_is_told_of_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    """And what programs there are."""
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2
    told = capsys.readouterr().err
    assert "error: name one of the programs above; `rolesanywhere --help` tells of each" in told
    assert all(name in told for name in COMMANDS)
