"""The file a startup probe looks for.

It exists while every identity has valid credentials and every file is written.
"""

import os

from rolesanywhere.agent import atomic_file


class ReadyFile:
    """Makes and removes the file; None for a path: there is none to keep."""

    def __init__(self, path: str | None) -> None:
        """Remove what an earlier run left behind. Raises ``ValueError`` for a useless path."""
        if path is not None and not os.access(os.path.dirname(path) or ".", os.W_OK):  # noqa: PTH120 - pathlib costs the server memory
            place = f"the ready file {path} cannot be made: its folder is not there or read-only"
            message = f"{place}; make it, or name another file with --ready-file"
            raise ValueError(message)
        self.path = path
        self._ready = True
        self.show(ready=False)

    def show(self, *, ready: bool) -> None:
        """Make the file be there, or not. Raises ``OSError`` where the path cannot be written."""
        if self.path is None or ready == self._ready:
            return
        if ready:
            with open(self.path, "wb"):  # noqa: PTH123 - as above
                pass
        else:
            atomic_file.remove(self.path)
        self._ready = ready

    def lost(self) -> str | None:
        """Give its path if somebody removed or made it meanwhile; ``show`` then puts that right."""
        if self.path is None or os.path.exists(self.path) == self._ready:  # noqa: PTH110 - as above
            return None
        self._ready = not self._ready
        return self.path
