"""Step 6: a program that knows nothing of all this finds its credentials."""

from collections.abc import Callable

from hack.demo import objects
from hack.demo.checks import certificates, roles, sessions
from hack.demo.pod import PROGRAM, Pod, Said
from hack.demo.stage import Stage, identity_of, wait_until_ready
from hack.demo.telling import Telling
from hack.demo.walkthroughs import PRIVATE_CA, Walkthrough, absolute


def tell(stage: Stage, telling: Telling) -> None:
    """Start the agent beside the program, and look at what the program may do."""
    stage.wait_until(telling, identity_of(PRIVATE_CA), "Ready")
    telling.note(
        "No pod runs here: the Secret is mounted as the kubelet does it, and the agent started "
        "beside the program as in a pod."
    )
    pod = stage.new_pod(PRIVATE_CA)
    wait_until_ready(pod, telling)
    telling.source("python", f"{PROGRAM}, the team's program", absolute(PROGRAM).read_text())
    telling.settings("its whole environment, beside PATH and HOME", pod.environment)
    _check(stage, telling, PRIVATE_CA, pod, run(telling, pod))


def check_once_more(stage: Stage, telling: Telling, walkthrough: Walkthrough, pod: Pod) -> None:
    """Wait for a pod's credentials and check them; the program's output is known by now."""
    wait_until_ready(pod, telling)
    _check(stage, telling, walkthrough, pod, run(telling, pod, shown=lambda _output: ""))


def run(telling: Telling, pod: Pod, *, shown: Callable[[str], str] = str) -> Said:
    """Run the program in a pod; ``shown`` makes what is shown of its output."""
    said = pod.run()
    telling.command(f"python {PROGRAM}", shown(said.output + said.complaint))
    return said


def _check(stage: Stage, telling: Telling, walkthrough: Walkthrough, pod: Pod, said: Said) -> None:
    identity = objects.read(stage.kubectl, identity_of(walkthrough))
    role = roles.find(stage.account, identity.uid)
    mounted = certificates.read((pod.secret.folder / "tls.crt").read_bytes())
    sessions.check(telling, said, role=role["RoleName"], serial=certificates.serial(mounted))
