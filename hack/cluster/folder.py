"""What lies where in the folder of one control plane, and the record of its processes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hack.cluster.processes import ProcessIdentity

REPOSITORY: Final = Path(__file__).parents[2]
LOCAL: Final = REPOSITORY / ".local"
STATE: Final = LOCAL / "cluster"  # the plane of `make cluster-up`


@dataclass(frozen=True, slots=True)
class Command:
    """One program to run: a name for people and logs, and its command line."""

    name: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of one control plane."""

    path: Path

    @property
    def pki(self) -> Path:
        """Give the certificates and keys."""
        return self.path / "pki"

    @property
    def logs(self) -> Path:
        """Give the logs, one file per program."""
        return self.path / "log"

    @property
    def plan(self) -> Path:
        """Give the list of what the supervisor is to run."""
        return self.path / "plan.json"

    @property
    def record(self) -> Path:
        """Give the list of what the supervisor runs."""
        return self.path / "processes.json"

    def kubeconfig(self, user: str) -> Path:
        """Give the kubeconfig of ``admin``, ``controller`` or ``controller-manager``."""
        return self.path / f"{user}.kubeconfig"

    def write_plan(self, stages: Sequence[Sequence[Command]], *, temporary: bool) -> None:
        """Write the programs to start, stage by stage; a temporary folder goes with them."""
        document = {
            "stages": [[[each.name, *each.arguments] for each in stage] for stage in stages],
            "temporary": temporary,
        }
        self.plan.write_text(json.dumps(document, indent=1))

    def read_plan(self) -> tuple[list[list[Command]], bool]:
        """Read what ``write_plan`` wrote."""
        document = json.loads(self.plan.read_text())
        stages = [
            [Command(name, tuple(arguments)) for name, *arguments in stage]
            for stage in document["stages"]
        ]
        return stages, document["temporary"]

    def write_record(self, processes: Mapping[str, ProcessIdentity]) -> None:
        """Write which processes belong to this folder, in one step."""
        document = {name: [each.pid, each.started] for name, each in processes.items()}
        draft = self.record.with_suffix(".draft")
        draft.write_text(json.dumps(document))
        draft.replace(self.record)

    def running(self) -> dict[str, ProcessIdentity]:
        """Give the recorded processes that still run and are ours: same start, same folder."""
        if not self.record.exists():
            return {}
        document = json.loads(self.record.read_text())
        recorded = {
            name: ProcessIdentity(pid, started) for name, (pid, started) in document.items()
        }
        return {
            name: each
            for name, each in recorded.items()
            if each.is_running() and each.mentions(str(self.path))
        }
