"""The demo's temporary folder: logs, kubeconfigs, and what would be inside of pods."""

import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final, Self

PREFIX: Final = "rolesanywhere-demo-"
_KEPT: Final = frozenset({".log", ".yaml"})  # of a demo that failed; everything else may be secret


class Home:
    """A folder that goes with its context, or of which only the logs stay."""

    def __init__(self, parent: Path | None = None) -> None:
        """Make it, readable by its owner alone; ``parent`` is the system's place unless given."""
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        self._keeps_logs = False

    def keep_logs(self) -> Path:
        """Leave the logs behind at the end, for whoever looks for the reason of a failure."""
        self._keeps_logs = True
        return self.path

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._keeps_logs:
            strip(self.path)
        else:
            shutil.rmtree(self.path, ignore_errors=True)


def strip(folder: Path) -> None:
    """Remove everything but logs and descriptions: keys, tokens, kubeconfigs."""
    for path in sorted(folder.rglob("*"), reverse=True):  # what is inside of a folder comes first
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.suffix not in _KEPT:
            path.unlink()
