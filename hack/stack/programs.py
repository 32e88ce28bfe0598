"""The three programs, each started with what it needs."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from hack.stack.program import Program

REGION: Final = "ap-northeast-1"
ACCOUNT: Final = "123456789012"
_CONNECTED: Final = "cluster id"  # what the controller says when it has found its cluster
_TRUST_DOMAIN: Final = ("--trust-domain", "cluster.local")  # the same at each start, for readers
_ALONE: Final = "--no-leader-elect"  # one at a time here, and none waits for a killed one's lease


class EmulatorProcess(Program):
    """The AWS emulator. ``environment`` is what makes an SDK use it, as administrator."""

    def __init__(
        self, folder: Path, *arguments: str, region: str = REGION, account: str = ACCOUNT
    ) -> None:
        """Start it on a free port and wait until it listens."""
        words = ["--port", "0", "--output", "json", "--region", region, "--account", account]
        super().__init__(
            "emulator",
            ["rolesanywhere.emulator", *words, *arguments],
            log=folder / "emulator.log",
            environment={},
        )
        self.environment: dict[str, str] = json.loads(self.read_line())
        self.url = self.environment["AWS_ENDPOINT_URL"]


class ControllerProcess(Program):
    """The controller, under its own kubeconfig."""

    def __init__(
        self,
        folder: Path,
        kubeconfig: Path,
        aws: Mapping[str, str],
        arguments: Sequence[str] = (),
        *,
        until: str = _CONNECTED,
    ) -> None:
        """Start it and wait for ``until`` in its log: as a rule, that it has found its cluster.

        ``arguments`` win over those given here: with ``--leader-elect`` it is one of several.
        """
        log = folder / "controller.log"
        before = log.read_text(errors="replace").count(until) if log.exists() else 0
        super().__init__(
            "controller",
            [
                "rolesanywhere.controller",
                "--kubeconfig",
                str(kubeconfig),
                *_TRUST_DOMAIN,
                _ALONE,
                *arguments,
            ],
            log=log,
            environment=aws,
        )
        self.wait_for(lambda: log.read_text(errors="replace").count(until) > before)


class AgentProcess(Program):
    """The agent beside a workload. ``environment`` makes any SDK find its endpoint."""

    def __init__(
        self, folder: Path, identity: Path, environment: Mapping[str, str], *arguments: str
    ) -> None:
        """Start it for the Secret mounted at ``identity``; ``environment`` names the endpoint."""
        token = folder / f"{identity.name}.token"
        words = ["--identity-dir", str(identity), "--token-file", str(token), "--output", "json"]
        super().__init__(
            "agent",
            ["rolesanywhere.agent", *words, *arguments],
            log=folder / f"agent-{identity.name}.log",
            environment=environment,
        )
        self.environment: dict[str, str] = json.loads(self.read_line())
