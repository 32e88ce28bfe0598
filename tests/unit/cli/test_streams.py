"""What is said where nobody may be listening."""

import os
import subprocess
import sys

import pytest

ANSWER = "import sys; from rolesanywhere.cli.streams import put, say; "
SAYS = f"{ANSWER}say('beside it'); obstacle = put('answer'); say(str(obstacle)); sys.exit(7)"


def run(redirection: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - a shell, for what only it can close
        ["/bin/sh", "-c", f'exec "$0" -c "$1" {redirection}', sys.executable, SAYS],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", "2</dev/null"])
def test_an_answer_needs_no_standard_error(redirection: str) -> None:
    """Closed, full or not for writing: what is said beside the answer is lost, and nothing else."""
    done = run(redirection)
    assert (done.returncode, done.stdout) == (7, "answer")


@pytest.mark.parametrize(
    ("redirection", "words"),
    [
        (">&-", "standard output is closed"),
        (">/dev/full", "standard output cannot be written: No space left on device"),
    ],
)
def test_an_answer_that_cannot_be_printed_is_told(redirection: str, words: str) -> None:
    """In a line, without a traceback, and once."""
    done = run(redirection)
    assert (done.returncode, done.stderr) == (7, f"beside it\n{words}\n")
