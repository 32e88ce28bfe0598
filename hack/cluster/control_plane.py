"""A running control plane: what demo, tests and bench use of this package.

    with ControlPlane.start() as plane:
        plane.kubectl("get", "trustanchors")

It never outlives the process that started it, however that ends, unless it is detached.
"""

import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from hack.cluster import build, certificates, kubeconfig, leftovers, manifests
from hack.cluster.errors import ClusterError
from hack.cluster.folder import Folder
from hack.cluster.kubectl import Kubectl
from hack.cluster.launch import Launched, launch


class ControlPlane:
    """A control plane with our kinds and rights. Made by ``start`` or ``attach``."""

    def __init__(self, folder: Folder, url: str, launched: Launched | None) -> None:
        self.url = url
        self._folder = folder
        self._launched = launched

    @classmethod
    def start(cls, folder: Path | None = None) -> Self:
        """Start one in ``folder``, or in a temporary one that goes with it.

        What a crash left in the folder goes first; missing programs are built, which takes some
        minutes once. Raises ``ClusterError``; nothing is left running then.
        """
        if not sys.platform.startswith("linux"):
            message = "the local control plane runs on Linux only"
            raise ClusterError(message)
        binaries = build.ensure()
        home = _home(folder)
        launched = launch(binaries, home, temporary=folder is None)
        try:
            plane = cls(home, launched.url, launched)
            manifests.apply(plane.kubectl)
        except BaseException:  # Ctrl-C too
            launched.stop()
            raise
        return plane

    @classmethod
    def attach(cls, admin_kubeconfig: Path) -> Self:
        """Use one that runs already, by the kubeconfig that ``make cluster-up`` printed.

        ``stop`` leaves it running. Raises ``NotLocalError`` for any other cluster's kubeconfig.
        """
        path = kubeconfig.require_local(admin_kubeconfig.resolve())
        return cls(Folder(path.parent), kubeconfig.server(path), None)

    @property
    def admin_kubeconfig(self) -> Path:
        """Give the kubeconfig that may do everything."""
        return self._folder.kubeconfig(certificates.ADMIN)

    @property
    def controller_kubeconfig(self) -> Path:
        """Give the kubeconfig with the controller's rights and no more."""
        return self._folder.kubeconfig(certificates.CONTROLLER)

    @property
    def kubectl(self) -> Kubectl:
        """Give kubectl with the administrator's rights."""
        return Kubectl(self.admin_kubeconfig)

    @property
    def processes(self) -> dict[str, int]:
        """Give the pids of the running programs by name, the supervisor's too."""
        return {name: each.pid for name, each in self._folder.running().items()}

    def detach(self) -> None:
        """Let it run on when this process ends; ``python -m hack.cluster down`` stops it."""
        if self._launched:
            self._launched.detach()

    def stop(self) -> None:
        """Stop it and wait until it has; one only attached to runs on."""
        if self._launched:
            self._launched.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _home(folder: Path | None) -> Folder:
    """Give an empty folder for a new plane. Raises ``ClusterError`` if one runs there."""
    leftovers.sweep()
    if folder is None:
        return Folder(Path(tempfile.mkdtemp(prefix=leftovers.TEMPORARY_PREFIX)))
    home = Folder(folder.resolve())
    if "supervisor" in home.running():
        message = f"a control plane runs in {home.path} already; stop it by `make cluster-down`"
        raise ClusterError(message)
    leftovers.stop(home)
    return home
