"""A bound on what knows none."""

import subprocess
import sys
import time

import pytest

from rolesanywhere.cli.deadline import leave, within

STUCK = """
import ctypes, sys
from rolesanywhere.cli.deadline import leave, within
libc = ctypes.CDLL(None)
try:
    within(0.05, lambda: libc.sleep(30))
except TimeoutError as error:
    print(error)
sys.exit(leave(4))
"""


def test_work_in_time_is_as_if_it_were_done_here() -> None:
    """Its result, or its error."""
    assert within(5, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 // 0)
    assert leave(3) == 3


def test_the_process_ends_though_its_thread_does_not() -> None:
    """A thread in a C library's call, as name resolution is, holds up nobody."""
    start = time.monotonic()
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", STUCK], capture_output=True, text=True, check=False, timeout=20
    )
    assert time.monotonic() - start < 15
    assert (done.returncode, done.stdout) == (4, "not done within 0 seconds\n")
    assert done.stderr == ""
