"""The real kubectl, of the virtual environment, against one kubeconfig."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from hack.cluster.errors import ClusterError


@dataclass(frozen=True, slots=True)
class Kubectl:
    """``kubectl`` with a kubeconfig: text in, text out."""

    kubeconfig: Path

    def __call__(
        self, *arguments: str, stdin: str | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run ``kubectl ARGUMENTS``; ``stdin`` is what ``-f -`` reads.

        Raises ``ClusterError`` with kubectl's own words when it fails and ``check`` is set.
        """
        run = subprocess.run(
            [Path(sys.executable).parent / "kubectl", *arguments],
            input=stdin if stdin is not None else "",
            env=os.environ | self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if check and run.returncode != 0:
            message = f"`kubectl {' '.join(arguments)}` failed: {run.stderr.strip()}"
            raise ClusterError(message)
        return run

    def _environment(self) -> dict[str, str]:
        # The cache is by host and port, and a port may have been another plane's.
        return {
            "KUBECONFIG": str(self.kubeconfig),
            "KUBECACHEDIR": str(self.kubeconfig.parent / "kubectl-cache"),
        }
