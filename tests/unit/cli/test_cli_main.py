"""The command people type."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest


def rolesanywhere(*arguments: str) -> subprocess.CompletedProcess[str]:
    call = "from rolesanywhere.cli.main import main; main()"
    return subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", call, *arguments], capture_output=True, text=True, check=False
    )


def test_version_is_the_distribution() -> None:
    """One number for all programs."""
    done = rolesanywhere("--version")
    assert done.stdout == f"rolesanywhere {version('rolesanywhere-operator')}\n"


def test_help_has_programs_and_examples() -> None:
    """The first help anyone reads says what there is and how to go on."""
    done = rolesanywhere("--help")
    assert done.returncode == 0
    programs = ("agent", "controller", "emulator", "credential-process", "serve", "update")
    assert all(word in done.stdout for word in (*programs, "examples:"))


def test_options_behind_the_program_are_its_own() -> None:
    """``--help`` after a name is that program's help."""
    done = rolesanywhere("agent", "--help")
    assert done.returncode == 0
    assert "--identity-dir" in done.stdout


@pytest.mark.parametrize("arguments", [(), ("agnet",), ("--agent",)])
def test_a_wrong_command_shows_the_usage(arguments: tuple[str, ...]) -> None:
    """Status 2 and the list of programs."""
    done = rolesanywhere(*arguments)
    assert done.returncode == 2
    assert "usage: rolesanywhere" in done.stderr


def test_the_exit_status_is_the_programs() -> None:
    """The command becomes the program."""
    done = rolesanywhere("agent", "--listen", "0.0.0.0:1")
    assert done.returncode == 2
    assert "rolesanywhere agent: error" in done.stderr


def test_serve_and_update_become_the_agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their wrong options are found before that, the rest is the agent's to say."""
    monkeypatch.setenv("HOME", str(tmp_path))
    done = rolesanywhere("serve", "--certificate", "c")
    assert done.returncode == 2
    assert "rolesanywhere serve: missing: --trust-anchor-arn" in done.stderr
    arns = ("--trust-anchor-arn", "x", "--profile-arn", "x", "--role-arn", "x")
    done = rolesanywhere("update", "--certificate", "c", *arns)
    assert done.returncode == 2
    assert "rolesanywhere agent: error: 'x' is not the ARN of a trust anchor" in done.stderr
