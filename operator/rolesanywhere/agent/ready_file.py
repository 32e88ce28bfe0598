"""A file that exists while the agent has credentials to give: what a startup probe looks for."""

import os

from rolesanywhere.agent import atomic_file


class ReadyFile:
    """Makes and removes the file; None for a path: there is none to keep."""

    def __init__(self, path: str | None) -> None:
        """Remove what an earlier run left behind. Raises ``ValueError`` for a useless path."""
        if path is not None and not os.access(os.path.dirname(path) or ".", os.W_OK):  # noqa: PTH120 - pathlib costs the server memory
            message = f"the ready file {path} cannot be made: its folder is not there or read-only"
            raise ValueError(message)
        self._path = path
        self._ready = True
        self.show(ready=False)

    def show(self, *, ready: bool) -> None:
        """Make the file be there, or not. Raises ``OSError`` where the path cannot be written."""
        if self._path is None or ready == self._ready:
            return
        if ready:
            with open(self._path, "wb"):  # noqa: PTH123 - as above
                pass
        else:
            atomic_file.remove(self._path)
        self._ready = ready
