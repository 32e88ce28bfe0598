"""Keeping a key in this process's memory (Linux's prctl(2)); the agent has the same for itself."""

import ctypes
import resource
from typing import Final

_PR_SET_DUMPABLE: Final = 4


def seclude() -> None:
    """No core dump, no debugger of the same user.

    The limit alone would not do: the kernel ignores it where core dumps go to a program.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
