"""Keeping a process's memory to itself (Linux's prctl(2)): it holds credentials, or a key.

Knows no cryptography: the agent's server, which must not, secludes itself too.
"""

import ctypes
import resource
import signal
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4


def seclude(*, dies_with_parent: bool) -> None:
    """No core dump, no debugger of the same user; where asked, no life after the parent process.

    The limit alone would not do: the kernel ignores it where core dumps go to a program.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        if dies_with_parent:
            prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
