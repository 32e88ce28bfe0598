"""A bound on what knows none."""

import subprocess
import sys

import pytest

from rolesanywhere.cli.deadline import within

# what is registered with atexit stands for OpenSSL's own end, which a thread must not see
PROGRAM = """
import atexit, ctypes, sys
from rolesanywhere.cli.deadline import leave, within
atexit.register(print, "an ordinary end")
libc = ctypes.CDLL(None)
try:
    print(within({seconds}, lambda: {work}), flush=True)
except TimeoutError as error:
    print(error, flush=True)
sys.exit(leave(4))
"""


def test_work_in_time_is_as_if_it_were_done_here() -> None:
    """Its result, or its error."""
    assert within(60, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(60, lambda: 1 // 0)


@pytest.mark.parametrize(
    ("seconds", "work", "said"),
    [
        (60, "7", "7\nan ordinary end\n"),
        (0.05, "libc.sleep(600)", "not done within 0 seconds\n"),
    ],
    ids=["in time", "stuck"],
)
def test_a_process_ends_at_once_only_if_its_thread_does_not(
    seconds: float, work: str, said: str
) -> None:
    """A thread in a C library's call, as name resolution is, holds up nobody.

    What is cleaned up at an ordinary end may be in that thread's use; nothing else is lost.
    """
    call = PROGRAM.format(seconds=seconds, work=work)
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", call],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (4, said, "")
