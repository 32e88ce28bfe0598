"""A key in memory is for nobody else."""

import subprocess
import sys

CODE = (
    "import ctypes; from rolesanywhere.cli.seclusion import seclude; "
    "dumpable = lambda: ctypes.CDLL(None).prctl(3, 0, 0, 0, 0); "
    "before = dumpable(); seclude(); print(before, dumpable())"
)


def test_the_process_becomes_undumpable() -> None:
    """Even where the kernel gives core dumps to a program, for which a limit does not count."""
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True
    )
    assert done.stdout == "1 0\n"
