"""What the containers of one pod would be: its Secret, the agent, and the team's program.

No pod runs here. The Secret is laid out as the kubelet does it, the agent started as in a pod.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from hack.cluster.folder import REPOSITORY
from hack.cluster.kubectl import Kubectl
from hack.stack.mounted_secret import MountedSecret
from hack.stack.programs import AgentProcess

PROGRAM: Final = Path("hack/demo/monthly_report.py")  # from the repository's root
BUCKET: Final = "reports"  # what the program reads
KEY: Final = "november.csv"
CONTENT: Final = "orders=1204"
_PROGRAM_SECONDS: Final = 60.0
_READY: Final = "ready"
_IDENTITY: Final = "identity"
REFUSED: Final = "refresh-failed"  # the agent's word in its log


@dataclass(frozen=True, slots=True)
class Said:
    """What the team's program printed: its lines, and how it ended."""

    output: str
    complaint: str
    status: int

    def about(self, call: str) -> str:
        """Give what it said of one call; nothing if it never came to it."""
        lines = (line.partition(": ") for line in self.output.splitlines())
        return next((words for name, _, words in lines if name == call), "")


class Pod:
    """One pod of a ServiceAccount, as far as it matters here."""

    def __init__(self, folder: Path, secret: MountedSecret, aws: Mapping[str, str]) -> None:
        """Start the agent for a Secret mounted in ``folder``; ``aws`` is where AWS is."""
        self.secret = secret
        self.environment: dict[str, str] = {}
        self._folder = folder
        self._ready = folder / _READY
        self.agent = AgentProcess(folder, secret.folder, {}, "--ready-file", str(self._ready))
        self.environment = {
            **self.agent.environment,
            "AWS_ENDPOINT_URL": aws["AWS_ENDPOINT_URL"],
            "AWS_DEFAULT_REGION": aws["AWS_REGION"],
        }

    @classmethod
    def start(
        cls,
        folder: Path,
        kubectl: Kubectl,
        namespace: str,
        secret_name: str,
        aws: Mapping[str, str],
    ) -> Self:
        """Mount the identity's Secret in a new folder and start the agent beside it."""
        folder.mkdir(parents=True)
        mounted = MountedSecret(kubectl, namespace, secret_name, folder / _IDENTITY)
        return cls(folder, mounted, aws)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.agent.stop()

    @property
    def is_ready(self) -> bool:
        """Tell whether the agent has credentials, as the pod's startup probe asks."""
        return self._ready.exists()

    def refusal(self) -> str:
        """Give why the agent has no credentials, by its log; nothing if it does not say so."""
        lines = [json.loads(line) for line in self.agent.log.read_text().splitlines()]
        refused = (line for line in reversed(lines) if line["event"] == REFUSED)
        return next((f"{line['reason']}: {line['message']}" for line in refused), "")

    def run(self) -> Said:
        """Run the team's program with what a container has, and nothing of this machine's."""
        run = subprocess.run(
            [sys.executable, REPOSITORY / PROGRAM],
            env={"PATH": os.environ["PATH"], "HOME": str(self._folder), **self.environment},
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PROGRAM_SECONDS,
        )
        return Said(run.stdout, run.stderr, run.returncode)
