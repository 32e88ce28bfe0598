"""Stopping a plane that this process did not start, and clearing away what a crash left."""

import shutil
import signal
import tempfile
import time
from pathlib import Path
from typing import Final

from hack.cluster.errors import ClusterError
from hack.cluster.folder import Folder

STOP_SECONDS: Final = 20.0  # more than the supervisor's grace for each of its programs together
TEMPORARY_PREFIX: Final = "rolesanywhere-cluster-"
_YOUNG_SECONDS: Final = 60.0  # a temporary folder of this age may be one in the making
_KILLED_SECONDS: Final = 5.0


def stop(folder: Folder) -> bool:
    """Stop exactly the processes recorded in the folder, remove it; tell whether any ran."""
    running = folder.running()
    supervisor = running.get("supervisor")
    if supervisor:
        supervisor.send(signal.SIGTERM)
        supervisor.wait(STOP_SECONDS)
    for name, process in folder.running().items():  # without, or in spite of, its supervisor
        process.send(signal.SIGKILL)
        if not process.wait(_KILLED_SECONDS):
            message = f"{name} (process {process.pid}) does not end; see {folder.logs}"
            raise ClusterError(message)
    clear(folder)
    return bool(running)


def clear(folder: Folder) -> None:
    """Remove a plane's folder. Raises ``ClusterError`` when it is something else's."""
    if not folder.path.exists():
        return
    if any(folder.path.iterdir()) and not folder.plan.exists():
        message = f"{folder.path} is not empty and no control plane's; choose another folder"
        raise ClusterError(message)
    shutil.rmtree(folder.path)


def sweep() -> None:
    """Remove temporary folders whose plane was killed together with its supervisor."""
    for path in Path(tempfile.gettempdir()).glob(f"{TEMPORARY_PREFIX}*"):
        folder = Folder(path)
        try:
            if time.time() - path.stat().st_mtime > _YOUNG_SECONDS and not folder.running():
                clear(folder)
        except OSError:  # another user's, or swept by another start at this moment
            continue
