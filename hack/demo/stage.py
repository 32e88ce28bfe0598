"""What the story happens on: a cluster, an AWS, the operator, and pods as they come."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hack.cluster.errors import ClusterError
from hack.cluster.kubectl import Kubectl
from hack.demo import objects
from hack.demo.account import Account
from hack.demo.cluster import Cluster
from hack.demo.objects import WAIT_SECONDS, Object, Reference
from hack.demo.pod import Pod
from hack.demo.telling import Telling
from hack.demo.walkthroughs import NAMESPACE, Walkthrough, absolute
from hack.stack.programs import ControllerProcess, EmulatorProcess

_PAUSE_SECONDS: Final = 2  # at most, between two looks at what an object says


@dataclass(slots=True)
class Stage:
    """Everything a step may use. ``held`` ends with the demo, in reverse order."""

    folder: Path
    cluster: Cluster
    emulator: EmulatorProcess
    controller: ControllerProcess
    account: Account
    held: ExitStack
    pods: list[Pod] = field(default_factory=list)

    @property
    def kubectl(self) -> Kubectl:
        """Give the administrator's kubectl."""
        return self.cluster.kubectl

    def require_running(self) -> None:
        """Raise ``ProgramError`` with the end of its log if a program has ended."""
        for program in (self.emulator, self.controller):
            if not program.is_running:
                raise program.failed()

    def apply(self, telling: Telling, path: Path) -> None:
        """Apply a manifest or a folder of them, given from the repository's root."""
        answer = self.kubectl("apply", f"--filename={absolute(path)}")
        telling.command(f"kubectl apply -f {path}", answer.stdout)

    def wait_until(self, telling: Telling, reference: Reference, condition: str) -> Object:
        """Wait until an object's condition holds, tell it, and give the object.

        Raises ``ExpectationError`` with what the condition said last.
        """
        seen: list[Object] = []

        def missing() -> Iterator[str]:
            self.require_running()
            seen[:] = [objects.read(self.kubectl, reference)]
            if not seen[0].has(condition):
                yield seen[0].words(condition)

        def pause() -> None:
            wanted = (f"--for=condition={condition}", f"--timeout={_PAUSE_SECONDS}s")
            self.kubectl("wait", *reference.words, *wanted, check=False)

        with telling.waiting(str(reference)) as words:
            objects.wait_for(missing, f"{reference} to have {condition}", words, pause=pause)
        telling.look(f"kubectl get {' '.join(reference.words)} -o yaml")
        telling.fact(condition, seen[0].condition(condition)["message"])
        return seen[0]

    def new_pod(self, walkthrough: Walkthrough) -> Pod:
        """Start one more pod of a walkthrough's ServiceAccount."""
        identity = objects.read(self.kubectl, identity_of(walkthrough))
        name = f"{walkthrough.service_account}-{len(self.pods) + 1}"
        pod = Pod.start(
            self.folder / name,
            self.kubectl,
            NAMESPACE,
            identity.status["secretName"],
            self.emulator.environment,
        )
        self.pods.append(self.held.enter_context(pod))
        return pod

    @contextmanager
    def operator_paused(self) -> Iterator[None]:
        """Let the operator stand still for a while, so that it repairs nothing meanwhile."""
        self.controller.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.controller.process.send_signal(signal.SIGCONT)

    def describe(self) -> None:
        """Write down what the cluster holds, for whoever looks for the reason of a failure."""
        for name, what in (("objects", objects.KINDS), ("events", "events")):
            words = ("get", what, "--all-namespaces", "--output=yaml")
            try:
                text = self.kubectl(*words, check=False).stdout
            except (ClusterError, OSError) as error:
                text = f"# {error}\n"
            (self.folder / f"{name}.yaml").write_text(text)


def anchor_of(walkthrough: Walkthrough) -> Reference:
    """Give the walkthrough's TrustAnchor."""
    return Reference("TrustAnchor", walkthrough.anchor)


def profile_of(walkthrough: Walkthrough) -> Reference:
    """Give the walkthrough's Profile."""
    return Reference("Profile", walkthrough.profile)


def identity_of(walkthrough: Walkthrough) -> Reference:
    """Give the walkthrough's WorkloadIdentity."""
    return Reference("WorkloadIdentity", walkthrough.identity, NAMESPACE)


def wait_until_ready(pod: Pod, telling: Telling, *, seconds: float = WAIT_SECONDS) -> None:
    """Wait until a pod's agent has credentials. Raises ``ExpectationError`` with its last words."""

    def missing() -> Iterator[str]:
        if not pod.agent.is_running:
            raise pod.agent.failed()
        if not pod.is_ready:
            yield pod.refusal() or "it has none yet"

    with telling.waiting("the agent's credentials") as words:
        objects.wait_for(missing, "the agent to have credentials", words, seconds=seconds)
