"""``--keep``: everything runs on until Ctrl-C, and people are told how to play with it."""

import shlex
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from hack.cluster.errors import ClusterError
from hack.demo.pod import PROGRAM
from hack.demo.stage import Stage

_POLL_SECONDS: Final = 0.5
_SYNC_SECONDS: Final = 5.0  # the kubelet takes up to a minute


def instructions(stage: Stage) -> str:
    """Write the environments into files, and say what can be done with them."""
    administrator = {**stage.emulator.environment, "KUBECONFIG": str(stage.kubectl.kubeconfig)}
    lines = [
        "Nothing was deleted, and everything keeps running; Ctrl-C stops and removes it.",
        "In another terminal, from this folder:",
        "",
        "  # the administrator of cluster and AWS",
        f"  . {_write(stage.folder / 'administrator.env', administrator)}",
        "  .venv/bin/kubectl get aws --all-namespaces",
        "  .venv/bin/kubectl describe workloadidentity report-reader --namespace shop",
        "  aws rolesanywhere list-trust-anchors        # AWS's command line, if you have it",
    ]
    if stage.pods:
        path = _write(stage.folder / "workload.env", stage.pods[0].environment)
        lines += [
            "",
            "  # a workload: all it knows is where its agent is",
            f"  ( . {path}",
            f"    .venv/bin/python {PROGRAM} )",
        ]
    return "\n".join([*lines, "", f"  # logs: {stage.folder}"])


def stay(stage: Stage) -> None:
    """Keep pods' Secrets in sync until Ctrl-C. Raises ``ProgramError`` if a program ends."""
    due = time.monotonic()
    with suppress(KeyboardInterrupt):
        while True:
            stage.require_running()
            if time.monotonic() >= due:
                _sync(stage)
                due = time.monotonic() + _SYNC_SECONDS
            time.sleep(_POLL_SECONDS)


def _sync(stage: Stage) -> None:
    for pod in stage.pods:
        with suppress(ClusterError):  # somebody deleted the Secret: the kubelet keeps the files too
            pod.secret.sync()


def _write(path: Path, environment: Mapping[str, str]) -> Path:
    path.touch(mode=0o600)
    lines = (f"export {name}={shlex.quote(value)}\n" for name, value in environment.items())
    path.write_text("".join(lines))
    return path
