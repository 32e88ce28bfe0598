"""A key in memory is for nobody else."""

import subprocess
import sys

CODE = (
    "import ctypes; from rolesanywhere.pki.seclusion import seclude; "
    "dumpable = lambda: ctypes.CDLL(None).prctl(3, 0, 0, 0, 0); "
    "before = dumpable(); seclude(dies_with_parent=False); print(before, dumpable())"
)


def test_the_process_becomes_undumpable() -> None:
    """Neither by a core dump, which may go to a program, nor by a debugger of the same user."""
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True
    )
    assert done.stdout == "1 0\n"
